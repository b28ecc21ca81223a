"""Documents and spans: the one data model, and its JSON Lines form on disk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bioner.errors import DataError
from bioner.files import atomic_write
from bioner.seen import Seen

Fragment = tuple[int, int]

_KEYS = frozenset({"id", "text", "language", "spans", "source", "meta"})
_SPAN_KEYS = frozenset({"fragments", "label", "score"})
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Span:
    """One annotated mention.

    Attributes:
        fragments: `(start, end)` pairs in code points of the document's text, end exclusive, ascending and
            disjoint; more than one is a discontinuous mention.
        label: the key of the entity type.
        score: confidence in [0, 1]; `None` for gold annotations.
    """

    fragments: tuple[Fragment, ...]
    label: str
    score: float | None = None

    @classmethod
    def of(cls, start: int, end: int, label: str, score: float | None = None) -> Span:
        """A contiguous span."""
        return cls(((start, end),), label, score)

    @property
    def start(self) -> int:
        """Where the first fragment begins."""
        return self.fragments[0][0]

    @property
    def end(self) -> int:
        """Where the last fragment ends, exclusive."""
        return self.fragments[-1][1]

    @property
    def contiguous(self) -> bool:
        """Whether the span is one fragment."""
        return len(self.fragments) == 1

    def mention(self, text: str) -> str:
        """The words of the span; fragments are joined by one space."""
        return " ".join(text[start:end] for start, end in self.fragments)

    def problem(self, length: int) -> str | None:
        """What makes this span invalid in a text of `length` code points, or `None`."""
        if not self.label:
            return "the span has no label"
        if not self.fragments:
            return "the span has no fragment"
        previous = 0
        for start, end in self.fragments:
            if not 0 <= start < end <= length:
                return f"the fragment [{start}, {end}] is empty or outside the text of {length} characters"
            if start < previous:
                return f"the fragment [{start}, {end}] overlaps or precedes the one before it"
            previous = end
        if self.score is not None and not 0.0 <= self.score <= 1.0:
            return f"the score {self.score} is not between 0 and 1"
        return None


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its annotations. The text is never changed after reading.

    Attributes:
        id: unique within its file.
        text: the text, offsets are Python code points of it.
        language: ISO 639-1 code, `en` or `zh` for the embedded splitters.
        spans: annotations in any order; they may nest, cross and repeat an extent under another label.
        source: where the text came from, usually the name of its corpus.
        meta: anything else worth keeping (JSON values only).
    """

    id: str
    text: str
    language: str
    spans: tuple[Span, ...] = ()
    source: str = ""
    meta: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        for span in self.spans:
            problem = span.problem(len(self.text))
            if problem:
                raise DataError(problem, where=f"document {self.id}", mend="correct the offsets of this record")

    def with_spans(self, spans: Iterable[Span]) -> Document:
        """The same text with other annotations."""
        return Document(self.id, self.text, self.language, tuple(spans), self.source, self.meta)

    def to_record(self) -> dict[str, Any]:
        """The document as a JSON object; `from_record` is its inverse."""
        spans = [
            {"fragments": [list(f) for f in s.fragments], "label": s.label}
            | ({} if s.score is None else {"score": s.score})
            for s in self.spans
        ]
        return {
            "id": self.id,
            "text": self.text,
            "language": self.language,
            "spans": spans,
            "source": self.source,
            "meta": dict(self.meta),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Document:
        """Parse a JSON object.

        Raises:
            DataError: a key is missing, unknown or of the wrong type, or a span is invalid.
        """
        _check_keys(record)
        spans = tuple(_span(item) for item in record.get("spans", ()))
        return cls(
            id=record["id"],
            text=record["text"],
            language=record["language"],
            spans=spans,
            source=record.get("source", ""),
            meta=MappingProxyType(dict(record.get("meta", {}))),
        )


def _check_keys(record: Mapping[str, Any]) -> None:
    if not isinstance(record, Mapping):
        raise DataError("the record is not a JSON object")
    unknown = sorted(set(record) - _KEYS)
    if unknown:
        raise DataError(f"unknown keys: {', '.join(unknown)}", mend=f"allowed are {', '.join(sorted(_KEYS))}")
    for key in ("id", "text", "language", "source"):
        if not isinstance(record.get(key, "" if key == "source" else None), str):
            raise DataError(f"the key {key!r} is missing or not a string")
    if any(map(_SURROGATE.search, (record["id"], record["text"]))):
        raise DataError("the id or the text holds half a surrogate pair, which is no character")
    if not isinstance(record.get("spans", []), list):
        raise DataError("'spans' is not a list")
    if not isinstance(record.get("meta", {}), Mapping):
        raise DataError("'meta' is not an object")


def _span(item: Any) -> Span:
    if not isinstance(item, Mapping) or set(item) - _SPAN_KEYS or not {"fragments", "label"} <= set(item):
        raise DataError(f"a span needs 'fragments' and 'label', and may have 'score'; found {item!r}")
    fragments, score = item["fragments"], item.get("score")
    if not isinstance(fragments, list) or not all(_is_pair(pair) for pair in fragments):
        raise DataError(f"'fragments' is a list of [start, end] pairs of integers; found {fragments!r}")
    if not isinstance(item["label"], str):
        raise DataError(f"the label {item['label']!r} is not a string")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        raise DataError(f"the score {score!r} is not a number")
    return Span(tuple((pair[0], pair[1]) for pair in fragments), item["label"], score)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(part) is int for part in value)


def read_documents(
    path: Path, parse: Callable[[Mapping[str, Any]], Document] = Document.from_record
) -> Iterator[Document]:
    """Read a document file, one JSON object a line; blank lines are ignored.

    Args:
        path: the file.
        parse: how a record becomes a document; by default any defect in it is an error.

    Raises:
        DataError: the file is missing, or a line is not a valid document (with file, line and id), or an
            id occurs twice.
    """
    seen = Seen()  # and no dictionary: of a million ids, that is most of what a stage would hold
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    document = _parse(line, f"{path}:{number}", parse)
                    if seen.add(document.id):
                        _check_repeated(path, number, document.id)
                    yield document
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8: {error.reason}", where=str(path), mend="convert the file to UTF-8") from error


def _check_repeated(path: Path, number: int, name: str) -> None:
    """Look whether a line before this one has the same id: the hash of another one may be the same."""
    with path.open(encoding="utf-8") as lines:
        before = (place for place, line in enumerate(islice(lines, number - 1), 1) if _id_of(line) == name)
        first = next(before, None)
    if first is not None:
        raise DataError(
            f"the id {name!r} was already used on line {first}",
            where=f"{path}:{number}",
            mend="give every document of a file its own id",
        )


def _id_of(line: str) -> object:
    return json.loads(line)["id"] if line.strip() else None


def _parse(line: str, where: str, parse: Callable[[Mapping[str, Any]], Document]) -> Document:
    try:
        record = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise DataError(f"not JSON: {error}", where=where, mend="one JSON object a line") from error
    try:
        return parse(record)
    except DataError as error:
        name = record.get("id", "?") if isinstance(record, dict) else "?"
        mend = error.mend or "correct or remove this record"
        raise DataError(error.what, where=f"{where}, record {name}", mend=mend) from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")


def write_documents(path: Path, documents: Iterable[Document]) -> int:
    """Write documents atomically, one JSON object a line, and return how many there were."""
    count = 0
    with atomic_write(path) as out:
        for document in documents:
            out.write(json.dumps(document.to_record(), ensure_ascii=False, allow_nan=False) + "\n")
            count += 1
    return count
