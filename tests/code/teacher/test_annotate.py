"""Annotation: cached or fresh, interrupted or not, the documents come out the same, and the figures add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.files import hash_value
from bioner.teacher.annotate import annotate, keep_sure, summarise
from bioner.teacher.cache import AnnotationCache, open_cache
from bioner.teacher.chunks import partition

TYPES = EntityTypes.of_words(["drug", "gene"])
DOCUMENTS = [Document(f"d{n}", f"text {n % 17} on a drug", "en", source=f"s{n}", meta={"n": n}) for n in range(20)]


class Interruption(BaseException):
    """What stands for a kill here; the stage's own test kills a process."""


class Teacher:
    """Marks the first word; its score depends on all texts of the call, as batches change the floats of a model."""

    types = TYPES

    def __init__(self, patience: int = 1000) -> None:
        self.seen: list[str] = []
        self.patience = patience

    def predict(
        self, documents: Sequence[Document], types: EntityTypes | None = None, *, batch_size: int = 16
    ) -> Iterator[Document]:
        assert types is TYPES
        assert batch_size == 3
        company = hash_value([document.text for document in documents])
        for document in documents:
            if len(self.seen) == self.patience:
                raise Interruption
            self.seen.append(document.text)
            score = int(hash_value([company, document.text])[:6], 16) / 0xFFFFFF
            yield document.with_spans([Span.of(5, 6, "gene", 1.0), Span.of(0, 4, "drug", score)])


def run(cache: AnnotationCache, teacher: Teacher) -> list[Document]:
    chunks = partition(DOCUMENTS, 4, "teacher")
    return annotate(DOCUMENTS, chunks, TYPES, cache=cache, teacher=lambda: teacher, batch_size=3)


def test_keeps_documents_and_order_and_asks_for_each_text_once(tmp_path: Path) -> None:
    teacher = Teacher()
    with open_cache(tmp_path / "cache") as cache:
        annotated = run(cache, teacher)
    assert [document.with_spans(()) for document in annotated] == DOCUMENTS
    assert sorted(teacher.seen) == sorted({document.text for document in DOCUMENTS})
    assert all([span.label for span in document.spans] == ["drug", "gene"] for document in annotated)


def test_does_not_load_the_teacher_when_all_is_cached(tmp_path: Path) -> None:
    def no_teacher() -> Teacher:
        pytest.fail("the teacher was loaded")

    with open_cache(tmp_path / "cache") as cache:
        first = run(cache, Teacher())
        chunks = partition(DOCUMENTS, 4, "teacher")
        again = annotate(DOCUMENTS, chunks, TYPES, cache=cache, teacher=no_teacher, batch_size=3)
    assert again == first


@settings(max_examples=10, deadline=None)
@given(patience=st.lists(st.integers(0, 17), max_size=3))
def test_interruptions_leave_no_trace(tmp_path_factory: pytest.TempPathFactory, patience: list[int]) -> None:
    folder = tmp_path_factory.mktemp("caches")
    with open_cache(folder / "undisturbed") as cache:
        undisturbed = run(cache, Teacher())
    teachers = [*map(Teacher, patience), Teacher()]
    with open_cache(folder / "disturbed") as cache:
        for teacher in teachers:
            try:
                annotated = run(cache, teacher)
            except Interruption:
                continue
    assert annotated == undisturbed
    asked = sum(len(teacher.seen) for teacher in teachers)
    assert asked - 17 <= 4 * len(patience), "more than the chunk in flight was annotated twice"


def test_a_teacher_that_loses_a_document_is_a_bug_and_not_cached(tmp_path: Path) -> None:
    class Forgetful(Teacher):
        def predict(
            self, documents: Sequence[Document], types: EntityTypes | None = None, *, batch_size: int = 16
        ) -> Iterator[Document]:
            return super().predict(documents[1:], types, batch_size=batch_size)

    with open_cache(tmp_path / "cache") as cache:
        with pytest.raises(ValueError, match="shorter"):
            run(cache, Forgetful())
        assert len(cache) == 0


SCORES = st.none() | st.floats(0, 1)


@given(scores=st.lists(SCORES, max_size=5), least=st.floats(0.01, 1))
def test_keeps_only_what_the_teacher_was_sure_of(scores: list[float | None], least: float) -> None:
    document = Document("d", "aspirin", "en", tuple(Span.of(0, 7, "drug", score) for score in scores))
    kept = keep_sure(document, least)
    assert [span.score for span in kept.spans] == [score for score in scores if score is not None and score >= least]


def test_summary_counts_what_was_kept_and_what_was_dropped() -> None:
    one, two, three = (Document(name, "aspirin", "en") for name in "abc")
    before = [one.with_spans([Span.of(0, 7, "drug", 0.75), Span.of(0, 3, "drug", 0.25)]), two, three]
    kept = [keep_sure(document, 0.5) for document in before]
    assert summarise(before, kept, TYPES) == {
        "documents": 3,
        "texts": 1,
        "with_spans": 1,
        "empty": 2,
        "spans": 1,
        "spans_per_type": {"drug": 1, "gene": 0},
        "mean_score": 0.75,
        "dropped": {"below_min_score": 1},
    }
    assert summarise([two], [two], TYPES)["mean_score"] is None
