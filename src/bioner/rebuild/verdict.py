"""What a rebuild found: the outputs of every stage, the weights and the scores, against those of the version."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bioner.audit.values import flat
from bioner.rebuild.weights import Difference

_SCORES = ("f1", "precision", "recall")


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a stage: its hash in the `dvc.lock` of the version, and as it was made again."""

    stage: str
    path: str
    expected: str
    found: str

    @property
    def same(self) -> bool:
        """Whether it has the same bytes."""
        return self.expected == self.found


@dataclass(frozen=True, slots=True)
class ScoreDifference:
    """The score that differs most: which one, what it was and is, and by how much."""

    name: str
    before: float | None
    after: float | None
    apart: float

    def __str__(self) -> str:
        return f"{self.name} was {self.before}, is {self.after}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a rebuild.

    Attributes:
        subject: name and number of the version.
        commit: the code that it was rebuilt by.
        outputs: of the stages that ran, in the order of work.
        given: stages whose outputs were taken from the DVC remote.
        model: the output that was registered.
        weights: what differs between the rebuilt and the registered model folder.
        score: the score that differs most; `None` if the evaluation was not kept.
        tolerance: how far scores may be apart; `None`: every byte has to be the same.
        warnings: what is different here from where the version was made.
        folder: where the rebuilt workspace lies, if it was to be kept.
    """

    subject: str
    commit: str
    outputs: tuple[Output, ...]
    given: tuple[str, ...]
    model: str
    weights: tuple[Difference, ...]
    score: ScoreDifference | None
    tolerance: float | None
    warnings: tuple[str, ...]
    folder: str | None

    @property
    def different(self) -> tuple[Output, ...]:
        """The outputs with other bytes, the first one first."""
        return tuple(output for output in self.outputs if not output.same)

    @property
    def registry_changed(self) -> bool:
        """Whether the rebuilt model is that of `dvc.lock`, and the registered one is another."""
        return bool(self.weights) and all(output.same for output in self.outputs if output.path == self.model)

    @property
    def passed(self) -> bool:
        """Whether the version was reproduced: to the byte, or within the tolerance if there is one."""
        if not self.different and not self.weights:
            return True
        near = self.tolerance is not None and self.score is not None and self.score.apart <= self.tolerance
        return near and not self.registry_changed

    @property
    def sentence(self) -> str:
        """What differs, the first item first."""
        parts = []
        if self.different:
            first = self.different[0]
            parts.append(f"stage {first.stage}: {first.path} is {first.found}, was {first.expected}")
        if self.weights:
            most = max(self.weights, key=lambda found: math.inf if found.largest is None else found.largest)
            where = "the registered model is not the one of its dvc.lock" if self.registry_changed else "model"
            parts.append(f"{where}: {most}")
        if self.score is not None and self.score.apart:
            parts.append(f"score {self.score}")
        return "; ".join(parts) or "every byte is the same"

    def to_record(self) -> dict[str, Any]:
        """The verdict as a JSON object."""
        outputs = [asdict(output) | {"same": output.same} for output in self.outputs]
        record: dict[str, Any] = _finite(
            asdict(self) | {"outputs": outputs, "passed": self.passed, "what": self.sentence}
        )
        return record


def _finite(value: Any) -> Any:
    """The same without infinite numbers, which JSON has not."""
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def compare_scores(before: Mapping[str, Any], after: Mapping[str, Any]) -> ScoreDifference | None:
    """The F1, precision or recall, overall or of any group and corpus, that differs most between two evaluations."""
    one, other = _scores(before), _scores(after)
    found = [ScoreDifference(name, one.get(name), other.get(name), _apart(one, other, name)) for name in one | other]
    return max(found, key=lambda score: score.apart, default=None)


def _scores(evaluation: Mapping[str, Any]) -> dict[str, float | None]:
    parts = {key: evaluation.get(key, {}) for key in ("scores", "corpora")}
    return {name: value for name, value in flat(parts).items() if name.rpartition(".")[2] in _SCORES}


def _apart(one: Mapping[str, float | None], other: Mapping[str, float | None], name: str) -> float:
    first, second = one.get(name), other.get(name)
    if first is None or second is None:
        return 0.0 if first == second and name in one and name in other else math.inf
    return abs(first - second)
