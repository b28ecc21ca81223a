"""Token columns with IOB2 tags: the blocks of such a file, and the entities that a column of tags stands for.

One token a line, columns separated by a tab: the token, then one tag per layer of nesting. A blank line ends a
sentence. `B-x` begins an entity of label x, `I-x` goes on with it, `O` is outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioner.corpora.detokenise import detokenise
from bioner.corpora.lines import read_lines
from bioner.corpora.record import line_id, make_document
from bioner.documents import Document, Span
from bioner.errors import DataError

_DOCSTART = "-DOCSTART-"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a column file.

    Attributes:
        line: number of the line that holds its first token.
        tokens: at least one.
        layers: the tags of each layer, one a token.
        opens: whether a `-DOCSTART-` line stands before it.
    """

    line: int
    tokens: tuple[str, ...]
    layers: tuple[tuple[str, ...], ...]
    opens: bool


def read_sentences(path: Path, layers: int | None) -> Iterator[Sentence]:
    """Read the sentences of a column file.

    Args:
        layers: number of tag columns; `None` takes that of the first token.

    Raises:
        DataError: the file cannot be read, or a line has no token or another number of columns.
    """
    rows: list[list[str]] = []
    first, opens = 0, False
    for number, line in read_lines(path):
        if not line.strip():
            if rows:
                yield _sentence(first, rows, opens)
                rows, opens = [], False
            continue
        row = line.split("\t")
        if row[0] == _DOCSTART and not rows:
            opens = True
            continue
        layers = layers or len(row) - 1
        _check(row, layers, f"{path}:{number}")
        first = first if rows else number
        rows.append(row)
    if rows:
        yield _sentence(first, rows, opens)


def _sentence(line: int, rows: Sequence[Sequence[str]], opens: bool) -> Sentence:
    tokens, *layers = zip(*rows, strict=True)
    return Sentence(line, tokens, tuple(layers), opens)


def _check(row: Sequence[str], layers: int, where: str) -> None:
    mend = "a line holds a token and its tags, separated by tabs; a blank line ends a sentence"
    if len(row) != layers + 1 or layers < 1:
        what = f"expected {max(layers, 1) + 1} columns, a token and its tags, found {len(row)}"
        raise DataError(what, where=where, mend=mend)
    if not row[0].strip():
        raise DataError("the token is blank", where=where, mend=mend)


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


def read_columns(path: Path, language: str, source: str, layers: int | None) -> Iterator[Document]:
    """Read a column file as documents.

    A file with `-DOCSTART-` lines gives one document for each of them, its sentences joined by newlines; one without
    gives one document a sentence. The id is the file and the line of the first token.

    Raises:
        DataError: the file cannot be read or is malformed, with file and line.
    """
    waiting: list[Sentence] = []
    whole = False
    for sentence in read_sentences(path, layers):
        if waiting and (sentence.opens or not whole):
            yield _document(waiting, path, language, source)
            waiting = []
        whole = whole or sentence.opens
        waiting.append(sentence)
    if waiting:
        yield _document(waiting, path, language, source)


def _document(sentences: Sequence[Sentence], path: Path, language: str, source: str) -> Document:
    texts: list[str] = []
    spans: list[Span] = []
    shift = 0
    for sentence in sentences:
        text, offsets = detokenise(sentence.tokens)
        for tags in sentence.layers:
            for first, last, label in entities(tags, str(path), sentence.line):
                spans.append(Span.of(shift + offsets[first][0], shift + offsets[last][1], label))
        texts.append(text)
        shift += len(text) + 1
    line = sentences[0].line
    where = f"{path}:{line}"
    return make_document(line_id(path, line), "\n".join(texts), language, source, spans, where=where)
