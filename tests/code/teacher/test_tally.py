"""The tally: figures add up, what was unsure is dropped and counted, and the sample of what was lost is bounded."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.teacher.annotation import Annotation
from bioner.teacher.tally import Tally, sure
from bioner.teacher.tasks.problems import Problem

TYPES = EntityTypes.of_words(["drug", "gene"])
DOCUMENT = Document("d", "aspirin", "en")
SCORES = st.none() | st.floats(0, 1)


@given(scores=st.lists(SCORES, max_size=5), least=st.floats(0.01, 1))
def test_keeps_only_what_the_teacher_was_sure_of(scores: list[float | None], least: float) -> None:
    kept = sure(Annotation(tuple(Span.of(0, 7, "drug", score) for score in scores)), least)
    assert [span.score for span in kept] == [score for score in scores if score is not None and score >= least]


def test_counts_what_was_kept_and_what_was_dropped() -> None:
    tally = Tally(TYPES)
    said = Annotation((Span.of(0, 7, "drug", 0.75), Span.of(0, 3, "drug", 0.25)))
    tally.add(DOCUMENT, said, sure(said, 0.5))
    tally.add(DOCUMENT, Annotation(), ())
    tally.add(DOCUMENT, Annotation(), ())
    assert tally.summary(texts=1) == {
        "documents": 3,
        "texts": 1,
        "with_spans": 1,
        "empty": 2,
        "spans": 1,
        "spans_per_type": {"drug": 1, "gene": 0},
        "mean_score": 0.75,
        "dropped": {"below_min_score": 1},
    }
    assert Tally(TYPES).summary(0)["mean_score"] is None


def test_failures_are_counted_by_document_and_are_no_texts_without_entities() -> None:
    tally = Tally(TYPES)
    for failure in ("no luck", "no luck", "bad luck"):
        tally.add(DOCUMENT, Annotation(failure=failure), ())
    assert tally.account({"blanks": 1, "words added": 3, "also": 1}) == {
        "failed": {"no luck": 2, "bad luck": 1},
        "mismatches": {"words added": 3, "also": 1, "blanks": 1},
    }
    assert tally.summary(0)["documents"] == 0


def test_of_what_was_lost_the_first_of_each_reason_are_kept(tmp_path: Path) -> None:
    tally = Tally(TYPES)
    for number in range(200):
        lost = (Problem("often", f"part {number}"), *([Problem("once", "部分")] if number == 150 else []))
        tally.add(Document(f"d{number}", "aspirin", "en"), Annotation(lost=lost), ())
    tally.write_lost(tmp_path / "lost.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "lost.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["said"] for line in lines] == [*(f"part {number}" for number in range(50)), "部分"]
    assert lines[-1] == {"id": "d150", "reason": "once", "said": "部分", "text": "aspirin"}
