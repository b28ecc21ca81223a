"""XML files as streams of records, the children of the root: plain or gzip, in bounded memory, safe to open.

Entities that a file declares and anything outside the file are refused (defusedxml). A record may be 64 MiB long, hold
a million elements and nest 200 deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from bioner.corpora.gzipped import unpacked
from bioner.corpora.reading import Reading, Touched
from bioner.errors import DataError

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

_LONGEST = 1 << 26  # bytes of a record
_ELEMENTS = 1_000_000  # of a record: an element takes some hundred bytes, whatever it takes in the file
_DEEPEST = 200
REST_LEFT_OUT = "left out the rest of the file"


class Record(NamedTuple):
    """A child of the root and the line where it begins."""

    line: int
    element: Element


def read_records(reading: Reading) -> Iterator[Record]:
    """Yield the children of the root, each whole; the ones before are forgotten.

    Where the file breaks off or is damaged after some records, and defects are to be skipped or repaired, the rest of
    it is left out and noted.

    Raises:
        DataError: the file cannot be read, is not XML, declares entities, or exceeds a limit.
    """
    found = 0
    try:
        for record in _parsed(reading):
            found += 1
            yield record
    except DataError as error:
        if reading.on_error == "fail" or not found:
            raise
        reading.touched.append(Touched(error.where, error.what, REST_LEFT_OUT))


def read_root(reading: Reading) -> Element:
    """The root of a file that is one record; its children are whole.

    Raises:
        DataError: as `read_records`.
    """
    builder = _Builder(keep=True)
    for _ in _built(reading, builder):
        pass
    return builder.root()


def name(element: Element) -> str:
    """The name of an element without its namespace; a comment or an instruction has none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _parsed(reading: Reading) -> Iterator[Record]:
    return _built(reading, _Builder(keep=False))


def _built(reading: Reading, builder: _Builder) -> Iterator[Record]:
    """Feed the file to a parser; every error of it becomes one of ours, after the records before it."""
    from defusedxml.ElementTree import DefusedXMLParser

    parser = DefusedXMLParser(target=builder, forbid_entities=True, forbid_external=True)
    builder.parser = parser.parser
    try:
        for chunk in unpacked(reading.path):
            parser.feed(chunk)
            builder.check(len(chunk))
            yield from builder.finished()
        parser.close()
    except (DataError, ParseError, ValueError, LookupError) as error:
        yield from builder.finished()
        raise _refused(error, reading.at(builder.line())) from error
    yield from builder.finished()


def _refused(error: Exception, where: str) -> DataError:
    """What is wrong with the file; values that are wrong are what defusedxml refuses, and unknown encodings."""
    if isinstance(error, DataError):
        return DataError(error.what, where=error.where or where, mend=error.mend)
    if isinstance(error, ParseError):
        return DataError(f"not XML: {error}", where=where, mend="repair the file, or fetch it again")
    what = f"refused: {str(error) or type(error).__name__}"
    return DataError(what, where=where, mend="remove the declaration from the file")


class _Builder(TreeBuilder):
    """Builds the children of the root one after another, and watches their size."""

    parser: XMLParserType

    def __init__(self, *, keep: bool) -> None:
        super().__init__()
        self._keep = keep
        self._root: Element | None = None
        self._depth = self._elements = self._bytes = self._begin = 0
        self._finished: list[Record] = []

    def line(self) -> int:
        """The line that is read now."""
        return self.parser.CurrentLineNumber

    def root(self) -> Element:
        """The root, when all is read."""
        if self._root is None:
            raise DataError("the file holds no XML element")
        return self._root

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        element = super().start(tag, attrs)
        self._depth += 1
        self._elements += 1
        if self._depth > _DEEPEST:
            raise DataError(f"elements nest more than {_DEEPEST} deep", mend="no real record does")
        if self._elements > _ELEMENTS:
            raise DataError(f"a record has more than {_ELEMENTS:,} elements", mend="split the record")
        if self._depth == 1:
            self._root = element
        elif self._depth == 2:
            self._begin = self.line()
        return element

    def end(self, tag: str) -> Element:
        element = super().end(tag)
        self._depth -= 1
        if self._depth == 1 and not self._keep:
            self._finished.append(Record(self._begin, element))
            self.root().clear()
            self._elements = self._bytes = 0
        return element

    def check(self, size: int) -> None:
        """Refuse a record that goes on for too long."""
        self._bytes += size
        if self._bytes > _LONGEST:
            raise DataError(f"a record is longer than {_LONGEST:,} bytes", mend="split the record")

    def finished(self) -> Iterator[Record]:
        """The records that were read whole since the last call."""
        found, self._finished = self._finished, []
        yield from found
