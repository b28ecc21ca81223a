"""The rows of the suite: every system on every set, and their means, for the terminal and for the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from bioner.evaluation.facets import SEEN, UNSEEN
from bioner.evaluation.scores import SchemeScores, Score, Scores


@dataclass(frozen=True, slots=True)
class Row:
    """One system on one set.

    Attributes:
        name: of the set.
        protocol: that the set claims of the models; of `few-shot` with its k.
        system: the model, or the other system.
        other: whether it is another system, whose training nobody here knows.
        cross_corpus: whether its training had no document of the corpus; `None` of another system.
        missing: gold documents that its predictions lack.
        strict: micro scores by the same extent and type.
        overlap: by the same type and a shared character.
        seen: strict F1 of the mentions that training has shown; `None` without any.
        unseen: likewise of the others.
    """

    name: str
    corpus: str
    language: str
    protocol: str
    documents: int
    system: str
    other: bool
    cross_corpus: bool | None
    missing: int
    strict: Score
    overlap: Score
    seen: float | None
    unseen: float | None

    def to_record(self) -> dict[str, Any]:
        """The row as a JSON object."""
        return asdict(self) | {"strict": self.strict.to_record(), "overlap": self.overlap.to_record()}


def rows(records: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """The rows of the suite.

    Args:
        records: set -> what its metrics file holds.
    """
    return [_row(name, record, system) for name, record in records.items() for system in record["systems"]]


def _row(name: str, record: Mapping[str, Any], system: str) -> Row:
    facts = record["systems"][system]
    schemes = Scores.from_record(facts["scores"]).schemes
    known = schemes["strict"].facets.get("familiarity", {})
    shots = f", k = {record['k']}" if record["k"] else ""
    return Row(
        name=name,
        corpus=record["corpus"],
        language=record["language"],
        protocol=record["protocol"] + shots,
        documents=record["documents"],
        system=system,
        other=facts["kind"] == "file",
        cross_corpus=facts.get("cross_corpus"),
        missing=facts.get("missing", 0),
        strict=schemes["strict"].micro,
        overlap=schemes["overlap"].micro,
        seen=known[SEEN].f1 if known else None,
        unseen=known[UNSEEN].f1 if known else None,
    )


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean F1 of a system over the types of the sets whose corpus it was not trained on.

    Attributes:
        cells: how many pairs of a set and a type that has gold mentions.
    """

    system: str
    cells: int
    strict: float
    overlap: float

    def to_record(self) -> dict[str, Any]:
        """The mean as a JSON object."""
        return asdict(self)


def cross_corpus_means(records: Mapping[str, Mapping[str, Any]]) -> list[Mean]:
    """Each system's mean over sets and types, every pair of them alike, as in the tables of HunFlair2.

    Source: Sänger et al., HunFlair2 in a cross-corpus evaluation, 2024 (arXiv 2402.12372). Only systems that have a
    result in every pair are listed: a mean over other pairs is no comparison.

    Args:
        records: set -> what its metrics file holds.
    """
    crossed = {n: r for n, r in records.items() if any(s.get("cross_corpus") for s in r["systems"].values())}
    found: dict[str, list[tuple[float, float]]] = {}
    sets: dict[str, int] = {}
    for record in crossed.values():
        for system, facts in record["systems"].items():
            if facts.get("cross_corpus", True):
                schemes = Scores.from_record(facts["scores"]).schemes
                found.setdefault(system, []).extend(_by_type(schemes["strict"], schemes["overlap"]))
                sets[system] = sets.get(system, 0) + 1
    return [
        Mean(system, len(cells), fmean(one for one, _ in cells), fmean(other for _, other in cells))
        for system, cells in found.items()
        if sets[system] == len(crossed)
    ]


def _by_type(strict: SchemeScores, overlap: SchemeScores) -> Iterator[tuple[float, float]]:
    for key, score in strict.types.items():
        if score.gold:
            yield score.f1 or 0.0, overlap.types[key].f1 or 0.0
