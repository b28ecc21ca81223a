"""Annotation: run the teacher over what the cache lacks, drop what it was unsure of, and count both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.predictors import Predictor
from bioner.progress import track
from bioner.teacher.cache import AnnotationCache
from bioner.teacher.chunks import Chunk, Text, text_of


def annotate(
    documents: Sequence[Document],
    chunks: Sequence[Chunk],
    types: EntityTypes,
    *,
    cache: AnnotationCache,
    teacher: Callable[[], Predictor],
    batch_size: int,
) -> list[Document]:
    """The same documents, in the same order, with the teacher's spans.

    Args:
        documents: what is to be annotated.
        chunks: its partition; each chunk is looked up, or annotated in one call and stored.
        types: the entity types asked for.
        cache: what was annotated before; each chunk is on disk before the next one is begun.
        teacher: loads the model; called only if something is left to annotate.
        batch_size: what is passed on to the model.
    """
    found: dict[Text, tuple[Span, ...]] = {}
    left = []
    for chunk in chunks:
        stored = cache.get(chunk.key)
        if stored is None:
            left.append(chunk)
        else:
            found.update(zip(chunk.texts, stored, strict=True))
    if left:
        fresh = _fresh(left, types, cache, teacher(), batch_size)
        total = sum(len(chunk.texts) for chunk in chunks)
        found.update(track(fresh, "annotating", total, done=len(found)))
    return [document.with_spans(found[text_of(document)]) for document in documents]


def _fresh(
    chunks: Iterable[Chunk], types: EntityTypes, cache: AnnotationCache, model: Predictor, batch_size: int
) -> Iterator[tuple[Text, tuple[Span, ...]]]:
    for chunk in chunks:
        annotations = []
        answers = model.predict(chunk.documents(), types, batch_size=batch_size)
        for text, answer in zip(chunk.texts, answers, strict=True):
            spans = tuple(sorted(answer.spans, key=lambda span: (span.fragments, span.label)))
            annotations.append(spans)
            yield text, spans
        cache.put(chunk.key, annotations)


def keep_sure(document: Document, min_score: float) -> Document:
    """The document without the spans that score below `min_score`; one without a score counts as 0."""
    return document.with_spans(span for span in document.spans if (span.score or 0.0) >= min_score)


def summarise(annotated: Sequence[Document], kept: Sequence[Document], types: EntityTypes) -> dict[str, Any]:
    """The figures of a distillation: what the teacher found in the same documents, before and after dropping."""
    spans = [span for document in kept for span in document.spans]
    with_spans = sum(bool(document.spans) for document in kept)
    per_type = Counter(span.label for span in spans)
    return {
        "documents": len(kept),
        "texts": len({text_of(document) for document in kept}),
        "with_spans": with_spans,
        "empty": len(kept) - with_spans,
        "spans": len(spans),
        "spans_per_type": dict.fromkeys(types.keys, 0) | dict(per_type),
        "mean_score": round(sum(span.score or 0.0 for span in spans) / len(spans), 6) if spans else None,
        "dropped": {"below_min_score": sum(len(document.spans) for document in annotated) - len(spans)},
    }
