"""The table of the suite: one row a system and set, and means over the same sets and types for all systems."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bioner.config import SuiteSet, load_params
from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.suite.label_map import of_models
from bioner.suite.record import Gold, Judged, model_facts, to_record
from bioner.suite.rows import cross_corpus_means, rows
from bioner.suite.table import render, render_set
from bioner.suite.training import Training

TEXT = "gout was treated with colchicine and aspirin"
GOLD = [Document(f"{n}", TEXT, "en", (Span.of(0, 4, "Disease"), Span.of(22, 32, "Drug"))) for n in range(4)]
TRAIN = {"one": [Document("t", "gout", "en", (Span.of(0, 4, "disease"),))]}


def record(
    repository: Path, corpus: str, found: dict[str, list[Span]], others: dict[str, list[Span]]
) -> dict[str, Any]:
    """The metrics file of a set on which models and other systems find these spans in every document."""
    params = load_params(repository / "params.yaml")
    labels = {"name": "m-1", "types": {"disease": ["Disease"], "drug": ["Drug"]}}
    given = {"corpus": corpus, "path": "p", "language": "en", "labels": labels, "protocol": "supervised"}
    part = SuiteSet.model_validate(given)
    training = Training.of(TRAIN, {}, [], params.entity_types, EntityTypes({}))
    gold = Gold.of(GOLD, part, {"3"}, corpus in training.corpora, "file")
    sides = {name: [d.with_spans(spans) for d in gold.documents] for name, spans in (found | others).items()}
    systems = {}
    for name, predicted in sides.items():
        facts = model_facts(part, training) if name in found else {"kind": "file", "missing": 2, "unused": 0}
        shown = training.shown if name in found else None
        systems[name] = Judged.of(gold, predicted, of_models(part.labels), params, shown=shown, more=facts)
    return to_record(part, gold, systems)


DISEASE, SHORT, ORGANISM = Span.of(0, 4, "disease"), Span.of(22, 26, "drug"), Span.of(5, 8, "organism")


@pytest.fixture(scope="module")
def records(repository: Path) -> dict[str, dict[str, Any]]:
    return {
        "own": record(repository, "one", {"m": [DISEASE]}, {}),
        "far": record(repository, "two", {"m": [DISEASE, SHORT, ORGANISM]}, {"tool": [SHORT]}),
    }


def test_a_row_has_scores_claim_and_what_was_seen(records: dict[str, dict[str, Any]]) -> None:
    own, far, tool = rows(records)
    assert [(row.name, row.system, row.cross_corpus, row.other) for row in (own, far, tool)] == [
        ("own", "m", False, False),
        ("far", "m", True, False),
        ("far", "tool", None, True),
    ]
    assert (own.strict.gold, own.strict.predicted, own.strict.right) == (8, 4, 4)
    assert (own.seen, own.unseen) == (1.0, 0.0)
    assert (far.strict.right, far.overlap.right) == (3, 6)
    assert (tool.seen, tool.missing) == (None, 2)
    assert far.to_record()["strict"]["f1"] == pytest.approx(0.5)


def test_what_occurs_in_training_is_left_out_of_another_corpus_alone(records: dict[str, dict[str, Any]]) -> None:
    assert records["own"]["in_training"] == {"documents": 1, "left_out": 0}
    assert records["far"]["in_training"] == {"documents": 1, "left_out": 1}
    assert (records["own"]["documents"], records["far"]["documents"]) == (4, 3)


def test_types_without_a_counterpart_are_counted(records: dict[str, dict[str, Any]]) -> None:
    assert records["far"]["systems"]["m"]["labels_left_out"] == {"organism": 3}
    assert records["far"]["label_map"]["name"] == "m-1"
    assert len(records["far"]["label_map"]["sha256"]) == 64


def test_means_are_over_types_of_sets_that_were_not_trained_on(records: dict[str, dict[str, Any]]) -> None:
    means = {mean.system: mean for mean in cross_corpus_means(records)}
    assert (means["m"].cells, means["m"].strict, means["m"].overlap) == (2, 0.5, 1.0)
    assert (means["tool"].strict, means["tool"].overlap) == (0.0, 0.5)
    two = records | {"further": records["far"] | {"systems": {"m": records["far"]["systems"]["m"]}}}
    assert [mean.system for mean in cross_corpus_means(two)] == ["m"], "the tool has no result on the further set"
    assert cross_corpus_means({"own": records["own"]}) == []


def test_the_table_says_what_was_left_out(records: dict[str, dict[str, Any]]) -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(render(records))
    console.print(render_set("far", records["far"]))
    shown = console.export_text()
    assert "supervised, cross-corpus" in shown
    assert "1 documents are in training, 1 left out" in shown
    assert "tool lacks 2 documents" in shown
    assert "m: 3 predictions of other types left out" in shown
    assert "words (strict)" in shown
    assert "in training (strict)" in shown
