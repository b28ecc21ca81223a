"""Prediction: documents of any length annotated whole, in batches of like length, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.gliner.decoding import Candidate, annotate
from bioner.gliner.encoding import WordTokens
from bioner.gliner.folder import read_folder
from bioner.gliner.head import span_logits
from bioner.gliner.inputs import Batch, Row, make_batch
from bioner.gliner.model import Gliner, prompt_size
from bioner.gliner.onnx_runtime import OnnxNetwork
from bioner.gliner.overlap import Overlap
from bioner.gliner.representation import LabelCache
from bioner.windows import Window, sentence_starts, slide
from bioner.words import Words

_POOL = 64  # batches of windows that are sorted by length together
Prompt = tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]  # keys of the types and their tokens


@dataclass(frozen=True, slots=True)
class Scored:
    """A document with every span that scored above the floor."""

    document: Document
    words: Words
    candidates: tuple[Candidate, ...]

    def annotated(self, threshold: float, overlap: Overlap) -> Document:
        """The document annotated at a threshold."""
        return annotate(self.document, self.words, self.candidates, threshold, overlap)


@dataclass(frozen=True, slots=True)
class GlinerPredictor:
    """A trained GLiNER; see `bioner.predictors.Predictor`.

    Attributes:
        threshold: score from which a span is predicted.
        overlap: which predicted spans may stand together.
    """

    model: Gliner
    types: EntityTypes
    threshold: float
    overlap: Overlap
    _cache: LabelCache = field(default_factory=LabelCache, repr=False, compare=False)

    def predict(
        self, documents: Iterable[Document], types: EntityTypes | None = None, *, batch_size: int = 16
    ) -> Iterator[Document]:
        """The documents in their order, annotated with scored spans of `types` (default: those of the training)."""
        for scored in self.score(documents, types, batch_size=batch_size, floor=self.threshold):
            yield scored.annotated(self.threshold, self.overlap)

    def score(
        self, documents: Iterable[Document], types: EntityTypes | None = None, *, batch_size: int = 16, floor: float
    ) -> Iterator[Scored]:
        """The documents in their order with all spans that score at least `floor`."""
        asked = self.types if types is None else types
        prompts = lru_cache(lambda language: self._prompts(asked.names(language)))
        pool: list[_Job] = []
        windows = 0
        for document in documents:
            pool.append(self._job(document, prompts(document.language)))
            windows += max(1, len(pool[-1].windows) * len(pool[-1].prompts))  # wordless documents take room too
            if windows >= _POOL * batch_size:
                yield from self._run(pool, batch_size, floor)
                pool, windows = [], 0
        yield from self._run(pool, batch_size, floor)

    def _job(self, document: Document, prompts: list[Prompt]) -> _Job:
        words = Words.of(document.text)
        (tokens,) = self.model.encoding.words([words.texts(document.text)])
        windows = slide([len(word) for word in tokens], sentence_starts(document.text, words), self.model.limits)
        return _Job(document, words, tokens, windows, prompts)

    def _prompts(self, names: dict[str, str]) -> list[Prompt]:
        """The types in as many prompts as they need."""
        tokens = self.model.encoding.prompts(list(names.values()))
        size = prompt_size(self.model, tokens)
        keys = tuple(names)
        return [(keys[i : i + size], tuple(tokens[i : i + size])) for i in range(0, len(keys), size)]

    @torch.inference_mode()
    def _run(self, jobs: Sequence[_Job], batch_size: int, floor: float) -> Iterator[Scored]:
        found: list[list[Candidate]] = [[] for _ in jobs]
        tasks = [
            _Task(number, window, prompt)
            for number, job in enumerate(jobs)
            for window in job.windows
            for prompt in job.prompts
        ]
        tasks.sort(key=lambda task: jobs[task.job].size(task.window))
        for start in range(0, len(tasks), batch_size):
            chosen = tasks[start : start + batch_size]
            rows = [jobs[task.job].row(task) for task in chosen]
            batch = make_batch(rows, self.model.encoding, self.model.limits.width)
            offset = 0
            for task, logits in zip(chosen, self._logits(batch), strict=True):
                place = slice(offset, offset + len(logits))
                scores = logits.sigmoid().float().cpu().numpy()
                found[task.job] += task.owned(batch.spans.first[place], batch.spans.last[place], scores, floor)
                offset += len(logits)
        for job, candidates in zip(jobs, found, strict=True):
            yield Scored(job.document, job.words, tuple(sorted(candidates)))

    def _logits(self, batch: Batch) -> list[torch.Tensor]:
        network = self.model.network
        if isinstance(network, OnnxNetwork):
            return network(batch)
        return span_logits(network, batch.to(next(network.parameters()).device), self._cache)


@dataclass(frozen=True, slots=True)
class _Task:
    """One window of one job with one prompt."""

    job: int
    window: Window
    prompt: Prompt

    def owned(self, first: np.ndarray, last: np.ndarray, scores: np.ndarray, floor: float) -> list[Candidate]:
        """The spans above the floor that the window answers for, in words of the document."""
        own = (first >= self.window.own_start - self.window.start) & (first < self.window.own_end - self.window.start)
        places, columns = np.nonzero((scores >= floor) & own[:, None])
        shift, keys = self.window.start, self.prompt[0]
        return [
            Candidate(int(first[p]) + shift, int(last[p]) + shift, keys[c], float(scores[p, c]))
            for p, c in zip(places, columns, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _Job:
    """One document, tokenised and cut."""

    document: Document
    words: Words
    tokens: WordTokens
    windows: list[Window]
    prompts: list[Prompt]

    def size(self, window: Window) -> int:
        """Tokens of a window."""
        return sum(len(word) for word in self.tokens[window.start : window.end])

    def row(self, task: _Task) -> Row:
        """The input of a task."""
        words = self.tokens[task.window.start : task.window.end]
        return Row(task.prompt[1], words, [len(words)])


def load_gliner(folder: Path) -> GlinerPredictor:
    """Load a trained GLiNER.

    Raises:
        ModelError: the folder does not hold one.
    """
    model, manifest = read_folder(folder)
    return GlinerPredictor(model, manifest.types, manifest.threshold, manifest.overlap)
