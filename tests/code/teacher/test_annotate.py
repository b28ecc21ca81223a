"""Annotation: cached or fresh, interrupted or not, the texts come out the same, and none is paid for twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.errors import GateError
from bioner.files import hash_value
from bioner.teacher.annotate import annotate, annotate_part
from bioner.teacher.annotation import Annotation, Answer, Answered
from bioner.teacher.budget import Spent
from bioner.teacher.cache import RecordCache, open_cache
from bioner.teacher.cache_status import read_status
from bioner.teacher.chunks import Text, apart, key_of, text_of, together
from bioner.teacher.shards import read_shard, write_shards
from bioner.teacher.tagger import PredictorTeacher

TYPES = EntityTypes.of_words(["drug", "gene"])
DOCUMENTS = [Document(f"d{n}", f"text {n % 17} on a drug", "en", source=f"s{n}", meta={"n": n}) for n in range(20)]
TEAMS = together(DOCUMENTS, 4, "teacher")
SINGLES = apart(lambda: DOCUMENTS, 4, lambda text: key_of(["teacher", text]))


class Interruption(BaseException):
    """What stands for a kill here; the stage's own test kills a process."""


class Tagger:
    """Marks the first word; its score depends on all texts of the call, as batches change the floats of a model."""

    types = TYPES

    def __init__(self, patience: int = 1000) -> None:
        self.seen: list[str] = []
        self.patience = patience

    def predict(
        self, documents: Iterable[Document], types: EntityTypes | None = None, *, batch_size: int = 16
    ) -> Iterator[Document]:
        documents = list(documents)
        assert types is TYPES
        assert batch_size == 3
        company = hash_value([document.text for document in documents])
        for document in documents:
            if len(self.seen) == self.patience:
                raise Interruption
            self.seen.append(document.text)
            score = int(hash_value([company, document.text])[:6], 16) / 0xFFFFFF
            yield document.with_spans([Span.of(5, 6, "gene", 1.0), Span.of(0, 4, "drug", score)])


def cached(path: Path, reader: str = "") -> AbstractContextManager[RecordCache]:
    return open_cache(path, {"who": "me"}, reader)


def run(cache: RecordCache, tagger: Tagger) -> list[Annotation]:
    annotate(TEAMS, cache=cache, teacher=lambda: nullcontext(PredictorTeacher(tagger, TYPES, 3)))
    return [cache.said(TEAMS.key(text_of(document))) for document in DOCUMENTS]


def test_asks_for_each_text_once(tmp_path: Path) -> None:
    tagger = Tagger()
    with cached(tmp_path / "cache") as cache:
        done = run(cache, tagger)
        assert (cache.wanted, cache.usable, len(cache)) == (17, 17, 17)
    assert sorted(tagger.seen) == sorted({document.text for document in DOCUMENTS})
    assert all([span.label for span in said.spans] == ["drug", "gene"] for said in done)
    assert done[:3] == done[17:]


def test_does_not_load_the_teacher_when_all_is_cached(tmp_path: Path) -> None:
    def no_teacher() -> nullcontext[PredictorTeacher]:
        pytest.fail("the teacher was loaded")

    with cached(tmp_path / "cache") as cache:
        first = run(cache, Tagger())
        annotate(TEAMS, cache=cache, teacher=no_teacher)
        assert [cache.said(TEAMS.key(text_of(document))) for document in DOCUMENTS] == first


@settings(max_examples=10, deadline=None)
@given(patience=st.lists(st.integers(0, 17), max_size=3))
def test_interruptions_leave_no_trace(tmp_path_factory: pytest.TempPathFactory, patience: list[int]) -> None:
    folder = tmp_path_factory.mktemp("caches")
    with cached(folder / "undisturbed") as cache:
        undisturbed = run(cache, Tagger())
    taggers = [*map(Tagger, patience), Tagger()]
    for tagger in taggers:
        with cached(folder / "disturbed") as cache:
            try:
                done = run(cache, tagger)
            except Interruption:
                continue
    assert done == undisturbed
    asked = sum(len(tagger.seen) for tagger in taggers)
    assert asked - 17 <= 4 * len(patience), "more than the chunk in flight was annotated twice"


def test_a_teacher_that_loses_a_text_is_a_bug_and_not_cached(tmp_path: Path) -> None:
    class Forgetful(Tagger):
        def predict(
            self, documents: Iterable[Document], types: EntityTypes | None = None, *, batch_size: int = 16
        ) -> Iterator[Document]:
            return super().predict(list(documents)[1:], types, batch_size=batch_size)

    with cached(tmp_path / "cache") as cache:
        with pytest.raises(ValueError, match="shorter"):
            run(cache, Forgetful())
        assert len(cache) == 0


class Paid:
    """Answers texts one after another; some fail, and after a number of answers it stops."""

    def __init__(self, failing: Sequence[str] = (), most: int = 1000, spent: Spent | None = None) -> None:
        self.failing = failing
        self.most = most
        self.spent = spent or Spent()
        self.asked: list[str] = []
        self.others = Spent()

    def heed(self, others: Spent) -> None:
        self.others = others

    def answers(self, chunks: Iterator[Sequence[Text]]) -> Iterator[list[Answered]]:
        for text in (text for chunk in chunks for text in chunk):
            if len(self.asked) == self.most:
                self.spent = Spent(self.spent.replies, 0, self.spent.completion_tokens + 7)  # what led to nothing
                raise GateError("the budget is used up")
            self.asked.append(text[1])
            self.spent = Spent(self.spent.replies + 1, 0, self.spent.completion_tokens)
            if text[1] in self.failing:
                yield [Answered(text, Annotation(failure="no luck"))]
            else:
                yield [Answered(text, Annotation((Span.of(0, 4, "drug", 1.0),)), (("an answer", "stop"),))]


def pay(cache: RecordCache, teacher: Paid) -> None:
    annotate(SINGLES, cache=cache, teacher=lambda: nullcontext(teacher))


def test_a_text_that_failed_is_alone_asked_for_again(tmp_path: Path) -> None:
    failing = [DOCUMENTS[3].text, DOCUMENTS[9].text]
    with cached(tmp_path / "cache") as cache:
        pay(cache, Paid(failing))
        assert (cache.wanted, cache.usable) == (17, 15)
        again = Paid()
        pay(cache, again)
        assert cache.usable == 17
    assert sorted(again.asked) == sorted(failing)


def test_what_failed_in_a_run_that_was_cut_off_is_not_paid_for_again_until_it_has_ended(tmp_path: Path) -> None:
    failing = [document.text for document in DOCUMENTS[2:5]]
    with cached(tmp_path / "cache") as cache:
        for most in (6, 3):
            with pytest.raises(GateError):
                pay(cache, Paid(failing, most))
        last = Paid(failing)
        pay(cache, last)
        assert (len(last.asked), cache.usable, cache.settled) == (17 - 9, 14, 17)
        assert not set(last.asked) & set(failing)
        progress = read_status(tmp_path / "cache").progress
        assert progress is not None
        assert (progress.running, progress.wanted, progress.done) == (False, 17, 17)
        again = Paid()
        pay(cache, again)
    assert sorted(again.asked) == sorted(failing)


def test_a_run_that_was_cut_off_at_its_very_end_is_ended_by_the_next(tmp_path: Path) -> None:
    failing = [DOCUMENTS[3].text]
    with cached(tmp_path / "cache") as cache:
        with pytest.raises(Interruption):
            annotate(SINGLES, cache=cache, teacher=lambda: cut_off(Paid(failing)))
        for expected in ([], failing):
            teacher = Paid()
            pay(cache, teacher)
            assert teacher.asked == expected


@contextmanager
def cut_off(teacher: Paid) -> Iterator[Paid]:
    """A teacher that is killed when all is stored."""
    yield teacher
    raise Interruption


@settings(max_examples=6, deadline=None)
@given(most=st.lists(st.integers(0, 17), max_size=4))
def test_a_teacher_that_stops_loses_nothing(tmp_path_factory: pytest.TempPathFactory, most: list[int]) -> None:
    teachers: list[Paid] = []
    stops = 0
    with cached(tmp_path_factory.mktemp("caches") / "cache") as cache:
        for patience in [*most, 1000]:
            before = sum(len(teacher.asked) for teacher in teachers)
            teachers.append(Paid(most=patience, spent=cache.spent()))
            if patience < 17 - before:
                stops += 1
                with pytest.raises(GateError):
                    pay(cache, teachers[-1])
            else:
                pay(cache, teachers[-1])
        assert cache.usable == 17
        assert cache.spent() == Spent(17, 0, 7 * stops)
    asked = [text for teacher in teachers for text in teacher.asked]
    assert sorted(asked) == sorted({document.text for document in DOCUMENTS}), "a text was paid for twice"


def test_answers_are_read_anew_by_other_code_and_not_paid_for_again(tmp_path: Path) -> None:
    with cached(tmp_path / "cache", "old code") as cache:
        pay(cache, Paid([DOCUMENTS[3].text]))
    unusable = DOCUMENTS[5].text

    def better(text: Text, answers: Sequence[Answer]) -> Annotation | None:
        assert answers == [("an answer", "stop")]
        return None if text[1] == unusable else Annotation((Span.of(0, 6, "gene", 1.0),))

    teacher = Paid()
    with cached(tmp_path / "cache", "new code") as cache:
        annotate(SINGLES, cache=cache, teacher=lambda: nullcontext(teacher), reader=better)
        labels = {d.text: cache.said(SINGLES.key(text_of(d))).spans[0].label for d in DOCUMENTS}
        assert cache.usable == 17
    asked = {DOCUMENTS[3].text, unusable}
    assert set(teacher.asked) == asked
    assert labels == {d.text: "drug" if d.text in asked else "gene" for d in DOCUMENTS}


def test_parts_elsewhere_count_as_one_annotating(tmp_path: Path) -> None:
    failing = [DOCUMENTS[3].text]
    teachers: list[Paid] = []

    with cached(tmp_path / "cache") as cache:

        def elsewhere(left: Iterator[Sequence[Text]]) -> None:
            run = cache.run_number
            assert run is not None
            for shard in write_shards(tmp_path, left, SINGLES.key, 5):
                with cached(tmp_path / "cache") as own:
                    teachers.append(Paid(failing, spent=own.spent()))
                    part = read_shard(shard.path)
                    annotate_part(part, cache=own, teacher=lambda: nullcontext(teachers[-1]), run=run)

        def no_teacher() -> nullcontext[Paid]:
            pytest.fail("a teacher was opened here")

        annotate(SINGLES, cache=cache, teacher=no_teacher, elsewhere=elsewhere)
        assert (cache.wanted, cache.usable, cache.spent().replies) == (17, 16, 17)
    asked = [text for teacher in teachers for text in teacher.asked]
    assert sorted(asked) == sorted({document.text for document in DOCUMENTS})
    assert len(teachers) == 3, "chunks of four, in shards of at least five"
    progress = read_status(tmp_path / "cache").progress
    assert progress is not None
    assert (progress.running, progress.wanted, progress.done) == (False, 17, 17)


def test_a_teacher_is_told_what_others_spend(tmp_path: Path) -> None:
    class Beside(Paid):
        """Another process of the same teacher, which stores an answer with every answer here."""

        def answers(self, chunks: Iterator[Sequence[Text]]) -> Iterator[list[Answered]]:
            for answered in super().answers(chunks):
                with cached(tmp_path / "cache") as other:
                    other.put([], Spent(2, 5, 0))
                yield answered
                assert self.others == Spent(2 * len(self.asked), 5 * len(self.asked), 0)

    with cached(tmp_path / "cache") as cache:
        pay(cache, Beside())
        assert cache.spent() == Spent(3 * 17, 5 * 17, 0)
