"""What the page asks for besides predictions: to show annotations, and to keep a correction; checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from bioner.documents import Document, Span
from bioner.errors import DataError
from bioner.serving.limits import Limits
from bioner.serving.refusal import RefusedError
from bioner.serving.request import NO_CHARACTER, Language, Name, Strict, validated

_Offset = Annotated[int, Field(ge=0)]
_Labels = Annotated[list[Name], Field(min_length=1)]
_Called = Annotated[dict[Name, Name], Field(min_length=1)]
_MOST_SPANS = 4000  # of a text


class _Span(Strict):
    start: _Offset
    end: _Offset
    label: Name
    score: float | None = Field(None, ge=0.0, le=1.0)
    text: str = ""  # what a prediction says beside the offsets; the offsets count


_Spans = Annotated[list[_Span], Field(max_length=_MOST_SPANS)]


class _Side(Strict):
    labels: _Called  # and how the page calls each
    spans: _Spans


class Showing(Strict):
    """Annotations of a text to be shown: one, or two side by side; `page` is the language of the page."""

    text: str
    language: Language
    sides: Annotated[list[_Side], Field(min_length=1, max_length=2)]
    page: Literal["en", "zh"]

    def documents(self) -> list[Document]:
        """The text as each side annotated it.

        Raises:
            RefusedError: a span does not fit the text, or has a label that was not asked for; or a name is no text.
        """
        _check_names(name for side in self.sides for name in side.labels.values())
        return [_document("shown", self.text, self.language, side.spans, side.labels) for side in self.sides]


class Sending(Strict):
    """A correction to be kept: what a model predicted when asked for `labels`, and what the person left of it."""

    model: Name
    id: Name
    text: str
    language: Language
    labels: _Labels
    predicted: _Spans
    spans: _Spans

    def documents(self) -> tuple[Document, Document]:
        """The text as the model, and as the person annotated it.

        Raises:
            RefusedError: a span does not fit the text, or has a label that was not asked for.
        """
        predicted, corrected = (
            _document(self.id, self.text, self.language, spans, self.labels) for spans in (self.predicted, self.spans)
        )
        return predicted, corrected


def parse_showing(raw: bytes, limits: Limits) -> Showing:
    """Check a request to show annotations.

    Raises:
        RefusedError: it is another thing, or too large.
    """
    found = validated(Showing, raw)
    _check(found.text, max(len(side.labels) for side in found.sides), limits)
    return found


def parse_sending(raw: bytes, limits: Limits) -> Sending:
    """Check a request to keep a correction.

    Raises:
        RefusedError: it is another thing, or too large.
    """
    found = validated(Sending, raw)
    _check(found.text, len(found.labels), limits)
    return found


def _check(text: str, labels: int, limits: Limits) -> None:
    if len(text) > limits.characters:
        raise RefusedError(413, f"a text of {len(text)} characters; at most {limits.characters} are taken")
    if labels > limits.labels:
        raise RefusedError(413, f"{labels} labels in a request; at most {limits.labels} are taken")
    if NO_CHARACTER.search(text):
        raise RefusedError(422, "the text holds a NUL or half a surrogate pair, which is no text")


def _check_names(names: Iterable[str]) -> None:
    if any(map(NO_CHARACTER.search, names)):
        raise RefusedError(422, "a name holds a NUL or half a surrogate pair, which is no text")


def _document(name: str, text: str, language: str, spans: list[_Span], labels: Iterable[str]) -> Document:
    _check_names((name, *labels))
    strange = sorted({span.label for span in spans} - set(labels))
    if strange:
        raise RefusedError(422, f"the label {strange[0]!r} was not asked for")
    try:
        return Document(name, text, language, tuple(Span.of(s.start, s.end, s.label, s.score) for s in spans))
    except DataError as error:
        raise RefusedError(422, error.what) from None
