"""Copy-constrained, draft-verified decoding of tagged lines, all lines of many windows at once.

The only free choices are the symbols at word boundaries, so that every line parses and holds no word that the source
lacks. The source itself is the draft: one pass reads some words ahead, and they are accepted up to the first
boundary at which the model prefers a symbol. The result is that of greedy decoding, one item at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch

from bioner.tagger.cursor import CHOICES, Cursor
from bioner.tagger.losses import Choices
from bioner.tagger.network import Network
from bioner.tagger.packed import Memory, Rows, Slots
from bioner.tagger.pieces import Tokens
from bioner.tagger.prompts import Prompt, Prompts
from bioner.tagger.symbols import CLOSE, END, OPEN


@dataclass(frozen=True, slots=True)
class Draft:
    """How many words a pass reads ahead: few within a mention, which mostly is short, more outside."""

    inside: int = 4
    outside: int = 12


@dataclass(frozen=True, slots=True)
class Tagged:
    """A finished line.

    Attributes:
        items: see `bioner.tagger.symbols`.
        probabilities: of each item among those allowed; 1 where there was no choice, and for words.
    """

    items: tuple[int, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One window, the prompt around it, and the headers of the lines that are asked for."""

    prompt: Prompt
    words: Sequence[Tokens]
    headers: Sequence[Tokens]


@dataclass(frozen=True, slots=True)
class _Point:
    """A boundary at which the draft is put to the model: the token before it and the place in the line."""

    after: int
    cursor: Cursor


@dataclass(slots=True)
class _Line:
    """A line while it is written.

    Attributes:
        slots: the tokens of its sequence that are accepted and in memory.
        pending: an accepted symbol that is not in memory yet.
        row: slots of the tokens of the latest pass.
        points: the boundaries of the latest pass, in order.
    """

    words: Sequence[Tokens]
    cursor: Cursor
    slots: Slots = ()
    items: list[int] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)
    pending: int | None = None
    row: Slots = ()
    points: list[_Point] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        return bool(self.items) and self.items[-1] == END

    def write(self, item: int, probability: float) -> None:
        """Accept an item."""
        self.items.append(item)
        self.probabilities.append(probability)
        self.pending = item if item in (OPEN, CLOSE) else None
        if item != END:
            self.cursor = self.cursor.after(item)

    def next_token(self, cursor: Cursor) -> int:
        """The first token of the next word, or any if none is left."""
        return self.words[min(cursor.word, cursor.length - 1)][0]

    def accept(self, results: Sequence[tuple[int, float]]) -> None:
        """Take over the choices (index of `CHOICES`, probability) at the points, up to the first symbol."""
        for point, (which, probability) in zip(self.points, results, strict=True):
            while self.cursor.word < point.cursor.word:
                self.write(self.cursor.word, 1.0)
            accepted = point.after
            if which:
                self.write(CHOICES[which], probability)
                break
        self.slots += tuple(slot for slot in self.row if slot <= accepted)
        while not self.finished and self.cursor.word == self.cursor.length:  # needs no model: close all, and end
            self.write(CHOICES[self.cursor.allowed().index(True)], 1.0)


class Decoder:
    """Writes the lines of windows; the network has to use the tagger's adapter."""

    def __init__(self, network: Network, prompts: Prompts, draft: Draft = Draft()) -> None:
        """Read the instructions, once for all windows. `draft` changes the time, not the result."""
        self._network = network
        self._symbols = prompts.pieces.symbols
        self._draft = draft
        self._memory = Memory()
        rows = Rows(self._memory)
        self._before = {prompt.before: rows.add(prompt.before) for prompt in prompts.tagging.values()}
        network.states(rows.build(network.device))
        self._begun = self._memory.used

    def decode(self, requests: Sequence[Request]) -> list[list[Tagged]]:
        """The lines of each request, in the order of its headers."""
        groups = [[_Line(request.words, Cursor(len(request.words))) for _ in request.headers] for request in requests]
        rows = Rows(self._memory)
        for request, group in zip(requests, groups, strict=True):
            self._begin(request, group, rows)
        writing = [line for group in groups for line in group]
        while writing:
            self._advance(writing, rows)
            writing = [line for line in writing if not line.finished]
            rows = Rows(self._memory)
            for line in writing:
                _read_ahead(line, rows, self._symbols, self._draft)
        self._memory.rewind(self._begun)
        return [[Tagged(tuple(line.items), tuple(line.probabilities)) for line in group] for group in groups]

    def _begin(self, request: Request, group: Sequence[_Line], rows: Rows) -> None:
        """Read the source, and after it the header of each line."""
        source = [token for word in request.words for token in word]
        before = self._before[request.prompt.before]
        past = before + rows.add((*source, *request.prompt.after), before)
        for header, line in zip(request.headers, group, strict=True):
            line.slots, line.row = past, rows.add(header, past)
            line.points = [_Point(line.row[-1], line.cursor)]

    def _advance(self, lines: Sequence[_Line], rows: Rows) -> None:
        """Run a pass; accept each draft as far as the model agrees, and the symbol where it does not."""
        base, device = self._memory.used, self._network.device
        states = self._network.states(rows.build(device))
        points = [(line, point) for line in lines for point in line.points]
        symbols = [self._symbols[symbol] for symbol in CHOICES[1:]]
        choices = Choices(
            torch.tensor([point.after - base for _, point in points], device=device),
            torch.tensor([(line.next_token(point.cursor), *symbols) for line, point in points], device=device),
            torch.tensor([point.cursor.allowed() for _, point in points], device=device),
        )
        best, which = choices.log_probabilities(self._network, states).max(-1)
        results = zip(which.tolist(), best.exp().tolist(), strict=True)
        for line in lines:
            line.accept([next(results) for _ in line.points])


def _read_ahead(line: _Line, rows: Rows, symbols: Mapping[int, int], draft: Draft) -> None:
    """Add the pending symbol and the next words of a line to a pass."""
    cursor = line.cursor
    tokens: list[int] = []
    marks = []
    if line.pending is not None:
        tokens.append(symbols[line.pending])
        marks.append((0, cursor))
    ahead = draft.inside if cursor.opened else draft.outside
    for word in range(cursor.word, min(cursor.length, cursor.word + ahead)):
        tokens.extend(line.words[word])
        cursor = cursor.after(word)
        marks.append((len(tokens) - 1, cursor))
    line.row = rows.add(tokens, line.slots)
    line.points = [_Point(line.row[place], cursor) for place, cursor in marks]
