"""Stage distill: the teacher annotates the curated texts; interrupted, it goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bioner.documents import Document, read_documents, write_documents
from bioner.errors import DataError, GateError
from bioner.files import hash_value, write_json
from bioner.progress import console
from bioner.stages import layout
from bioner.stages.context import Context
from bioner.teacher import endpoint, local
from bioner.teacher.annotate import Reader, annotate
from bioner.teacher.annotation import Teacher
from bioner.teacher.budget import Spent
from bioner.teacher.cache import RecordCache, open_cache
from bioner.teacher.chunks import Plan, apart, text_of, together
from bioner.teacher.manifest import TeacherManifest
from bioner.teacher.tagger import PredictorTeacher, check_tagger, open_tagger
from bioner.teacher.tally import Tally, sure


@dataclass(frozen=True, slots=True)
class _Work:
    """What one backend does.

    Attributes:
        identity: what the records of the cache hang on: all that is asked, or all that decides what is said.
        plan: the texts.
        open: the teacher, given what it has spent.
        reader: hash of what reads answers, and what reads them anew, where answers are kept.
    """

    identity: Mapping[str, Any]
    plan: Plan
    open: Callable[[Spent], AbstractContextManager[Teacher]]
    reader: tuple[str, Reader | None] = ("", None)


def run(context: Context) -> None:
    """Annotate `data/curated.jsonl` into `data/distilled.jsonl`, with the teacher's hash in every document.

    A document for which the teacher has no answer is left out, and counted by reason.

    Raises:
        ModelError: the model is not the one that the teacher's manifest was written for, or cannot be reached.
        DataError: there is nothing to annotate, or no room for what is said.
        GateError: the teacher's budget is used up, or it had no answer for too many texts.
    """
    manifest = TeacherManifest.read(layout.TEACHER)
    if next(read_documents(layout.CURATED), None) is None:
        mend = "give `corpora` unlabelled text, or loosen `curate`"
        raise DataError("no text is left to annotate", where=str(layout.CURATED), mend=mend)
    work = {endpoint.BACKEND: _endpoint, local.BACKEND: _local}.get(manifest.backend, _tagger)(context, manifest)
    code, read_anew = work.reader
    with open_cache(cache_file(work.identity), work.identity, code) as cache:
        prices = _prices(context)
        annotate(work.plan, cache=cache, teacher=lambda: work.open(cache.spent()), reader=read_anew, prices=prices)
        _tell_cost(context, cache)
        write_documents(layout.DISTILLED, _distilled(context, manifest, cache, work.plan))


def _tagger(context: Context, manifest: TeacherManifest) -> _Work:
    """The threads and batches of a model of this machine decide what it says, too."""
    check_tagger(manifest)
    params = context.params
    settings = {"seed": params.seed, "threads": params.threads, "batch_size": params.distill.batch_size}
    identity = {"annotator": manifest.annotator, **settings}

    def load(_: Spent) -> AbstractContextManager[Teacher]:
        predictor = open_tagger(manifest, params.seed, params.threads)
        return nullcontext(PredictorTeacher(predictor, manifest.types, params.distill.batch_size))

    plan = together(read_documents(layout.CURATED), params.distill.chunk, hash_value(identity))
    return _Work(identity, plan, load)


def _endpoint(context: Context, manifest: TeacherManifest) -> _Work:
    params = context.params
    identity = endpoint.identity(manifest, params.seed)
    asking = endpoint.asking_of(manifest, params.teacher, params.seed)
    plan = apart(lambda: read_documents(layout.CURATED), params.distill.chunk, endpoint.record_key(asking, identity))
    return _Work(
        identity,
        plan,
        lambda spent: endpoint.open_endpoint(manifest, params.teacher, asking, spent),
        (manifest.code, asking.read_anew),
    )


def _local(context: Context, manifest: TeacherManifest) -> _Work:
    """As the tagger, but what it writes is kept, as of an endpoint."""
    local.check_local(manifest)
    params = context.params
    asking = local.asking_of(manifest, params.teacher, params.seed)
    batch_size = local.section(params.teacher).batch_size
    shared = {"threads": params.threads, "batch_size": batch_size}
    identity = {**endpoint.identity(manifest, params.seed), **shared}

    def load(spent: Spent) -> AbstractContextManager[Teacher]:
        return nullcontext(local.open_local(manifest, params.teacher, asking, params.threads, spent))

    plan = together(read_documents(layout.CURATED), batch_size, hash_value(identity))
    return _Work(identity, plan, load, (manifest.code, asking.read_anew))


def _distilled(context: Context, manifest: TeacherManifest, cache: RecordCache, plan: Plan) -> Iterator[Document]:
    """The documents with what the teacher is sure of; behind the last one, the figures are written and judged.

    Raises:
        GateError: it had no answer for too many texts; what was written so far is then no result.
    """
    tally, teacher = Tally(manifest.types), manifest.hash
    for document in read_documents(layout.CURATED):
        said = cache.said(plan.key(text_of(document)))
        kept = sure(said, manifest.min_score)
        tally.add(document, said, kept)
        if said.failure is None:
            yield replace(document, spans=kept, meta={**document.meta, "teacher": teacher})
    figures = tally.summary(cache.usable)
    if manifest.backend in (endpoint.BACKEND, local.BACKEND):
        figures |= tally.account(cache.mismatches())
    write_json(layout.metrics("distill"), figures)
    tally.write_lost(layout.UNGROUNDED)
    _check_failed(context, cache.wanted, cache.wanted - cache.usable)


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


def cache_file(identity: Mapping[str, Any]) -> Path:
    """Every teacher has a file of its own: what an old one said is neither mixed in nor in the way."""
    return layout.RECORDS / f"{hash_value(identity)[:16]}.sqlite"
