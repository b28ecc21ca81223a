"""One step of decoding: every line in work reads a draft in the same pass, and goes on as far as the model agrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from bioner.tagger.cursor import CHOICES
from bioner.tagger.drafts import Draft
from bioner.tagger.folding import Folded
from bioner.tagger.lines import Line, Tagged
from bioner.tagger.losses import Choices
from bioner.tagger.memory import Memory
from bioner.tagger.network import Network
from bioner.tagger.pacing import Pace
from bioner.tagger.packed import Rows, Slots
from bioner.tagger.symbols import END, OPEN

# Tokens that take as long as what a pass costs beside its tokens: measured with SmolLM2 on a CPU, a guess for a GPU.
_OVERHEAD = {"cpu": 24.0, "cuda": 2000.0}

Group = list[tuple[Tagged, ...]]  # the lines of a window: for each header the different ones that were written


@dataclass(slots=True)
class Window:
    """A window in work: for each header the lines that are written, and all slots that it holds in memory."""

    lines: list[list[Line]]
    slots: list[int]

    @property
    def finished(self) -> bool:
        """Whether all lines are written."""
        return all(line.finished for lines in self.lines for line in lines)

    def group(self) -> Group:
        """The lines, finished."""
        return [tuple(line.tagged() for line in lines) for lines in self.lines]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A draft in a pass: whose it is, where it begins in the pass, and the slots of its tokens."""

    window: Window
    lines: list[Line]  # the line's place among those of its header
    line: Line
    draft: Draft
    begin: int
    row: Slots


class Stepper:
    """Runs the passes of a decoding.

    Args:
        symbols: the token of each symbol.
        ahead: words that a draft reads ahead; by default as many as pay.
        opening_bias: is added to the log-probability of opening a mention, and taken from that of ending a line, before
            the best choice is taken; the probabilities of a line are without it. Greedy decoding opens a mention where
            that is the likeliest choice, which is too seldom for F1: the best threshold of a decision is half of the
            F1 that can be reached (Lipton et al. 2014, arXiv 1402.1892), and so low where a tagger is weak.

    Attributes:
        memory: of all that was read.
    """

    def __init__(self, network: Network, symbols: dict[int, int], ahead: int | None, opening_bias: float) -> None:
        self.memory = Memory()
        self._network = network
        self._symbols = [symbols[symbol] for symbol in CHOICES[1:]]
        self._pace = Pace(_OVERHEAD["cpu" if network.device.type == "cpu" else "cuda"], ahead)
        self._folded = Folded(network.model)
        self._bias = np.array([{OPEN: opening_bias, END: -opening_bias}.get(choice, 0.0) for choice in CHOICES])

    def step(self, windows: Sequence[Window], rows: Rows) -> None:
        """Run a pass; accept each draft as far as the model agrees, and the symbol where it does not.

        Args:
            windows: whose lines are to go on.
            rows: what else is to be read in the same pass.
        """
        readings = self._read_ahead(windows, rows)
        if not readings:
            return
        scores = self._scores(self._read(rows), readings)
        end = 0
        for reading in readings:
            begin, end = end, end + len(reading.draft.points)
            self._accept(reading, scores[begin:end])

    def _read_ahead(self, windows: Sequence[Window], rows: Rows) -> list[_Reading]:
        """Add a draft of every line that is not finished to a pass."""
        open_lines = [
            (window, lines, line) for window in windows for lines in window.lines for line in lines if not line.finished
        ]
        readings = []
        for window, lines, line in open_lines:
            place = line.place if line.pending else None
            tokens = len(line.source.tokens) / len(line.source)
            words = self._pace.words(place, bool(line.cursor.opened), len(open_lines), tokens)
            draft, begin = line.draft(words), len(rows)
            readings.append(_Reading(window, lines, line, draft, begin, rows.add(draft.tokens, line.slots)))
        return readings

    @torch.inference_mode()
    def _read(self, rows: Rows) -> torch.Tensor:
        with self._folded.used():
            return self._network.states(rows.build(self._network.device))

    @torch.inference_mode()
    def _scores(self, states: torch.Tensor, readings: Sequence[_Reading]) -> np.ndarray:
        """Log-probability (n, choices) of each choice at all points."""
        points = [(reading, point) for reading in readings for point in reading.draft.points]
        symbols, device = self._symbols, self._network.device
        choices = Choices(
            torch.tensor([reading.begin + point.read for reading, point in points], device=device),
            torch.tensor(
                [(reading.line.source.next_token(p.cursor.word), *symbols) for reading, p in points], device=device
            ),
            torch.tensor([point.cursor.allowed() for _, point in points], device=device),
        )
        scores: np.ndarray = choices.log_probabilities(self._network, states).cpu().numpy()
        return scores

    def _accept(self, reading: _Reading, scores: np.ndarray) -> None:
        """Let the lines go on that a draft leads to, and forget what was not accepted."""
        line, points = reading.line, reading.draft.points
        held = len(line.slots)
        noise = line.noise(points)
        wanted = scores + self._bias
        chosen = wanted.argmax(-1)[:, None] if noise is None else (wanted[:, None] + noise).argmax(-1)
        following = line.accept(reading.draft, reading.row, chosen.tolist(), np.exp(scores).tolist())
        kept = max(len(one.slots) for one in following) - held
        reading.window.slots.extend(reading.row[:kept])
        self.memory.release(reading.row[kept:])
        self._pace.learn((p.place for p in points if p.read < kept), all(one is not line for one in following))
        place = next(number for number, one in enumerate(reading.lines) if one is line)
        reading.lines[place : place + 1] = following
