"""Annotation: run the teacher over what the cache lacks, drop what it was unsure of, and count both."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.progress import track
from bioner.teacher.annotation import NOT_ASKED, Annotation, Teacher
from bioner.teacher.cache import AnnotationCache
from bioner.teacher.chunks import Chunk, Text, text_of

Annotations = Mapping[Text, Annotation]


class _Job(NamedTuple):
    """A chunk that is not done, and what earlier runs have of it: all but the failures counts."""

    chunk: Chunk
    known: Mapping[Text, Annotation]

    @property
    def left(self) -> list[Text]:
        return [text for text in self.chunk.texts if text not in self.known]


def annotate(
    chunks: Sequence[Chunk], *, cache: AnnotationCache, teacher: Callable[[], AbstractContextManager[Teacher]]
) -> Annotations:
    """What the teacher says of each text.

    A text that failed in an earlier run is asked for again. A teacher that stops loses nothing: what it answered
    until then is on disk when its error is raised.

    Args:
        chunks: the texts, parted; each chunk is looked up, or annotated and stored.
        cache: what was annotated before.
        teacher: loads the model; called only if something is left to annotate.

    Raises:
        BionerError: the teacher stopped, for the reason that it gives.
    """
    found: dict[Text, Annotation] = {}
    jobs = []
    for chunk in chunks:
        stored = zip(chunk.texts, cache.get(chunk.key) or (), strict=False)
        known = {text: annotation for text, annotation in stored if annotation.failure is None}
        found |= known
        if len(known) < len(chunk.texts):
            jobs.append(_Job(chunk, known))
    if jobs:
        total = sum(len(chunk.texts) for chunk in chunks)
        done = len(found)
        with teacher() as model:
            found.update(track(_fresh(jobs, cache, model), "annotating", total, done=done))
            if model.stopped is not None:
                raise model.stopped
    return found


def _fresh(jobs: Iterable[_Job], cache: AnnotationCache, model: Teacher) -> Iterator[tuple[Text, Annotation]]:
    begun: deque[tuple[_Job, Iterable[Annotation]]] = deque()
    for job in jobs:
        if model.stopped is not None:
            break
        begun.append((job, model.begin(job.left)))
        while sum(len(job.left) for job, _ in begun) > model.ahead:
            yield from _finished(*begun.popleft(), cache, model)
    while begun:
        yield from _finished(*begun.popleft(), cache, model)


def _finished(
    job: _Job, annotations: Iterable[Annotation], cache: AnnotationCache, model: Teacher
) -> Iterator[tuple[Text, Annotation]]:
    fresh: dict[Text, Annotation] = {}
    for text, annotation in zip(job.left, annotations, strict=True):
        fresh[text] = annotation
        yield text, annotation
    every = {**job.known, **fresh}
    if any(annotation.failure != NOT_ASKED for annotation in fresh.values()):
        cache.put(job.chunk.key, [every[text] for text in job.chunk.texts], model.spent)


def annotated(documents: Iterable[Document], annotations: Annotations) -> list[Document]:
    """The documents with the teacher's spans, in order; those that it has no answer for are left out."""
    pairs = ((document, annotations[text_of(document)]) for document in documents)
    return [document.with_spans(said.spans) for document, said in pairs if said.failure is None]


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


def account(documents: Iterable[Document], annotations: Annotations) -> dict[str, Any]:
    """What went wrong: documents without an answer, by reason, and what was wrong with answers, each once a text."""
    failed = Counter(annotations[text_of(document)].failure for document in documents)
    mismatches: Counter[str] = Counter()
    for annotation in annotations.values():
        mismatches.update(annotation.mismatches)
    del failed[None]
    return {"failed": _by_number(failed), "mismatches": _by_number(mismatches)}


def _by_number(counts: Mapping[str | None, int] | Mapping[str, int]) -> dict[str, int]:
    return {str(name): count for name, count in sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))}
