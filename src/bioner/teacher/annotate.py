"""Annotation: run the teacher over what the cache lacks; it then has an annotation of each text, or a reason.

Either here, or in parts elsewhere: then each worker stores what it is told, and all count as one annotating.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import chain

from bioner.progress import track
from bioner.teacher.annotation import Annotation, Answer, Answered, Teacher
from bioner.teacher.budget import Spent
from bioner.teacher.cache import RecordCache
from bioner.teacher.cache_rows import Record
from bioner.teacher.chunks import Key, Plan, Text

Reader = Callable[[Text, Sequence[Answer]], Annotation | None]
Opened = Callable[[], AbstractContextManager[Teacher]]


def annotate(
    plan: Plan,
    *,
    cache: RecordCache,
    teacher: Opened,
    reader: Reader | None = None,
    prices: tuple[float, float] | None = None,
    elsewhere: Callable[[Iterator[Sequence[Text]]], None] | None = None,
) -> None:
    """Have what the teacher says of each text in the cache.

    A text that failed in an earlier run is asked for again, but not if that run was cut off, by a kill or an error, and
    goes on here: what it paid for is not paid twice. A teacher that stops loses nothing: what it answered
    until then is on disk when its error is raised.

    Args:
        plan: the texts; those of a chunk are handed over together.
        cache: what was annotated before, and where the rest goes.
        teacher: loads the model; called only if something is left to annotate.
        reader: reads answers anew that were read by other code; `None` where they have to be asked for again.
        prices: of a million tokens asked and answered.
        elsewhere: has the rest annotated by others (`annotate_part`), in place of a teacher that is opened here.

    Raises:
        BionerError: the teacher stopped, for the reason that it gives.
    """
    cache.ask(key for chunk in plan.chunks() for key in chunk.keys)
    if reader and cache.outdated:
        _read_anew(plan, cache, reader)
    left = _left(plan, cache)
    first = next(left, None)
    if first is None:
        cache.close_run()
        return
    left = chain([first], left)
    with cache.run(prices):
        if elsewhere:
            elsewhere(left)
            return
        total, done = cache.wanted, cache.settled
        with teacher() as model:
            for _ in track(_stored(model, left, plan.key, cache), "annotating", total, done=done):
                pass


def annotate_part(plan: Plan, *, cache: RecordCache, teacher: Opened, run: int) -> None:
    """Have what the teacher says of some of the texts of an annotating in the cache.

    Args:
        plan: the texts of this part.
        cache: that of the annotating, opened anew.
        run: the number that the annotating has there.

    Raises:
        BionerError: the teacher stopped, for the reason that it gives.
    """
    cache.join(run)
    cache.ask(key for chunk in plan.chunks() for key in chunk.keys)
    with teacher() as model:
        for _ in _stored(model, _left(plan, cache), plan.key, cache):
            pass


def _left(plan: Plan, cache: RecordCache) -> Iterator[Sequence[Text]]:
    """What is to be annotated of each chunk; looked up when it is drawn, as another process may have stored it."""
    for chunk in plan.chunks():
        texts = dict(zip(chunk.keys, chunk.texts, strict=True))
        if left := [texts[key] for key in cache.take(texts)]:
            yield left


def _stored(
    model: Teacher, chunks: Iterator[Sequence[Text]], key: Callable[[Text], Key], cache: RecordCache
) -> Iterator[Answered]:
    before = model.spent
    try:
        for group in model.answers(chunks):
            now = model.spent
            cache.put([Record(key(text), said, answers) for text, said, answers in group], _since(before, now))
            before = now
            if now:
                model.heed(cache.spent().minus(now))
            yield from group
    finally:
        if before != model.spent:  # what led to no answer
            cache.put([], _since(before, model.spent))


def _since(before: Spent | None, now: Spent | None) -> Spent | None:
    return now.minus(before) if before and now else now


def _read_anew(plan: Plan, cache: RecordCache, reader: Reader) -> None:
    for chunk in plan.chunks():
        cache.put(list(_anew(zip(chunk.texts, chunk.keys, strict=True), cache, reader)))


def _anew(texts: Iterable[tuple[Text, Key]], cache: RecordCache, reader: Reader) -> Iterator[Record]:
    for text, key in texts:
        answers = cache.stale(key)
        said = reader(text, answers) if answers else None
        if said is not None:
            yield Record(key, said, tuple(answers))
