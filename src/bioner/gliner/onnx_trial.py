"""The trial of an export: strict F1 and speed of the original and of the export, side by side, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bioner.documents import Document
from bioner.errors import DataError
from bioner.predictors import Predictor
from bioner.progress import track
from bioner.windows import sentence_starts
from bioner.words import Words

MOST_LOST = 0.005  # of strict F1, which goes from 0 to 1
_TIMED = 500  # documents at most in a round, spread evenly: a few minutes on two cores
_ROUNDS = 5
_ORIGINAL, _EXPORT = range(2)

F1 = Callable[[Sequence[Document], Sequence[Document]], float | None]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one of the two did: its strict micro-F1, and sentences a second, the median of the rounds."""

    f1: float
    speed: float


@dataclass(frozen=True, slots=True)
class Trial:
    """Both, on the same documents in the same process."""

    original: Figures
    export: Figures

    @property
    def lost(self) -> float:
        """How much F1 fell; below zero if it rose."""
        return self.original.f1 - self.export.f1

    @property
    def accepted(self) -> bool:
        """Whether the export may take the place of the original."""
        return self.lost <= MOST_LOST + 1e-9 and self.export.speed > self.original.speed

    def __str__(self) -> str:
        before, after = self.original, self.export
        return (
            f"strict F1 {before.f1:.4f} before, {after.f1:.4f} after "
            f"({100 * self.lost:+.2f} points lost, {100 * MOST_LOST:.1f} allowed); "
            f"{before.speed:.1f} sentences a second before, {after.speed:.1f} after "
            f"({after.speed / before.speed:.2f} times)"
        )

    def to_record(self) -> dict[str, Any]:
        """As JSON."""
        both = {"original": self.original, "export": self.export}
        figures = {
            name: {"strict_f1": round(one.f1, 6), "sentences_per_second": round(one.speed, 2)}
            for name, one in both.items()
        }
        return {**figures, "most_lost": MOST_LOST, "accepted": self.accepted}


def compare(
    original: Predictor, export: Predictor, gold: Sequence[Document], f1: F1, clock: Callable[[], float]
) -> Trial:
    """Let both predict the same documents.

    Speed is measured in rounds in which each of the two goes first in turn, so that neither has the cooler machine; the
    predictions that are scored come before them and warm both up.

    Args:
        gold: annotated documents; they are predicted without their annotations.
        f1: scores predictions against gold documents; `None` if nothing was expected or predicted.
        clock: seconds.

    Raises:
        DataError: the original finds nothing in these documents, so that its F1 cannot fall.
    """
    both = (original, export)
    bare = [document.with_spans(()) for document in gold]
    names = ("original", "export")
    scores = [
        f1(gold, list(track(one.predict(bare), f"score {name}", len(bare))))
        for one, name in zip(both, names, strict=True)
    ]
    if not scores[_ORIGINAL]:
        mend = "name documents that are annotated with the types of the model (--documents)"
        raise DataError("the model finds nothing right in the documents: no export could do worse", mend=mend)
    timed = bare[:: -(-len(bare) // _TIMED)]
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in track(_turns(), "time both", 2 * _ROUNDS):
        began = clock()
        for _ in both[number].predict(timed):
            pass
        seconds[number].append(clock() - began)
    sentences = sum(1 + len(sentence_starts(document.text, Words.of(document.text))) for document in timed)
    speeds = [sentences / median(taken) for taken in seconds]
    return Trial(*(Figures(score or 0.0, speed) for score, speed in zip(scores, speeds, strict=True)))


def _turns() -> Iterator[int]:
    for round_ in range(_ROUNDS):
        yield from (_ORIGINAL, _EXPORT) if round_ % 2 == 0 else (_EXPORT, _ORIGINAL)
