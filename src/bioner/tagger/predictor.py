"""Prediction: documents of any length annotated whole, all types at once, in batches of like length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import torch

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.tagger.examples import limits_of
from bioner.tagger.folder import read_folder
from bioner.tagger.model import TaggerModel
from bioner.tagger.pieces import Tokens
from bioner.tagger.reading import Found, Reader
from bioner.windows import Window, sentence_starts, slide
from bioner.words import Words

_POOL = 32  # batches of windows that are sorted by length together


@dataclass(frozen=True, slots=True)
class TaggerPredictor:
    """A trained tagger; see `bioner.predictors.Predictor`.

    The score of a span is the geometric mean of the probabilities of its two symbols and, with a selector, of the
    selector's `yes` as well.

    Attributes:
        threshold: score from which a span is predicted.
        max_words: words of one window.
        selector: whether the selector judges each span.
    """

    model: TaggerModel
    types: EntityTypes
    threshold: float
    max_words: int
    selector: bool

    def predict(
        self, documents: Sequence[Document], types: EntityTypes | None = None, *, batch_size: int = 16
    ) -> Iterator[Document]:
        """The documents in their order, annotated with scored spans of `types` (default: those of the training)."""
        asked = self.types if types is None else types
        pool: list[_Job] = []
        windows = 0
        for document in documents:
            pool.append(self._job(document))
            windows += len(pool[-1].windows)
            if windows >= _POOL * batch_size:
                yield from self._run(pool, asked, batch_size)
                pool, windows = [], 0
        yield from self._run(pool, asked, batch_size)

    def _job(self, document: Document) -> _Job:
        words = Words.of(document.text)
        tokens = self.model.prompts.pieces.of_words(document.text, words)
        sentences = sentence_starts(document.text, words)
        windows = slide([len(word) for word in tokens], sentences, limits_of(self.max_words))
        return _Job(document, words, tokens, windows)

    @torch.inference_mode()
    def _run(self, jobs: Sequence[_Job], types: EntityTypes, batch_size: int) -> list[Document]:
        spans: list[list[Span]] = [[] for _ in jobs]
        tasks = [_Task(number, window) for number, job in enumerate(jobs) for window in job.windows]
        tasks.sort(key=lambda task: (jobs[task.job].document.language, jobs[task.job].size(task.window)))
        for language, group in groupby(tasks, key=lambda task: jobs[task.job].document.language):
            reader = Reader(self.model, types, language, self.selector)
            same = list(group)
            for start in range(0, len(same), batch_size):
                batch = same[start : start + batch_size]
                for task, found in zip(batch, reader.read([jobs[t.job].read(t.window) for t in batch]), strict=True):
                    spans[task.job] += jobs[task.job].spans(task.window, found, self.threshold)
        return [
            job.document.with_spans(sorted(found, key=lambda s: (s.start, -s.end, s.label)))
            for job, found in zip(jobs, spans, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _Task:
    """One window of one job."""

    job: int
    window: Window


@dataclass(frozen=True, slots=True)
class _Job:
    """One document, tokenised and cut."""

    document: Document
    words: Words
    tokens: Sequence[Tokens]
    windows: Sequence[Window]

    def read(self, window: Window) -> Sequence[Tokens]:
        """The words of a window."""
        return self.tokens[window.start : window.end]

    def size(self, window: Window) -> int:
        """Tokens of a window."""
        return sum(map(len, self.read(window)))

    def spans(self, window: Window, found: Sequence[Found], threshold: float) -> list[Span]:
        """The spans that a window answers for, in characters of the document."""
        own = range(window.own_start - window.start, window.own_end - window.start)
        return [
            Span.of(*self.words.characters(first + window.start, last + window.start), key, score)
            for key, (first, last), score in found
            if first in own and score >= threshold
        ]


def load_tagger(folder: Path) -> TaggerPredictor:
    """Load a trained tagger.

    Raises:
        ModelError: the folder does not hold one, or its base is not at hand.
    """
    model, manifest = read_folder(folder)
    return TaggerPredictor(model, manifest.types, manifest.threshold, manifest.max_words, manifest.selector)
