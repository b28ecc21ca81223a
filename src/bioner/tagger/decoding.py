"""Copy-constrained, draft-verified decoding of tagged lines, all lines of many windows at once.

The only free choices are the symbols at word boundaries, so that every line parses and holds no word that the source
lacks. The source itself is the draft: one pass reads some words ahead, and they are accepted up to the first
boundary at which the model prefers a symbol. The result is that of greedy decoding, one item at a time. A window that
is finished makes room for the next at once, so that no pass waits for the longest line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from bioner.tagger.cursor import Cursor
from bioner.tagger.drafts import Source
from bioner.tagger.lines import Line
from bioner.tagger.network import Network
from bioner.tagger.packed import Rows, Slots
from bioner.tagger.pieces import Tokens
from bioner.tagger.prompts import Prompt, Prompts
from bioner.tagger.sampling import Sampling
from bioner.tagger.stepping import Group, Stepper, Window
from bioner.tagger.symbols import END

_AHEAD = 4  # times the windows in work, of which the finished ones may wait for a slower one before them


@dataclass(frozen=True, slots=True)
class Request:
    """One window, the prompt around it, and the headers of the lines that are asked for."""

    prompt: Prompt
    words: Sequence[Tokens]
    headers: Sequence[Tokens]


class Decoder:
    """Writes the lines of windows.

    Args:
        network: has to use the tagger's adapter whenever lines are asked for.
        sampling: how lines are sampled; by default each is the one of greedy decoding.
        ahead: words that a draft reads ahead; by default as many as pay. It changes the time, not the result: with 0,
            decoding is step by step.
        opening_bias: how much rather a mention is opened; see `Stepper`.
    """

    def __init__(
        self,
        network: Network,
        prompts: Prompts,
        sampling: Sampling | None = None,
        ahead: int | None = None,
        opening_bias: float = 0.0,
    ) -> None:
        self._symbols = prompts.pieces.symbols
        self._sampling = sampling
        self._stepper = Stepper(network, self._symbols, ahead, opening_bias)
        self._memory = self._stepper.memory
        self._instructions: dict[Tokens, Slots] = {}

    def decode(self, requests: Sequence[Request]) -> list[Group]:
        """The lines of some windows, all at once."""
        return list(self.stream(requests, max(1, len(requests))))

    def stream(self, requests: Iterable[Request], batch_size: int) -> Generator[Group, None, None]:
        """The lines of windows in their order, at most `batch_size` windows at a time in work."""
        source, taken, working = iter(requests), deque[Window](), list[Window]()
        try:
            while True:
                rows = Rows(self._memory)
                room = min(batch_size - len(working), _AHEAD * batch_size - len(taken))
                begun = [self._begin(request, rows) for request in islice(source, max(0, room))]
                taken.extend(begun)
                working += begun
                if not taken:
                    return
                self._stepper.step(working, rows)
                for window in (window for window in working if window.finished):
                    self._memory.release(window.slots)
                working = [window for window in working if not window.finished]
                while taken and taken[0].finished:
                    yield taken.popleft().group()
        finally:
            for window in working:
                self._memory.release(window.slots)

    def _begin(self, request: Request, rows: Rows) -> Window:
        """Read the source; a window without words or headers needs no reading."""
        source, before, slots = Source(request.words), Slots(), Slots()
        if request.words and request.headers:
            before = self._instruction(request.prompt, rows)
            slots = rows.add((*source.tokens, *request.prompt.after), before)
        lines = [[self._line(source, header, before + slots)] for header in request.headers]
        return Window(lines, list(slots))

    def _instruction(self, prompt: Prompt, rows: Rows) -> Slots:
        """What stands before every source: it is read once, and never forgotten."""
        if prompt.before not in self._instructions:
            self._instructions[prompt.before] = rows.add(prompt.before)
        return self._instructions[prompt.before]

    def _line(self, source: Source, header: Tokens, past: Slots) -> Line:
        line = Line(source, self._symbols, Cursor(len(source)), past, header)
        if self._sampling:
            line.copies = tuple(range(self._sampling.copies))
            line.chances = self._sampling.chances(source.tokens, header)
        if not len(source):
            line.items, line.probabilities = [END], [1.0]
        return line
