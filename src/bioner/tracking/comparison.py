"""Comparing two registered versions: their scores side by side, with paired tests, from the evidence that was kept."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioner.config import Params
from bioner.errors import RegistryError
from bioner.evaluation.counts import MICRO, Cell
from bioner.evaluation.group_significance import GroupTest, compare_groups, holm
from bioner.evaluation.pairing import read_pool
from bioner.registered import resolve
from bioner.tracking.kept import kept_evidence
from bioner.tracking.policy import resamples_for
from bioner.tracking.registry import TEST
from bioner.tracking.store import connect, registry_errors

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

_GROUPS = ("types", "languages", "shapes")


@dataclass(frozen=True, slots=True)
class Row:
    """One group of mentions; `corrected` is its two-sided p-value after Holm among the groups of its kind."""

    kind: str
    name: str
    test: GroupTest
    corrected: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions on the same test documents; a difference above 0 speaks for the second."""

    first: str
    second: str
    scheme: str
    documents: int
    confidence: float
    rows: tuple[Row, ...]

    def to_record(self) -> dict[str, Any]:
        """The comparison as a JSON object."""
        rows = [
            {"kind": row.kind, "name": row.name, "p_corrected": row.corrected} | row.test.to_record()
            for row in self.rows
        ]
        head = {key: getattr(self, key) for key in ("first", "second", "scheme", "documents", "confidence")}
        return head | {"rows": rows}


def compare_versions(workspace: Path, params: Params, references: Sequence[str]) -> Comparison:
    """Compare two registered versions by what they predicted when they were evaluated; neither is run.

    Args:
        workspace: whose store is asked.
        params: for the scheme, the resamples and the seed.
        references: the two, as `bioner-gliner@champion` or `bioner-gliner/3`.

    Raises:
        ModelError: there is no such version.
        RegistryError: they were tested on different documents or types, or the evidence is not there.
    """
    store = connect(workspace)
    with registry_errors("the versions cannot be compared"), tempfile.TemporaryDirectory() as place:
        versions = [resolve(store.client, reference.removeprefix("mlflow:")) for reference in references]
        _check_same(versions)
        found = []
        for number, version in enumerate(versions):
            (Path(place) / str(number)).mkdir()
            found.append(kept_evidence(store, workspace, params, version, Path(place) / str(number)))
        gold = found[0].gold_documents()
        tests = compare_groups(
            gold,
            *(read_pool(evidence.predictions) for evidence in found),
            scheme=params.promotion.metric,
            resamples=resamples_for(len(params.types), 0.05, params.evaluate.resamples),
            confidence=params.evaluate.confidence,
            seed=params.seed,
        )
    first, second = (f"{version.name}/{version.version}" for version in versions)
    scheme, confidence = params.promotion.metric, params.evaluate.confidence
    return Comparison(first, second, scheme, len(gold), confidence, tuple(_rows(tests)))


def _check_same(versions: Sequence[ModelVersion]) -> None:
    first, second = versions
    if first.tags.get(TEST) != second.tags.get(TEST):
        tests = [f"{v.name}/{v.version}: {v.tags.get(TEST, 'none')[:16]}" for v in versions]
        raise RegistryError(
            "the two were tested on different documents or types: their scores cannot be compared",
            where=", ".join(tests),
            mend="put the older one forward with `bioner promote REF --dry-run`, which runs what has to be run again",
        )


def _rows(tests: dict[Cell, GroupTest]) -> list[Row]:
    rows = [Row("all", "", tests[MICRO], tests[MICRO].p_two_sided)]
    for kind in _GROUPS:
        held = {name: test for (group, name), test in tests.items() if group == kind and test.gold}
        corrected = holm({name: test.p_two_sided for name, test in held.items()})
        rows += [Row(kind, name, test, corrected[name]) for name, test in held.items()]
    return rows
