"""Token columns, read: one token a line with its tags, and a blank line after each sentence.

A line that holds a tab is separated by tabs, another one by blanks; blanks at the end of a line are no column. The
tags are those of `bioner.corpora.tags`. A line that begins with `-DOCSTART-` begins a document, whatever else is on it.

What is repaired on request: a tag that goes on with no entity begins one (so IOB1 files are read); the tags that a row
lacks are `O`; a row without a token is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bioner.corpora.detokenise import detokenise
from bioner.corpora.lines import read_lines
from bioner.corpora.reading import Line, Reading
from bioner.corpora.tags import OUTSIDE, entities
from bioner.corpora.tokens import kept
from bioner.documents import Document, Fragment, Span
from bioner.errors import DataError

DOCSTART = "-DOCSTART-"

_BLANKS = re.compile(" +")
_MEND = "a line holds a token and its tags, separated by tabs or blanks; a blank line ends a sentence"


def read_columns(reading: Reading, *, layers: bool) -> Iterator[Document]:
    """Read a column file as documents.

    A file with `-DOCSTART-` lines gives one document for each of them, its sentences joined by newlines; one without
    gives one document a sentence. The id is the file and the line of the first token; `meta["tokens"]` has the offsets
    of the tokens.

    Args:
        reading: the file.
        layers: whether every column after the first holds tags; else the last one does.

    Raises:
        DataError: the file cannot be read or is malformed, with file and line.
    """
    return reading.each_block(_documents(reading), lambda block: _document(block, reading, layers))


def _documents(reading: Reading) -> Iterator[list[Line]]:
    """The lines of each document: a sentence, or all up to the next `-DOCSTART-` line where there are such lines."""
    document: list[Line] = []
    whole = False
    for line in read_lines(reading):
        opens = not line.problem and line.text.startswith(DOCSTART)
        blank = not line.problem and not line.text.strip()
        if opens or (blank and not whole):
            if document:
                yield document
            document = []
            whole = whole or opens
        elif document or not blank:
            document.append(line)
    if document:
        yield document


def _document(block: Sequence[Line], reading: Reading, layers: bool) -> Document:
    texts: list[str] = []
    spans: list[Span] = []
    offsets: list[Fragment] = []
    shift = 0
    width = max(len(_cells(block[0])), 2)
    for sentence in _sentences(block):
        numbered = [(line.number, row) for line in sentence if (row := _row(line, width, reading))]
        if not numbered:
            continue
        numbers, rows = zip(*numbered, strict=True)
        tokens, *columns = zip(*rows, strict=True)
        text, found = detokenise(tokens, reading.language)
        shifted = [(start + shift, end + shift) for start, end in found]
        for cells in columns if layers else columns[-1:]:
            spans += _spans(cells, shifted, numbers, reading)
        texts.append(text)
        offsets += shifted
        shift += len(text) + 1
    first = block[0].number
    if not texts:
        raise DataError("no row has a token", where=reading.at(first), mend=_MEND)
    where = reading.at(first)
    return reading.document(reading.line_id(first), "\n".join(texts), spans, where=where, meta=kept(offsets))


def _sentences(block: Sequence[Line]) -> Iterator[list[Line]]:
    sentence: list[Line] = []
    for line in block:
        if line.text.strip():
            sentence.append(line)
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _cells(line: Line) -> list[str]:
    text = line.text.rstrip()
    if "\t" not in text:
        return _BLANKS.split(text)
    return [cell.strip() for cell in text.split("\t")] if " " in text else text.split("\t")


def _row(line: Line, width: int, reading: Reading) -> list[str] | None:
    """The columns of a line; `None`, if it has no token and is left out."""
    cells = _cells(line)
    blank = not cells[0] or cells[0].isspace()
    if len(cells) != width or blank:
        where = reading.at(line.number)
        if blank:
            reading.mended(DataError("the token is blank", where=where, mend=_MEND), "left out the row")
            return None
        what = f"expected {width} columns, a token and its tags, found {len(cells)}"
        error = DataError(what, where=where, mend=_MEND)
        if len(cells) > width:
            raise error
        reading.mended(error, f"took the missing tags as {OUTSIDE}")
        cells += [OUTSIDE] * (width - len(cells))
    return cells


def _spans(cells: Sequence[str], offsets: Sequence[Fragment], lines: Sequence[int], reading: Reading) -> Iterator[Span]:
    def note(index: int, what: str, mendable: bool) -> None:
        mend = "write O, or a letter of B I E S L U M, a hyphen and the label"
        error = DataError(what, where=reading.at(lines[index]), mend=mend)
        if not mendable:
            raise error
        reading.mended(error, "began an entity with it")

    for first, last, label in entities(cells, note):
        yield Span.of(offsets[first][0], offsets[last][1], label)
