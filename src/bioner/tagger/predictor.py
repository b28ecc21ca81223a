"""Prediction: documents of any length annotated whole, all types at once, window by window in batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.tagger.examples import limits_of
from bioner.tagger.folder import Manifest, read_folder
from bioner.tagger.model import TaggerModel
from bioner.tagger.pieces import Tokens
from bioner.tagger.reading import Found, Reader, Text
from bioner.tagger.sampling import Sampling
from bioner.windows import Window, sentence_starts, slide
from bioner.words import Words


@dataclass(frozen=True, slots=True)
class TaggerPredictor:
    """A trained tagger; see `bioner.predictors.Predictor`.

    Attributes:
        threshold: score from which a span is predicted (see `Reader.read` for what a score is).
        max_words: words of one window.
        selector: whether the selector judges each span.
        sampling: how lines are sampled, for spans whose score is their agreement; by default decoding is greedy.
    """

    model: TaggerModel
    types: EntityTypes
    threshold: float
    max_words: int
    selector: bool
    sampling: Sampling | None = None

    @classmethod
    def of(cls, model: TaggerModel, manifest: Manifest) -> TaggerPredictor:
        """The predictor that a manifest describes."""
        return cls(model, manifest.types, manifest.threshold, manifest.max_words, manifest.selector)

    def predict(
        self, documents: Iterable[Document], types: EntityTypes | None = None, *, batch_size: int = 16
    ) -> Iterator[Document]:
        """The documents in their order, annotated with scored spans of `types` (default: those of the training)."""
        reader = Reader(self.model, self.types if types is None else types, self.selector, self.sampling)
        jobs: deque[_Job] = deque()

        def texts() -> Iterator[Text]:
            for document in documents:
                jobs.append(self._job(document))
                yield from map(jobs[-1].text, jobs[-1].windows)

        for found in reader.read(texts(), batch_size):
            jobs[0].take(found, self.threshold)
            if jobs[0].finished:
                yield jobs.popleft().annotated()

    def _job(self, document: Document) -> _Job:
        words = Words.of(document.text)
        tokens = self.model.prompts.pieces.of_words(document.text, words)
        sentences = sentence_starts(document.text, words)
        windows = slide([len(word) for word in tokens], sentences, limits_of(self.max_words))
        return _Job(document, words, tokens, windows or [Window(0, 0, 0, 0)])


@dataclass(slots=True)
class _Job:
    """One document, tokenised and cut, and the spans of the windows that were read; a text has one window at least."""

    document: Document
    words: Words
    tokens: Sequence[Tokens]
    windows: Sequence[Window]
    spans: list[Span] = field(default_factory=list)
    taken: int = 0

    @property
    def finished(self) -> bool:
        """Whether all windows were read."""
        return self.taken == len(self.windows)

    def text(self, window: Window) -> Text:
        """What is read of a window."""
        return Text(self.document.language, self.tokens[window.start : window.end])

    def take(self, found: Sequence[Found], threshold: float) -> None:
        """Add the spans that the next window answers for, in characters of the document."""
        window, self.taken = self.windows[self.taken], self.taken + 1
        own = range(window.own_start - window.start, window.own_end - window.start)
        self.spans += [
            Span.of(*self.words.characters(first + window.start, last + window.start), key, score)
            for key, (first, last), score in found
            if first in own and score >= threshold
        ]

    def annotated(self) -> Document:
        """The document with its spans in the order of the text, outer before inner."""
        return self.document.with_spans(sorted(self.spans, key=lambda span: (span.start, -span.end, span.label)))


def load_tagger(folder: Path) -> TaggerPredictor:
    """Load a trained tagger.

    Raises:
        ModelError: the folder does not hold one, or its base is not at hand.
    """
    return TaggerPredictor.of(*read_folder(folder))
