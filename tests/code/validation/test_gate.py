"""The gate: the good batch passes, and each planted defect is caught by the rule meant for it, and by no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bioner.config import Validate
from bioner.documents import Document, Span
from bioner.validation.gate import density, validate
from bioner.validation.judge import judge_rows
from bioner.validation.quarantine import REASONS
from bioner.validation.rows import frame, parse_leniently
from bioner.validation.suites import Rule, row_rules
from bioner.words import Words

Batch = list[Document]


def _first(document: Document, **changes: Any) -> Document:
    return document.with_spans([replace(document.spans[0], **changes), *document.spans[1:]])


def _also(document: Document, tail: str, start: int, end: int) -> Document:
    """The document with more text, and one more span from `start` to `end` of it."""
    at = len(document.text)
    longer = replace(document, text=document.text + tail)
    return longer.with_spans([*document.spans, Span.of(at + start, at + end, "drug", 0.9)])


def _outside(document: Document) -> Document:
    record = document.to_record()
    record["spans"][0]["fragments"] = [[0, len(document.text) + 1]]
    return parse_leniently(record)


def _everything(document: Document) -> Document:
    words = Words.of(document.text).offsets
    return document.with_spans(Span.of(start, end, "drug", 0.9) for start, end in words)


def _in_another_language(document: Document) -> Document:
    return replace(document, language="zh" if document.language == "en" else "en")


# what is planted -> how, in one document, and the rule that has to catch it
ROW_DEFECTS: dict[str, tuple[Callable[[Document], Document], str]] = {
    "offsets outside the text": (_outside, "offsets"),
    "a mention cut within a word": (lambda d: _also(d, " tablets", 1, 7), "boundaries"),
    "a mention with a space before it": (lambda d: _also(d, " tablets", 0, 8), "boundaries"),
    "a mention of symbols": (lambda d: _also(d, " ...", 1, 4), "mention"),
    "a span twice": (lambda d: d.with_spans([*d.spans, replace(d.spans[0], score=0.8)]), "repeated"),
    "a label of no type": (lambda d: _first(d, label="Drug"), "label"),
    "everything annotated": (_everything, "density"),
    "a teacher unsure of it": (lambda d: d.with_spans(replace(s, score=0.55) for s in d.spans), "agreement"),
    "a teacher without scores": (lambda d: d.with_spans(replace(s, score=None) for s in d.spans), "agreement"),
    "a text in another language": (_in_another_language, "language"),
    "a text without letters": (lambda d: replace(d, text=f"12 / {d.id[3:]}", spans=()), "language"),
}


def test_the_good_batch_passes(good: Batch, gold: Batch, labels: tuple[str, ...], limits: Validate) -> None:
    verdict = validate(good, gold, labels, limits)
    assert verdict.failures == []
    assert verdict.accepted == good
    assert verdict.quarantined == []
    assert all(outcome.success for outcome in (*verdict.rows, *verdict.batch))
    assert [outcome.evaluated for outcome in verdict.rows] == [len(good)] * len(verdict.rows)


def _each_defect(test: Any) -> Any:
    """Every defect at a place of its own, besides the places that hypothesis chooses."""
    for number, defect in enumerate(ROW_DEFECTS):
        test = example(defect=defect, place=number * 7 % 24)(test)
    return test


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@_each_defect
@given(defect=st.sampled_from(sorted(ROW_DEFECTS)), place=st.integers(0, 23))
def test_each_defect_of_a_row_is_caught_by_its_rule_alone(
    defect: str, place: int, good: Batch, labels: tuple[str, ...], limits: Validate
) -> None:
    plant, reason = ROW_DEFECTS[defect]
    spoilt = [*good[:place], plant(good[place]), *good[place + 1 :]]
    outcomes = judge_rows(frame(spoilt, labels), row_rules(limits))
    assert {outcome.rule.name: outcome.broken_by for outcome in outcomes if outcome.broken_by} == {reason: (place,)}
    assert [outcome.rule.name for outcome in outcomes if not outcome.success] == [reason]


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, 23), second=st.integers(0, 23))
def test_the_second_of_two_copies_is_caught(
    first: int, second: int, good: Batch, labels: tuple[str, ...], limits: Validate
) -> None:
    copy = replace(good[first], id="copy", text=good[first].text.upper() if second % 2 else good[first].text)
    spoilt = [*good[: first + 1], *good[first + 1 : first + 1 + second], copy, *good[first + 1 + second :]]
    outcomes = judge_rows(frame(spoilt, labels), row_rules(limits))
    place = next(position for position, document in enumerate(spoilt) if document.id == "copy")
    assert {outcome.rule.name: outcome.broken_by for outcome in outcomes if outcome.broken_by} == {
        "duplicate": (place,)
    }


def test_a_row_goes_to_quarantine_with_all_its_reasons(
    good: Batch, gold: Batch, labels: tuple[str, ...], limits: Validate
) -> None:
    bad = replace(_first(good[3], label="Drug"), language="zh" if good[3].language == "en" else "en")
    verdict = validate([*good[:3], bad, *good[4:]], gold, labels, limits)
    (held,) = verdict.quarantined
    assert held.meta[REASONS] == ["label", "language"]
    assert held.meta["teacher"] == "t"
    assert (held.id, held.spans) == (bad.id, bad.spans)
    assert verdict.accepted == [*good[:3], *good[4:]]
    assert verdict.to_record()["reasons"] | {"label": 1, "language": 1} == verdict.to_record()["reasons"]
    assert verdict.failures == [], "one bad row does not stop the batch"


def _few(batch: Batch) -> Batch:
    return batch[:19]


def _spoilt(batch: Batch) -> Batch:
    return [
        _first(document, label="Drug") if n % 3 == 0 else document
        for n, document in enumerate([*batch, *_again(batch)])
    ]


def _again(batch: Batch) -> Batch:
    return [replace(d, id=f"{d.id}-b", text=f"{d.text} 9{n}") for n, d in enumerate(batch)]


def _sparse(batch: Batch) -> Batch:
    return [d if d.language == "zh" or n % 4 == 0 else d.with_spans(()) for n, d in enumerate(batch)]


def _dense(batch: Batch) -> Batch:
    return [d.with_spans([*d.spans, *(replace(s, label="gene") for s in d.spans)]) for d in batch]


def _one_type(batch: Batch) -> Batch:
    return [d.with_spans(replace(s, label="drug") for s in d.spans) for d in batch]


BATCH_DEFECTS: dict[str, tuple[Callable[[Batch], Batch], dict[str, float], list[str]]] = {
    "too few rows": (_few, {}, ["accepted_rows is 19 (at least 20)"]),
    "too many bad rows": (_spoilt, {}, ["quarantined_share is 0.333333 (at most 0.25)"]),
    "too few entities": (_sparse, {}, ["density_ratio_en is 0.333333 (0.5 to 2)"]),
    "too many entities": (
        _dense,
        {"max_spans_per_word": 1.0},
        ["density_ratio_en is 2.66667 (0.5 to 2)", "density_ratio_zh is 2.7037 (0.5 to 2)"],
    ),
    "too few types": (_one_type, {}, ["types_occurring is 0.333333 (at least 0.6)"]),
}


@pytest.mark.parametrize("defect", BATCH_DEFECTS)
def test_each_defect_of_a_batch_is_caught_and_named(
    defect: str, good: Batch, gold: Batch, labels: tuple[str, ...], limits: Validate
) -> None:
    plant, changes, failures = BATCH_DEFECTS[defect]
    verdict = validate(plant(good), gold, labels, limits.model_copy(update=changes))
    assert verdict.failures == failures


def test_a_language_that_lost_all_its_rows_stops_the_batch(
    good: Batch, gold: Batch, labels: tuple[str, ...], limits: Validate
) -> None:
    spoilt = [_first(d, label="Drug") if d.language == "zh" else d for d in good]
    lenient = limits.model_copy(update={"max_quarantined": 1.0, "min_rows": 1})
    assert validate(spoilt, gold, labels, lenient).failures == ["density_ratio_zh is 0 (0.5 to 2)"]


def test_no_documents_evaluate_nothing_and_do_not_pass(gold: Batch, labels: tuple[str, ...], limits: Validate) -> None:
    verdict = validate([], gold, labels, limits.model_copy(update={"min_rows": 1, "min_types": 0.0}))
    assert sum("evaluated nothing" in failure for failure in verdict.failures) == len(verdict.rows) + 1
    assert json.dumps(verdict.to_record(), allow_nan=False)


def test_a_batch_without_any_span_does_not_pass(
    good: Batch, gold: Batch, labels: tuple[str, ...], limits: Validate
) -> None:
    loose = limits.model_copy(update={"min_types": 0.0, "density_ratio": (0.0, 2.0)})
    verdict = validate([document.with_spans(()) for document in good], gold, labels, loose)
    assert verdict.failures == ["agreement evaluated nothing: there was no mean_score to judge"]


def test_without_gold_in_any_language_the_density_is_not_taken_for_granted(
    good: Batch, labels: tuple[str, ...], limits: Validate
) -> None:
    verdict = validate(good, [good[0].with_spans(())], labels, limits)
    assert verdict.failures == ["density_ratio evaluated nothing: there was no density_ratio to judge"]
    assert verdict.without_gold == ["en", "zh"]


def test_a_language_without_gold_is_named_and_not_compared(
    good: Batch, gold: Batch, labels: tuple[str, ...], limits: Validate
) -> None:
    verdict = validate(good, [document for document in gold if document.language == "en"], labels, limits)
    assert verdict.failures == []
    assert verdict.to_record()["languages_without_gold"] == ["zh"]


def test_a_rule_on_a_column_that_is_not_there_is_a_bug(good: Batch, labels: tuple[str, ...]) -> None:
    with pytest.raises(RuntimeError, match="could not be evaluated"):
        judge_rows(frame(good, labels), [Rule("typo", "no_such_column", high=0)])


@pytest.mark.parametrize(
    ("value", "low", "high", "success"),
    [(0.5, None, 0.5, True), (0.51, None, 0.5, False), (0.5, 0.5, None, True), (0.49, 0.5, None, False)],
)
def test_limits_are_inclusive(value: float, low: float | None, high: float | None, success: bool) -> None:
    import pandas as pd

    (outcome,) = judge_rows(pd.DataFrame({"figure": [value]}), [Rule("rule", "figure", low, high)])
    assert outcome.success is success


def test_density_is_entities_per_word_of_a_language() -> None:
    documents = [
        Document("a", "one two three four", "en", (Span.of(0, 3, "x"),)),
        Document("b", "five six", "en", (Span.of(0, 4, "x"), Span.of(5, 8, "x"))),
        Document("c", "七八", "zh"),
    ]
    assert density(documents, "en") == 0.5
    assert density(documents, "zh") == 0
    assert density(documents, "de") == 0
