"""The gate: the good batch passes, and each planted defect is caught by the rule meant for it, and by no other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from planted_defects import BATCH_DEFECTS, ROW_DEFECTS, Batch, first

from bioner.config import Validate
from bioner.documents import Document
from bioner.validation.gate import Reference, judge_rows, validate
from bioner.validation.quarantine import REASONS

_FEW = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def broken(batch: Batch, reference: Reference, limits: Validate) -> dict[str, tuple[int, ...]]:
    """Rule of a row -> the positions of the rows that break it; a rule is met exactly where no row breaks it."""
    outcomes = [outcome for suite in judge_rows(batch, reference, limits) for outcome in suite.outcomes]
    assert all(outcome.success == (not outcome.broken_by) for outcome in outcomes)
    return {outcome.rule.name: outcome.broken_by for outcome in outcomes if outcome.broken_by}


def test_the_good_batch_passes(good: Batch, reference: Reference, limits: Validate) -> None:
    verdict = validate(good, reference, limits)
    assert verdict.failures == []
    assert verdict.accepted == good
    assert verdict.quarantined == []
    assert all(outcome.success for outcome in (*verdict.rows, *verdict.batch))
    assert [outcome.evaluated for outcome in verdict.rows] == [len(good)] * len(verdict.rows)
    assert [suite.name for suite in verdict.suites] == ["documents", "annotations", "batch"]


def _each_defect(test: Any) -> Any:
    """Every defect at a place of its own, besides the places that hypothesis chooses."""
    for number, defect in enumerate(ROW_DEFECTS):
        test = example(defect=defect, place=number * 7 % 24)(test)
    return test


@pytest.mark.slow
@_FEW
@_each_defect
@given(defect=st.sampled_from(sorted(ROW_DEFECTS)), place=st.integers(0, 23))
def test_each_defect_of_a_row_is_caught_by_its_rule_alone(
    defect: str, place: int, good: Batch, reference: Reference, limits: Validate
) -> None:
    plant, reasons = ROW_DEFECTS[defect]
    spoilt = [*good[:place], plant(good[place]), *good[place + 1 :]]
    assert broken(spoilt, reference, limits) == dict.fromkeys(reasons, (place,))


@_FEW
@given(copied=st.tuples(st.integers(0, 23), st.integers(0, 23), st.booleans()))
def test_the_second_of_two_copies_is_caught(
    copied: tuple[int, int, bool], good: Batch, reference: Reference, limits: Validate
) -> None:
    of, later, louder = copied
    copy = replace(good[of], id="copy", text=good[of].text.upper() if louder else good[of].text)
    place = min(of + 1 + later, 24)
    assert broken([*good[:place], copy, *good[place:]], reference, limits) == {"duplicate": (place,)}


def test_of_two_documents_with_one_id_neither_is_trusted(good: Batch, reference: Reference, limits: Validate) -> None:
    spoilt = [*good[:20], replace(good[20], id=good[3].id), *good[21:]]
    assert broken(spoilt, reference, limits) == {"unique_id": (3, 20)}


def test_a_row_goes_to_quarantine_with_all_its_reasons(good: Batch, reference: Reference, limits: Validate) -> None:
    bad = replace(first(good[3], label="Drug"), language="zh" if good[3].language == "en" else "en")
    verdict = validate([*good[:3], bad, *good[4:]], reference, limits)
    (held,) = verdict.quarantined
    assert held.meta[REASONS] == ["language", "label"]
    assert held.meta["teacher"] == "t"
    assert (held.id, held.spans) == (bad.id, bad.spans)
    assert verdict.accepted == [*good[:3], *good[4:]]
    assert verdict.to_record()["reasons"] | {"label": 1, "language": 1} == verdict.to_record()["reasons"]
    assert verdict.failures == [], "one bad row does not stop the batch"


@pytest.mark.slow
@pytest.mark.parametrize("defect", BATCH_DEFECTS)
def test_each_defect_of_a_batch_is_caught_and_named(
    defect: str, good: Batch, reference: Reference, limits: Validate
) -> None:
    planted = BATCH_DEFECTS[defect]
    found = validate(planted.plant(good), reference, limits.model_copy(update=planted.changes)).failures
    assert len(found) == len(planted.failures)
    assert all(failure.startswith(expected) for failure, expected in zip(found, planted.failures, strict=True)), found


def test_a_language_that_lost_all_its_rows_stops_the_batch(good: Batch, reference: Reference, limits: Validate) -> None:
    spoilt = [first(d, label="Drug") if d.language == "zh" else d for d in good]
    lenient = limits.model_copy(update={"max_quarantined": 1.0, "min_rows": 1})
    assert validate(spoilt, reference, lenient).failures == ["density_ratio_zh is 0 (0.5 to 2)"]


def test_no_documents_evaluate_nothing_and_no_rule_passes(reference: Reference, limits: Validate) -> None:
    verdict = validate([], reference, limits)
    assert not [outcome.rule.name for outcome in (*verdict.rows, *verdict.batch) if outcome.success]
    assert len(verdict.failures) == len(verdict.rows) + len(verdict.batch)
    measured = {outcome.rule.name for outcome in verdict.batch if outcome.evaluated}
    assert measured == {"accepted_rows", "answered_share", "types_occurring"}, "which are 0"
    assert json.dumps(verdict.to_record(), allow_nan=False)


def test_a_batch_without_any_span_does_not_pass(good: Batch, reference: Reference, limits: Validate) -> None:
    loose = limits.model_copy(update={"min_types": 0.0, "min_yield": 0.0, "density_ratio": (0.0, 2.0)})
    verdict = validate([document.with_spans(()) for document in good], reference, loose)
    assert verdict.failures == [
        "agreement evaluated nothing: there was no mean_score to judge",
        "label_drift evaluated nothing: there was no label_drift to judge",
        "length_drift evaluated nothing: there was no length_drift to judge",
    ]


def test_without_gold_in_any_language_nothing_is_taken_for_granted(
    good: Batch, reference: Reference, limits: Validate
) -> None:
    verdict = validate(good, replace(reference, gold=[good[0].with_spans(())]), limits)
    assert [failure.split()[0] for failure in verdict.failures] == ["density_ratio", "label_drift", "length_drift"]
    assert all("evaluated nothing" in failure for failure in verdict.failures)
    assert verdict.without_gold == ["en", "zh"]


def test_without_a_request_the_answers_are_not_taken_for_complete(
    good: Batch, reference: Reference, limits: Validate
) -> None:
    verdict = validate(good, replace(reference, requested=[]), limits)
    assert verdict.failures == ["answered_share evaluated nothing: there was no answered_share to judge"]


def test_without_judged_texts_leakage_is_not_taken_for_excluded(
    good: Batch, reference: Reference, limits: Validate
) -> None:
    documents, _ = judge_rows(good, replace(reference, judged={"test": reference.judged["test"]}), limits)
    assert {o.rule.name: o.evaluated for o in documents.outcomes if o.evaluated < 24} == {"leakage": 16}, "in English"
    none = validate(good, replace(reference, judged={"test": []}), limits)
    assert none.failures == ["leakage evaluated nothing: there was no judged_texts to judge"]


def test_a_language_without_gold_is_named_and_not_compared(good: Batch, reference: Reference, limits: Validate) -> None:
    english = [document for document in reference.gold if document.language == "en"]
    verdict = validate(good, replace(reference, gold=english), limits)
    assert verdict.failures == []
    assert verdict.to_record()["languages_without_gold"] == ["zh"]


def test_identifiers_that_are_not_asked_for_are_let_through(
    good: Batch, reference: Reference, limits: Validate
) -> None:
    plant, _ = ROW_DEFECTS["a phone number"]
    spoilt = [plant(good[0]), *good[1:]]
    assert broken(spoilt, reference, limits.model_copy(update={"identifiers": ("email",)})) == {}


def test_examples_with_labels_of_their_own_are_judged_by_what_holds_for_them(
    good: Batch, reference: Reference, limits: Validate
) -> None:
    def free(document: Document, task: str, negatives: list[str]) -> Document:
        spans = [replace(span, label=f"a {span.label} of {document.id}") for span in document.spans]
        meta = {**document.meta, "task": task, "negatives": negatives}
        return replace(document.with_spans(spans), id=f"{document.id}/{task}", meta=meta)

    fine = [free(document, task, ["anything else"]) for task in ("entities", "relations") for document in good]
    verdict = validate(fine, reference, limits)
    assert verdict.failures == []
    assert verdict.accepted == fine
    assert {outcome.rule.name for outcome in verdict.batch} == {
        *("accepted_rows", "quarantined_share", "texts_with_entities"),
    }
    place = next(number for number, document in enumerate(fine) if document.spans)
    denied = free(good[place], "entities", [fine[place].spans[0].label])
    assert broken([denied], reference, limits)["label"] == (0,)
    assert broken([fine[place], fine[place]], reference, limits)["duplicate"] == (1,)
    mixed = validate([*fine, good[0]], reference, limits)
    assert {outcome.rule.name for outcome in mixed.batch} > {outcome.rule.name for outcome in verdict.batch}
