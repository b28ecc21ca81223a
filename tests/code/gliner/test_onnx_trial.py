"""The verdict on an export: at most half a point of strict F1, and faster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.errors import DataError
from bioner.evaluation.score import score_documents
from bioner.gliner.onnx_trial import Figures, Trial, compare

TEXT = "Asthma. Flu."
GOLD = [Document(str(n), TEXT, "en", [Span.of(0, 6, "disease")]) for n in range(1000)]


@dataclass
class Clock:
    """A clock that goes on only when somebody works."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Fake:
    """Finds the mentions of the first documents, and takes its time."""

    clock: Clock
    right: int
    seconds: float
    asked: int = 0
    types: EntityTypes = EntityTypes.of_words(["disease"])  # noqa: RUF009 (never changed)

    def predict(
        self,
        documents: Iterable[Document],
        types: EntityTypes | None = None,  # noqa: ARG002 (of the protocol)
        *,
        batch_size: int = 16,  # noqa: ARG002
    ) -> Iterator[Document]:
        for document in documents:
            assert not document.spans
            self.asked += 1
            self.clock.now += self.seconds
            yield document.with_spans([Span.of(0, 6 if int(document.id) < self.right else 5, "disease")])


def _f1(gold: list[Document], predicted: list[Document]) -> float | None:
    return score_documents(gold, predicted, resamples=1, modes=("strict",)).schemes["strict"].micro.f1


def _compare(right: tuple[int, int], seconds: tuple[float, float]) -> Trial:
    clock = Clock()
    original, export = (Fake(clock, *each) for each in zip(right, seconds, strict=True))
    trial = compare(original, export, GOLD, _f1, clock)
    assert original.asked == export.asked == 1000 + 5 * 500  # all are scored, 500 of them are timed in each round
    return trial


@pytest.mark.parametrize(
    ("right", "seconds", "accepted"),
    [
        ((900, 895), (0.02, 0.01), True),  # exactly half a point
        ((900, 894), (0.02, 0.01), False),
        ((900, 950), (0.02, 0.01), True),
        ((900, 900), (0.01, 0.01), False),  # not slower is not faster
        ((900, 900), (0.01, 0.02), False),
    ],
)
def test_verdict(right: tuple[int, int], seconds: tuple[float, float], accepted: bool) -> None:
    trial = _compare(right, seconds)
    assert trial.accepted is accepted
    assert (trial.original.f1, trial.export.f1) == pytest.approx([count / 1000 for count in right])
    assert (trial.original.speed, trial.export.speed) == pytest.approx([2 / each for each in seconds])
    assert trial.to_record()["accepted"] is accepted


def test_the_message_holds_both_figures_of_both() -> None:
    message = str(Trial(Figures(0.7012, 41.23), Figures(0.695, 38.9)))
    assert "strict F1 0.7012 before, 0.6950 after (+0.62 points lost, 0.5 allowed)" in message
    assert "41.2 sentences a second before, 38.9 after (0.94 times)" in message


def test_a_model_that_finds_nothing_right_is_no_measure() -> None:
    with pytest.raises(DataError, match="no export could do worse"):
        compare(Fake(Clock(), 0, 1.0), Fake(Clock(), 0, 1.0), GOLD, _f1, Clock())
