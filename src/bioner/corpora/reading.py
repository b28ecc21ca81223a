"""One reading of a corpus file: what the file is, and what happens to the records in it that are wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from bioner.config import OnError
from bioner.documents import Document, Span
from bioner.errors import DataError

DROPPED = "dropped"  # key of `Document.meta`: reason -> how many annotations of the record could not be held
SKIPPED = "skipped the record"

Item = TypeVar("Item")


class Line(NamedTuple):
    """A line of a text file.

    Attributes:
        number: from 1.
        text: without its end; of a line that cannot be read, as much as can be.
        problem: why it cannot be read.
    """

    number: int
    text: str
    problem: DataError | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """A record that was not taken as it stands: where it is, what is wrong with it, and what was done about it."""

    where: str
    what: str
    done: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A file, and how it is read.

    Attributes:
        path: the file, or the folder of formats that are one.
        language: of all its documents.
        source: the name of its corpus.
        on_error: `fail` stops at the first defect; `skip` leaves out the records that have one; `repair` mends what can
            be mended by a rule, and leaves out the other records.
        touched: every record that was left out or mended, in the order of the file.
        noticed: what is odd about records that were taken nevertheless, whatever `on_error` says.
    """

    path: Path
    language: str
    source: str
    on_error: OnError = "fail"
    touched: list[Touched] = field(default_factory=list)
    noticed: list[Touched] = field(default_factory=list)

    def mended(self, error: DataError, done: str) -> None:
        """Note that a defect was mended by a rule.

        Raises:
            DataError: the error, unless defects are to be repaired.
        """
        if self.on_error != "repair":
            raise error
        self.touched.append(Touched(error.where, error.what, done))

    def each(self, records: Iterable[Item], make: Callable[[Item], Document]) -> Iterator[Document]:
        """The documents of the records; a record that is wrong is left out, if that is what was asked for.

        Raises:
            DataError: the first defect, unless records are to be skipped or repaired.
        """
        for record in records:
            before = len(self.touched)
            try:
                document = make(record)
            except DataError as error:
                if self.on_error == "fail":
                    raise
                del self.touched[before:]  # what was mended in a record that is left out after all
                self.touched.append(Touched(error.where, error.what, SKIPPED))
            else:
                yield document

    def each_block(
        self, blocks: Iterable[Iterable[Line]], make: Callable[[list[Line]], Document]
    ) -> Iterator[Document]:
        """As `each`, of records that are blocks of lines: one with a line that cannot be read is wrong."""

        def checked(block: Iterable[Line]) -> Document:
            lines = list(block)
            for line in lines:
                if line.problem:
                    raise line.problem
            return make(lines)

        return self.each(blocks, checked)

    def at(self, line: int) -> str:
        """A place in the file, for errors."""
        return f"{self.path}:{line}"

    def line_id(self, line: int) -> str:
        """The id of a record that has none of its own: the file and the line where it begins."""
        return f"{self.name}:{line}"

    @property
    def name(self) -> str:
        """The name of the file, for ids; a `?` stands for each byte that is not UTF-8."""
        return self.path.name.encode("utf-8", "replace").decode("utf-8")

    def document(
        self,
        identity: str,
        text: str,
        spans: Iterable[Span],
        *,
        where: str,
        dropped: Iterable[str] = (),
        meta: Mapping[str, Any] | None = None,
    ) -> Document:
        """A document of this corpus; spans with invalid offsets are left out where defects are repaired.

        Args:
            where: the file and line of the record, for errors.
            dropped: the reason of each annotation that the data model cannot hold; counted in `meta["dropped"]`.
            meta: anything else that the record says.

        Raises:
            DataError: a span is empty, or lies outside the text.
        """
        kept = []
        for span in spans:
            problem = span.problem(len(text))
            if problem:
                error = DataError(problem, where=f"{where}, record {identity}", mend="correct the offsets")
                self.mended(error, f"left out the entity of type {span.label!r}")
            else:
                kept.append(span)
        counts = Counter(dropped)
        extra = dict(meta or {}) | ({DROPPED: dict(counts)} if counts else {})
        return Document(identity, text, self.language, tuple(kept), self.source, MappingProxyType(extra))
