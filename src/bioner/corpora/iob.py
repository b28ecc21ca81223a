"""Token columns with IOB2 tags: the blocks of such a file, and the entities that a column of tags stands for.

One token a line, columns separated by a tab: the token, then one tag per layer of nesting. A blank line ends a
sentence. `B-x` begins an entity of label x, `I-x` goes on with it, `O` is outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bioner.corpora.detokenise import detokenise
from bioner.corpora.lines import read_lines
from bioner.corpora.reading import Line, Reading
from bioner.documents import Document, Span
from bioner.errors import DataError

_DOCSTART = "-DOCSTART-"


def _blocks(reading: Reading) -> Iterator[list[Line]]:
    """The lines of each sentence."""
    block: list[Line] = []
    for line in read_lines(reading):
        if line.problem or line.text.strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _documents(reading: Reading) -> Iterator[list[Line]]:
    """The lines of each document: a sentence, or all up to the next `-DOCSTART-` line where there are such lines."""
    document: list[Line] = []
    whole = False
    for block in _blocks(reading):
        opens = block[0].text.split("\t")[0] == _DOCSTART
        if document and (opens or not whole):
            yield document
            document = []
        whole = whole or opens
        document += [*block, Line(block[-1].number + 1, "")]
    if document:
        yield document


def entities(tags: Sequence[str], where: str, line: int) -> Iterator[tuple[int, int, str]]:
    """The entities of one layer: index of the first and of the last token, both inclusive, and the label.

    Raises:
        DataError: a tag is not of IOB2, or an `I-x` does not go on with an entity of label x.
    """
    begin, label = 0, ""
    for index, tag in enumerate(tags):
        prefix, _, name = tag.partition("-")
        if prefix == "I" and label and name == label:
            continue
        if label:
            yield begin, index - 1, label
        label = name if prefix == "B" else ""
        begin = index
        if tag != "O" and not label:
            what = f"the tag {tag!r} {'does not follow an entity of its label' if prefix == 'I' else 'is not of IOB2'}"
            raise DataError(what, where=f"{where}:{line + index}", mend="write O, B-label or I-label")
    if label:
        yield begin, len(tags) - 1, label


def _sentences(block: Sequence[Line], reading: Reading, layers: int | None) -> Iterator[tuple[int, list[list[str]]]]:
    """The line of the first token and the rows of each sentence of a document."""
    rows: list[list[str]] = []
    for line in block:
        row = line.text.split("\t")
        if not line.text.strip():
            if rows:
                yield line.number - len(rows), rows
            rows = []
        elif row[0] != _DOCSTART or rows:
            layers = layers or len(row) - 1
            _check(row, layers, reading.at(line.number))
            rows.append(row)


def _check(row: Sequence[str], layers: int, where: str) -> None:
    mend = "a line holds a token and its tags, separated by tabs; a blank line ends a sentence"
    if len(row) != layers + 1 or layers < 1:
        what = f"expected {max(layers, 1) + 1} columns, a token and its tags, found {len(row)}"
        raise DataError(what, where=where, mend=mend)
    if not row[0].strip():
        raise DataError("the token is blank", where=where, mend=mend)


def read_columns(reading: Reading, layers: int | None) -> Iterator[Document]:
    """Read a column file as documents.

    A file with `-DOCSTART-` lines gives one document for each of them, its sentences joined by newlines; one without
    gives one document a sentence. The id is the file and the line of the first token.

    Args:
        layers: number of tag columns; `None` takes that of each document's first token.

    Raises:
        DataError: the file cannot be read or is malformed, with file and line.
    """
    return reading.each_block(_documents(reading), lambda block: _document(block, reading, layers))


def _document(block: Sequence[Line], reading: Reading, layers: int | None) -> Document:
    texts: list[str] = []
    spans: list[Span] = []
    shift = 0
    for line, rows in _sentences(block, reading, layers):
        tokens, *columns = zip(*rows, strict=True)
        text, offsets = detokenise(tokens)
        for tags in columns:
            for first, last, label in entities(tags, str(reading.path), line):
                spans.append(Span.of(shift + offsets[first][0], shift + offsets[last][1], label))
        texts.append(text)
        shift += len(text) + 1
    first_line = next(line.number for line in block if line.text and not line.text.startswith(_DOCSTART))
    where = reading.at(first_line)
    return reading.document(reading.line_id(first_line), "\n".join(texts), spans, where=where)
