"""Scores as value objects, and their JSON form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bioner.evaluation.bootstrap import Interval, round_off
from bioner.evaluation.schemes import Mode


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one cell, and what follows from them.

    Attributes:
        gold: how many mentions were expected.
        predicted: how many were predicted.
        right: how many predictions are right; also how many gold mentions were found.
        interval: of F1, by bootstrap over documents; `None` where F1 is undefined.
    """

    gold: int
    predicted: int
    right: int
    interval: Interval | None = None

    @classmethod
    def of(cls, counts: Sequence[int], interval: Interval | None = None) -> Score:
        """A score from the numbers of gold mentions, predictions and right ones."""
        gold, predicted, right = counts
        return cls(gold, predicted, right, interval)

    @property
    def precision(self) -> float | None:
        """Right over predicted; `None` if nothing was predicted."""
        return self.right / self.predicted if self.predicted else None

    @property
    def recall(self) -> float | None:
        """Right over gold; `None` if nothing was expected."""
        return self.right / self.gold if self.gold else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall: 0 if nothing is right, `None` if nothing was expected or predicted."""
        total = self.gold + self.predicted
        return 2 * self.right / total if total else None

    def to_record(self) -> dict[str, Any]:
        """The score as a JSON object, with what follows to six decimals; `from_record` is its inverse."""
        counts = {"gold": self.gold, "predicted": self.predicted, "right": self.right}
        derived = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        rounded = {name: None if value is None else round_off(value) for name, value in derived.items()}
        return counts | rounded | {"interval": _listed(self.interval)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Score:
        """Parse what `to_record` made."""
        return cls(record["gold"], record["predicted"], record["right"], _interval(record["interval"]))


@dataclass(frozen=True, slots=True)
class Average:
    """Macro F1: the mean of F1 over the types that were expected or predicted, to six decimals; `None` without any."""

    f1: float | None
    interval: Interval | None = None

    def to_record(self) -> dict[str, Any]:
        """The average as a JSON object; `from_record` is its inverse."""
        return {"f1": self.f1, "interval": _listed(self.interval)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Average:
        """Parse what `to_record` made."""
        return cls(record["f1"], _interval(record["interval"]))


@dataclass(frozen=True, slots=True)
class SchemeScores:
    """All scores of one scheme: over everything, averaged over types, and per type, language, shape and facet."""

    micro: Score
    macro: Average
    types: Mapping[str, Score]
    languages: Mapping[str, Score]
    shapes: Mapping[str, Score]
    facets: Mapping[str, Mapping[str, Score]] = field(default_factory=dict)

    def to_record(self) -> dict[str, Any]:
        """The scores as a JSON object; `from_record` is its inverse."""
        groups = {"types": self.types, "languages": self.languages, "shapes": self.shapes}
        record = {"micro": self.micro.to_record(), "macro": self.macro.to_record()} | _records(groups)
        return record | ({"facets": _records(self.facets)} if self.facets else {})

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> SchemeScores:
        """Parse what `to_record` made."""
        types, languages, shapes = (_scores(record[name]) for name in ("types", "languages", "shapes"))
        facets = {name: _scores(group) for name, group in record.get("facets", {}).items()}
        micro, macro = Score.from_record(record["micro"]), Average.from_record(record["macro"])
        return cls(micro, macro, types, languages, shapes, facets)


def _records(groups: Mapping[str, Mapping[str, Score]]) -> dict[str, Any]:
    return {name: {key: score.to_record() for key, score in group.items()} for name, group in groups.items()}


def _scores(group: Mapping[str, Mapping[str, Any]]) -> dict[str, Score]:
    return {key: Score.from_record(score) for key, score in group.items()}


@dataclass(frozen=True, slots=True)
class Duplicates:
    """How many spans repeat the extent and label of another one of their document; each such mention counts once."""

    gold: int
    predicted: int


@dataclass(frozen=True, slots=True)
class Scores:
    """The result of scoring predictions against gold documents.

    Attributes:
        documents: how many were scored.
        resamples: of the bootstrap behind the intervals.
        confidence: of the intervals.
        duplicates: spans that were counted once with another one.
        paired: gold mentions and predictions that share characters, paired one to one whatever their types; right
            over paired of `type_within_overlap` is how often the type is right where something was found.
        errors: how many errors there are of each kind (see `error_analysis`).
        schemes: the scores of each scheme.
    """

    documents: int
    resamples: int
    confidence: float
    duplicates: Duplicates
    paired: int
    errors: Mapping[str, int]
    schemes: Mapping[Mode, SchemeScores]

    def to_record(self) -> dict[str, Any]:
        """The scores as a JSON object, the same for the same input and seed; `from_record` is its inverse."""
        return {
            "documents": self.documents,
            "resamples": self.resamples,
            "confidence": self.confidence,
            "duplicates": asdict(self.duplicates),
            "paired": self.paired,
            "errors": dict(self.errors),
            "schemes": {name: scores.to_record() for name, scores in self.schemes.items()},
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Scores:
        """Parse what `to_record` made."""
        rest = {key: record[key] for key in ("documents", "resamples", "confidence", "paired", "errors")}
        schemes = {name: SchemeScores.from_record(scores) for name, scores in record["schemes"].items()}
        return cls(**rest, duplicates=Duplicates(**record["duplicates"]), schemes=schemes)


def _listed(interval: Interval | None) -> list[float] | None:
    return None if interval is None else list(interval)


def _interval(value: list[float] | None) -> Interval | None:
    return None if value is None else (value[0], value[1])
