"""Stage distill: the teacher annotates the curated texts; interrupted, it goes on where it was."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

from bioner.documents import Document, read_documents, write_documents
from bioner.errors import DataError, GateError
from bioner.events import event
from bioner.files import write_json
from bioner.progress import console
from bioner.stages import layout
from bioner.stages.context import Context
from bioner.stages.distill_shards import in_workers
from bioner.stages.distill_work import work_of
from bioner.teacher import endpoint, local
from bioner.teacher.annotate import annotate
from bioner.teacher.cache import RecordCache
from bioner.teacher.chunks import Plan, text_of
from bioner.teacher.manifest import TeacherManifest
from bioner.teacher.question import task_of
from bioner.teacher.tally import Tally, sure
from bioner.teacher.tasks.writing import Writer


def run(context: Context) -> None:
    """Annotate `data/curated.jsonl` into `data/distilled.jsonl`, with the teacher's hash in every document.

    A document for which the teacher has no answer is left out, and counted by reason. With free labels, the examples
    that its answer gives stand for a document (see `bioner.teacher.tasks.writing`).

    Raises:
        ModelError: the model is not the one that the teacher's manifest was written for, or cannot be reached.
        DataError: there is nothing to annotate, or no room for what is said.
        GateError: the teacher's budget is used up, or it had no answer for too many texts.
    """
    manifest = TeacherManifest.read(layout.TEACHER)
    if next(read_documents(layout.CURATED), None) is None:
        mend = "give `corpora` unlabelled text, or loosen `curate`"
        raise DataError("no text is left to annotate", where=str(layout.CURATED), mend=mend)
    work = work_of(context, manifest)
    plan = work.plan()
    with work.cache() as cache:
        annotate(
            plan,
            cache=cache,
            teacher=lambda: work.teacher(cache.spent()),
            reader=work.reader,
            prices=_prices(context),
            elsewhere=in_workers(context, plan, cache),
        )
        _tell_cost(context, cache)
        try:
            write_documents(layout.DISTILLED, _distilled(context, manifest, cache, plan))
        except OSError as error:  # reading has errors of its own
            what = f"what the teacher said cannot be written: {error.strerror}"
            mend = "make room on the disk, or see who may write there, then run again: what was answered is kept"
            raise DataError(what, where=str(error.filename or layout.DISTILLED), mend=mend) from error


def _distilled(context: Context, manifest: TeacherManifest, cache: RecordCache, plan: Plan) -> Iterator[Document]:
    """The documents with what the teacher is sure of; behind the last one, the figures are written and judged.

    Raises:
        GateError: it had no answer for too many texts; what was written so far is then no result.
    """
    tally, teacher = Tally(manifest.types), manifest.hash
    writer = _writer(context, manifest, cache, plan)
    for document in read_documents(layout.CURATED):
        said = cache.said(plan.key(text_of(document)))
        kept = sure(said, manifest.min_score)
        tally.add(document, said, kept)
        if said.failure is not None:
            event("no annotation", said.failure, logging.WARNING, document=document.id, reason=said.failure)
        else:
            marked = replace(document, spans=kept, meta={**document.meta, "teacher": teacher})
            yield from writer.examples(marked) if writer else (marked,)
    figures = tally.summary(cache.usable)
    if manifest.backend in (endpoint.BACKEND, local.BACKEND):
        figures |= tally.account(cache.mismatches())
    write_json(layout.metrics("distill"), figures)
    tally.write_lost(layout.UNGROUNDED)
    _check_failed(context, cache.wanted, cache.wanted - cache.usable)


def _writer(context: Context, manifest: TeacherManifest, cache: RecordCache, plan: Plan) -> Writer | None:
    """What makes examples of answers, if these have labels of their own."""
    settings = context.params.teacher.endpoint
    if settings is None or not settings.free:
        return None
    task = task_of(settings, manifest.types)

    def answer(document: Document) -> str | None:
        return next((said for said, _ in cache.answers(plan.key(text_of(document)))), None)

    return Writer.of(task, answer, context.params.seed, read_documents(layout.CURATED))


def _prices(context: Context) -> tuple[float, float] | None:
    settings = context.params.teacher.endpoint
    return (settings.prices.prompt, settings.prices.completion) if settings else None


def _tell_cost(context: Context, cache: RecordCache) -> None:
    """On the screen, and not in the metrics: how often an endpoint had to be asked is not reproducible."""
    settings = context.params.teacher.endpoint
    if settings is None:
        return
    spent = cache.spent()
    console().print(
        f"this teacher so far: {spent.replies} answers, {spent.prompt_tokens} tokens asked and "
        f"{spent.completion_tokens} answered, cost {spent.money(settings.prices):.4f}",
        highlight=False,
        soft_wrap=True,
    )


def _check_failed(context: Context, texts: int, failed: int) -> None:
    teacher = context.params.teacher
    settings = teacher.endpoint or teacher.local
    share = failed / texts
    most = settings.max_failed if settings else 0.0
    if share > most:
        again = "run again to ask for them once more, or " if teacher.endpoint else ""
        raise GateError(
            f"the teacher has no answer for {failed} of {texts} texts ({share:.1%}; at most {most:.1%})",
            where=f"{layout.metrics('distill')} (the reasons), {layout.UNGROUNDED} (what it said)",
            mend=f"{again}change teacher.{teacher.backend} in params.yaml",
        )
