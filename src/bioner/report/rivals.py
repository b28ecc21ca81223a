"""Rivals: the model of this run beside the champion of its registered model, and the documents that tell them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bioner.documents import Document
from bioner.evaluation.disagreement import Disagreement, disagreement
from bioner.evaluation.error_analysis import Error, find_errors
from bioner.evaluation.scores import Scores
from bioner.evaluation.significance import PairedTest, compare
from bioner.report.mistakes import Example, example

_SHOWN = 5  # documents on either side


@dataclass(frozen=True, slots=True)
class Rival:
    """The champion that a model of this run is compared with.

    Attributes:
        name: of the registered model, with the version once there is one.
        predictions: of the champion, on the same documents; `None` where they are not at hand.
        absent: why they are not.
    """

    name: str
    predictions: Sequence[Document] | None
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One document as both models annotated it."""

    champion: Example
    present: Example


@dataclass(frozen=True, slots=True)
class Comparison:
    """A model beside its champion, which comes first in `differences`.

    Attributes:
        rival: the champion.
        same: whether both predict exactly the same.
        test: the difference in strict F1; above 0 it speaks for the present model.
        differences: which of them found what.
        better: documents in which the present model makes fewer errors, the clearest first.
        worse: documents in which the champion does.
    """

    rival: Rival
    same: bool
    test: PairedTest
    differences: Disagreement
    better: tuple[Pair, ...]
    worse: tuple[Pair, ...]


def comparison(
    gold: Sequence[Document], rival: Rival, present: Sequence[Document], scores: Scores, types: Mapping[str, str]
) -> Comparison | None:
    """Compare a model with its champion; `None` where the champion's predictions are not at hand.

    Args:
        gold: the pooled test documents.
        rival: the champion.
        present: the predictions of the model of this run.
        scores: of the present model; they say how many resamples are drawn.
        types: key -> name.

    Raises:
        DataError: the documents do not fit together.
    """
    if rival.predictions is None:
        return None
    champion = rival.predictions
    found = disagreement(gold, champion, present)
    differ = [key for key, (before, now) in found.balance.items() if before != now]
    order = sorted(differ, key=lambda key: (*_clearness(found.balance[key]), key))
    better = [key for key in order if found.balance[key][1] < found.balance[key][0]][:_SHOWN]
    worse = [key for key in order if found.balance[key][1] > found.balance[key][0]][:_SHOWN]
    sides = [_Side(gold, side, types) for side in (champion, present)]
    return Comparison(
        rival=rival,
        same=_annotations(champion) == _annotations(present),
        test=compare(gold, champion, present, resamples=scores.resamples, confidence=scores.confidence),
        differences=found,
        better=tuple(Pair(*(side.example(key) for side in sides)) for key in better),
        worse=tuple(Pair(*(side.example(key) for side in sides)) for key in worse),
    )


def _clearness(errors: tuple[int, int]) -> tuple[bool, int]:
    """Documents that one of the two has right come first, then the larger difference."""
    return min(errors) > 0, -abs(errors[0] - errors[1])


def _annotations(documents: Sequence[Document]) -> dict[str, set[tuple[object, str]]]:
    return {document.id: {(span.fragments, span.label) for span in document.spans} for document in documents}


class _Side:
    """What one model made of the documents, for the examples."""

    def __init__(self, gold: Sequence[Document], predicted: Sequence[Document], types: Mapping[str, str]) -> None:
        self._gold = {document.id: document for document in gold}
        self._predicted = {document.id: document for document in predicted}
        self._types = types
        self._errors: dict[str, list[Error]] = {}
        for error in find_errors(gold, predicted):
            self._errors.setdefault(error.document, []).append(error)

    def example(self, key: str) -> Example:
        """The document with the errors of this model."""
        return example(self._gold[key], self._predicted[key], self._errors.get(key, ()), self._types)
