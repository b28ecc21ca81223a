"""Stage distill: the teacher annotates the curated texts; interrupted, it goes on where it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bioner.documents import Document, read_documents, write_documents
from bioner.errors import DataError
from bioner.files import hash_value, write_json
from bioner.stages import layout
from bioner.stages.context import Context
from bioner.teacher.annotate import annotate, keep_sure, summarise
from bioner.teacher.cache import open_cache
from bioner.teacher.chunks import partition
from bioner.teacher.manifest import TeacherManifest
from bioner.teacher.tagger import check_tagger, open_tagger


def run(context: Context) -> None:
    """Annotate `data/curated.jsonl` into `data/distilled.jsonl`, with the teacher's hash in every document.

    Raises:
        ModelError: the model is not the one that the teacher's manifest was written for.
        DataError: there is nothing to annotate.
    """
    manifest = TeacherManifest.read(layout.TEACHER)
    check_tagger(manifest)
    documents = list(read_documents(layout.CURATED))
    if not documents:
        mend = "give `corpora` unlabelled text, or loosen `curate`"
        raise DataError("no text is left to annotate", where=str(layout.CURATED), mend=mend)
    annotated = _annotate(context, manifest, documents)
    kept = [keep_sure(document, manifest.min_score) for document in annotated]
    named = (replace(document, meta={**document.meta, "teacher": manifest.hash}) for document in kept)
    write_documents(layout.DISTILLED, named)
    write_json(layout.metrics("distill"), summarise(annotated, kept, manifest.types))


def _annotate(context: Context, manifest: TeacherManifest, documents: Sequence[Document]) -> list[Document]:
    params, settings = context.params, context.params.distill
    identity = hash_value([manifest.annotator, params.seed, params.threads, settings.batch_size])
    with open_cache(_cache_file(manifest)) as cache:
        return annotate(
            documents,
            partition(documents, settings.chunk, identity),
            manifest.types,
            cache=cache,
            teacher=lambda: open_tagger(manifest, params.seed, params.threads),
            batch_size=settings.batch_size,
        )


def _cache_file(manifest: TeacherManifest) -> Path:
    """Every teacher has a file of its own: what an old one said is neither mixed in nor in the way."""
    return layout.STATE / "cache" / "distill" / f"{manifest.annotator[:16]}.sqlite"
