"""Annotation: cached or fresh, interrupted or not, the documents come out the same, and the figures add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.errors import BionerError, GateError
from bioner.files import hash_value
from bioner.teacher.annotate import account, annotate, annotated, keep_sure, summarise
from bioner.teacher.annotation import NOT_ASKED, Annotation
from bioner.teacher.budget import Spent
from bioner.teacher.cache import AnnotationCache, open_cache
from bioner.teacher.chunks import Text, partition
from bioner.teacher.tagger import PredictorTeacher

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
    opened = nullcontext(PredictorTeacher(teacher, TYPES, 3))
    return annotated(DOCUMENTS, annotate(partition(DOCUMENTS, 4, "teacher"), cache=cache, teacher=lambda: opened))


def test_keeps_documents_and_order_and_asks_for_each_text_once(tmp_path: Path) -> None:
    teacher = Teacher()
    with open_cache(tmp_path / "cache") as cache:
        done = run(cache, teacher)
    assert [document.with_spans(()) for document in done] == DOCUMENTS
    assert sorted(teacher.seen) == sorted({document.text for document in DOCUMENTS})
    assert all([span.label for span in document.spans] == ["drug", "gene"] for document in done)


def test_does_not_load_the_teacher_when_all_is_cached(tmp_path: Path) -> None:
    def no_teacher() -> nullcontext[PredictorTeacher]:
        pytest.fail("the teacher was loaded")

    with open_cache(tmp_path / "cache") as cache:
        first = run(cache, Teacher())
        chunks = partition(DOCUMENTS, 4, "teacher")
        again = annotated(DOCUMENTS, annotate(chunks, cache=cache, teacher=no_teacher))
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
                done = run(cache, teacher)
            except Interruption:
                continue
    assert done == undisturbed
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


class Paid:
    """Answers texts one after another; some fail, and after a number of answers it stops."""

    ahead = 6

    def __init__(self, failing: Sequence[str] = (), most: int = 1000, spent: Spent | None = None) -> None:
        self.failing = failing
        self.most = most
        self.spent = spent or Spent()
        self.stopped: BionerError | None = None
        self.asked: list[str] = []
        self.waiting = 0

    def begin(self, texts: Sequence[Text]) -> Iterator[Annotation]:
        self.waiting += len(texts)
        assert self.waiting <= self.ahead + 4, "more texts were begun than may wait"
        return (self._annotation(text) for _, text in texts)

    def _annotation(self, text: str) -> Annotation:
        self.waiting -= 1
        if len(self.asked) == self.most:
            self.stopped = GateError("the budget is used up")
            return Annotation(failure=NOT_ASKED)
        self.asked.append(text)
        self.spent = Spent(self.spent.replies + 1, 0, 0)
        return Annotation(failure="no luck") if text in self.failing else Annotation((Span.of(0, 4, "drug", 1.0),))


def pay(cache: AnnotationCache, teacher: Paid) -> list[Document]:
    chunks = partition(DOCUMENTS, 4, "teacher")
    annotations = annotate(chunks, cache=cache, teacher=lambda: nullcontext(teacher))
    return annotated(DOCUMENTS, annotations)


def test_a_text_that_failed_is_left_out_and_alone_asked_for_again(tmp_path: Path) -> None:
    failing = [DOCUMENTS[3].text, DOCUMENTS[9].text]
    with open_cache(tmp_path / "cache") as cache:
        done = pay(cache, Paid(failing))
        again = Paid()
        everything = pay(cache, again)
    assert [d.id for d in done] == [d.id for d in DOCUMENTS if d.text not in failing]
    assert [d.id for d in everything] == [d.id for d in DOCUMENTS]
    assert sorted(again.asked) == sorted(failing)


@settings(max_examples=20, deadline=None)
@given(most=st.lists(st.integers(0, 17), max_size=4))
def test_a_teacher_that_stops_loses_nothing(tmp_path_factory: pytest.TempPathFactory, most: list[int]) -> None:
    teachers = []
    with open_cache(tmp_path_factory.mktemp("caches") / "cache") as cache:
        for patience in [*most, 1000]:
            teachers.append(Paid(most=patience, spent=cache.spent()))
            before = sum(len(teacher.asked) for teacher in teachers)
            if patience < 17 - before:
                with pytest.raises(GateError):
                    pay(cache, teachers[-1])
            else:
                assert len(pay(cache, teachers[-1])) == len(DOCUMENTS)
        assert cache.spent().replies == 17
    asked = [text for teacher in teachers for text in teacher.asked]
    assert sorted(asked) == sorted({document.text for document in DOCUMENTS}), "a text was paid for twice"


def test_the_account_has_what_failed_by_document_and_what_was_wrong_by_text() -> None:
    said = {
        ("en", "text 1 on a drug"): Annotation(failure="no luck"),
        ("en", "text 2 on a drug"): Annotation((), {"words added": 2, "blanks": 1}),
        ("en", "text 3 on a drug"): Annotation((), {"words added": 1}),
    }
    documents = [document for document in DOCUMENTS if ("en", document.text) in said]
    assert account(documents, said) == {
        "failed": {"no luck": 2},
        "mismatches": {"words added": 3, "blanks": 1},
    }


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
