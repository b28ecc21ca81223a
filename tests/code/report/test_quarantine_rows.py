"""The quarantine by reason: counts over all rows, examples up to a limit, and what no text could hold."""

from __future__ import annotations

from pathlib import Path

from bioner.config import load_params
from bioner.documents import Document, Span
from bioner.report import glossary
from bioner.report.mistakes import Side
from bioner.report.quarantine import UNSTATED, grounds
from bioner.validation.quarantine import REASONS
from bioner.validation.rows import INVALID, parse_leniently
from bioner.validation.suites import annotation_rules, document_rules


def row(identity: str, *reasons: str) -> Document:
    meta = {REASONS: list(reasons)} if reasons else {}
    return Document(identity, "aspirin helps", "en", (Span.of(0, 7, "drug", 0.2),), "notes", meta)


def test_reasons_are_ordered_by_how_often_they_occur_and_examples_limited() -> None:
    rows = [row("1", "density"), row("2", "label", "density"), row("3", "density"), row("4")]
    found = grounds(rows, {"drug": "medicine"}, 2)
    assert [(g.reason, g.rows, [e.id for e in g.examples]) for g in found] == [
        ("density", 3, ["1", "2"]),
        ("label", 1, ["2"]),
        (UNSTATED, 1, ["4"]),
    ]


def test_row_shows_its_spans_below_the_text_and_in_words() -> None:
    (example,) = grounds([row("1", "agreement")], {"drug": "medicine"}, 3)[0].examples
    assert example.pieces[0].predicted[0].mark.label == "medicine" and not example.pieces[0].gold
    assert example.spans == (Side("aspirin", "medicine", 0.2),)


def test_spans_that_the_text_cannot_hold_are_told() -> None:
    broken = {"fragments": [[5, 99]], "label": "drug"}
    document = parse_leniently({"id": "1", "text": "aspirin", "language": "en", "spans": [broken]})
    quarantined = Document("1", "aspirin", "en", (), "", {REASONS: ["offsets"], INVALID: document.meta[INVALID]})
    (example,) = grounds([quarantined], {}, 3)[0].examples
    assert "[5, 99]" in example.problems[0] and "outside the text" in example.problems[0]


def test_every_rule_of_the_gate_is_explained(repository: Path) -> None:
    limits = load_params(repository / "params.yaml").validate_
    rules = (*document_rules(limits, ["en"]), *annotation_rules(limits))
    assert {rule.name for rule in rules} == set(glossary.RULES)


def test_what_identifies_a_person_is_not_on_the_page() -> None:
    text = "Call 212-555-0147 about the aspirin."
    spans = (Span.of(5, 17, "drug"), Span.of(28, 35, "drug"))
    held = Document("1", text, "en", spans, "notes", {REASONS: ["identifier"]})
    (example,) = grounds([held], {}, 3)[0].examples
    assert "".join(piece.text for piece in example.pieces) == "Call •••••••••••• about the aspirin."
    assert [side.words for side in example.spans] == ["••••••••••••", "aspirin"]
