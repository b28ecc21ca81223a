"""Stage distill: the teacher annotates the curated texts; interrupted, it goes on where it was."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from bioner.documents import Document, read_documents, write_documents
from bioner.errors import DataError, GateError
from bioner.files import hash_value, write_json
from bioner.progress import console
from bioner.stages import layout
from bioner.stages.context import Context
from bioner.teacher import endpoint
from bioner.teacher.annotate import Annotations, account, annotate, annotated, keep_sure, summarise
from bioner.teacher.annotation import Teacher
from bioner.teacher.cache import AnnotationCache, open_cache
from bioner.teacher.chunks import partition
from bioner.teacher.manifest import TeacherManifest
from bioner.teacher.tagger import PredictorTeacher, check_tagger, open_tagger


def run(context: Context) -> None:
    """Annotate `data/curated.jsonl` into `data/distilled.jsonl`, with the teacher's hash in every document.

    A document for which the teacher has no answer is left out, and counted by reason.

    Raises:
        ModelError: the model is not the one that the teacher's manifest was written for, or cannot be reached.
        DataError: there is nothing to annotate.
        GateError: the teacher's budget is used up, or it had no answer for too many texts.
    """
    manifest = TeacherManifest.read(layout.TEACHER)
    if manifest.backend != endpoint.BACKEND:
        check_tagger(manifest)
    documents = list(read_documents(layout.CURATED))
    if not documents:
        mend = "give `corpora` unlabelled text, or loosen `curate`"
        raise DataError("no text is left to annotate", where=str(layout.CURATED), mend=mend)
    annotations = _annotate(context, manifest, documents)
    answered = annotated(documents, annotations)
    kept = [keep_sure(document, manifest.min_score) for document in answered]
    figures = summarise(answered, kept, manifest.types)
    if manifest.backend == endpoint.BACKEND:
        figures |= account(documents, annotations)
    write_json(layout.metrics("distill"), figures)
    _check_failed(context, annotations)
    named = (replace(document, meta={**document.meta, "teacher": manifest.hash}) for document in kept)
    write_documents(layout.DISTILLED, named)


def _annotate(context: Context, manifest: TeacherManifest, documents: Sequence[Document]) -> Annotations:
    chunks = partition(documents, context.params.distill.chunk, _identity(context, manifest))
    with open_cache(_cache_file(manifest)) as cache:
        annotations = annotate(chunks, cache=cache, teacher=lambda: _open(context, manifest, cache))
        _tell_cost(context, cache)
    return annotations


def _identity(context: Context, manifest: TeacherManifest) -> str:
    """Hash of what decides the annotations: the threads and batches of a model of this machine, too."""
    params = context.params
    if manifest.backend == endpoint.BACKEND:
        return hash_value([manifest.annotator, params.seed])
    return hash_value([manifest.annotator, params.seed, params.threads, params.distill.batch_size])


def _open(context: Context, manifest: TeacherManifest, cache: AnnotationCache) -> AbstractContextManager[Teacher]:
    params = context.params
    if manifest.backend == endpoint.BACKEND:
        return endpoint.open_endpoint(manifest, params.teacher, params.seed, cache.spent())
    predictor = open_tagger(manifest, params.seed, params.threads)
    return nullcontext(PredictorTeacher(predictor, manifest.types, params.distill.batch_size))


def _tell_cost(context: Context, cache: AnnotationCache) -> None:
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


def _check_failed(context: Context, annotations: Annotations) -> None:
    settings = context.params.teacher.endpoint
    failed = sum(annotation.failure is not None for annotation in annotations.values())
    share = failed / len(annotations)
    most = settings.max_failed if settings else 0.0
    if share > most:
        raise GateError(
            f"the teacher has no answer for {failed} of {len(annotations)} texts ({share:.1%}; at most {most:.1%})",
            where=f"{layout.metrics('distill')} (the reasons)",
            mend="run again to ask for them once more, or change teacher.endpoint in params.yaml",
        )


def _cache_file(manifest: TeacherManifest) -> Path:
    """Every teacher has a file of its own: what an old one said is neither mixed in nor in the way."""
    return layout.STATE / "cache" / "distill" / f"{manifest.annotator[:16]}.sqlite"
