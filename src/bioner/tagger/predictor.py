"""Prediction: documents of any length annotated whole, all types at once, window by window in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.tagger.examples import limits_of
from bioner.tagger.folder import Manifest, read_folder
from bioner.tagger.model import TaggerModel
from bioner.tagger.pieces import Tokens
from bioner.tagger.reading import Found, Reader, Text
from bioner.windows import Window, sentence_starts, slide
from bioner.words import Words


@dataclass(frozen=True, slots=True)
class TaggerPredictor:
    """A trained tagger; see `bioner.predictors.Predictor`.

    Attributes:
        threshold: score from which a span is predicted (see `Reader.read` for what a score is).
        max_words: words of one window.
        selector: whether the selector judges each span.
    """

    model: TaggerModel
    types: EntityTypes
    threshold: float
    max_words: int
    selector: bool

    @classmethod
    def of(cls, model: TaggerModel, manifest: Manifest) -> TaggerPredictor:
        """The predictor that a manifest describes."""
        return cls(model, manifest.types, manifest.threshold, manifest.max_words, manifest.selector)

    def predict(
        self, documents: Iterable[Document], types: EntityTypes | None = None, *, batch_size: int = 16
    ) -> Iterator[Document]:
        """The documents in their order, annotated with scored spans of `types` (default: those of the training)."""
        with torch.inference_mode():
            reader = Reader(self.model, self.types if types is None else types, self.selector)
        pool: list[_Job] = []
        windows = 0
        for document in documents:
            pool.append(self._job(document))
            windows += max(1, len(pool[-1].windows))  # wordless documents take room too
            if windows >= batch_size:
                yield from self._run(reader, pool, batch_size)
                pool, windows = [], 0
        yield from self._run(reader, pool, batch_size)

    def _job(self, document: Document) -> _Job:
        words = Words.of(document.text)
        tokens = self.model.prompts.pieces.of_words(document.text, words)
        sentences = sentence_starts(document.text, words)
        windows = slide([len(word) for word in tokens], sentences, limits_of(self.max_words))
        return _Job(document, words, tokens, windows)

    @torch.inference_mode()
    def _run(self, reader: Reader, jobs: Sequence[_Job], batch_size: int) -> list[Document]:
        tasks = [(job, window) for job in jobs for window in job.windows]
        spans: dict[int, list[Span]] = {id(job): [] for job in jobs}
        for start in range(0, len(tasks), batch_size):
            batch = tasks[start : start + batch_size]
            for (job, window), found in zip(
                batch, reader.read([job.text(window) for job, window in batch]), strict=True
            ):
                spans[id(job)] += job.spans(window, found, self.threshold)
        return [job.annotated(spans[id(job)]) for job in jobs]


@dataclass(frozen=True, slots=True)
class _Job:
    """One document, tokenised and cut."""

    document: Document
    words: Words
    tokens: Sequence[Tokens]
    windows: Sequence[Window]

    def text(self, window: Window) -> Text:
        """What is read of a window."""
        return Text(self.document.language, self.tokens[window.start : window.end])

    def spans(self, window: Window, found: Sequence[Found], threshold: float) -> list[Span]:
        """The spans that a window answers for, in characters of the document."""
        own = range(window.own_start - window.start, window.own_end - window.start)
        return [
            Span.of(*self.words.characters(first + window.start, last + window.start), key, score)
            for key, (first, last), score in found
            if first in own and score >= threshold
        ]

    def annotated(self, spans: Sequence[Span]) -> Document:
        """The document with these spans in the order of the text, outer before inner."""
        return self.document.with_spans(sorted(spans, key=lambda span: (span.start, -span.end, span.label)))


def load_tagger(folder: Path) -> TaggerPredictor:
    """Load a trained tagger.

    Raises:
        ModelError: the folder does not hold one, or its base is not at hand.
    """
    return TaggerPredictor.of(*read_folder(folder))
