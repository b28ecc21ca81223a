"""PubTator files: `PMID|t|title`, `PMID|a|abstract`, then one tab-separated line for each mention.

Offsets count from the beginning of the title; title and abstract are separated by one character, here a newline, which
is left out where the abstract is empty.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bioner.corpora.lines import read_lines
from bioner.corpora.losses import ID, contiguous, count_unheld, named, one_line
from bioner.corpora.reading import Line, Reading, Touched
from bioner.documents import Document, Span
from bioner.errors import DataError
from bioner.files import atomic_write

_PASSAGE = re.compile(r"([^|\t]+)\|([ta])\|(.*)", re.DOTALL)
_OFFSET = re.compile("[0-9]{1,15}")  # longer numbers are no offsets, and Python does not parse all of them
_BAD_ID = re.compile(r"[|\t\r\n\0]|^\s*$")
_BAD_LABEL = re.compile(r"[\t\r\n\0]")
_ONE_LINE = str.maketrans("\t\n", "  ")  # a mention is one field of one line


def read(reading: Reading) -> Iterator[Document]:
    """One document an article; its id is the PMID, which the file may repeat.

    Relations between concepts have no place in a document: they are counted as dropped.

    Raises:
        DataError: the file cannot be read, a line is malformed, or a mention is not what stands at its offsets.
    """
    return reading.each_block(_articles(reading), lambda block: _document(block, reading))


def _articles(reading: Reading) -> Iterator[list[Line]]:
    """The lines of each article."""
    block: list[Line] = []
    for line in read_lines(reading):
        passage = _PASSAGE.fullmatch(line.text)
        if block and passage and passage[2] == "t":
            yield block
            block = []
        if line.problem or line.text.strip():
            block.append(line)
    if block:
        yield block


def _document(block: Sequence[Line], reading: Reading) -> Document:
    title, abstract = (_PASSAGE.fullmatch(line.text) for line in (*block, Line(0, ""))[:2])
    where = reading.at(block[0].number)
    if not title or title[2] != "t" or not abstract or abstract[2] != "a" or abstract[1] != title[1]:
        mend = "begin every article with its lines PMID|t|title and PMID|a|abstract"
        raise DataError("an article does not begin with a title and an abstract", where=where, mend=mend)
    text = f"{title[3]}\n{abstract[3]}" if abstract[3] else title[3]
    spans: list[Span] = []
    dropped: list[str] = []
    for line in block[2:]:
        fields = line.text.split("\t")
        if _is_relation(fields, title[1]):
            dropped.append("relation")
            continue
        try:
            spans.append(_span(fields, title[1], text, reading, reading.at(line.number)))
        except DataError as error:
            reading.mended(error, "left out the line")
    return reading.document(title[1], text, spans, where=where, dropped=dropped)


def _is_relation(fields: Sequence[str], pmid: str) -> bool:
    """A relation names its kind where a mention has its start."""
    return len(fields) >= 4 and fields[0] == pmid and not fields[1].lstrip("-").isdecimal()


def _span(fields: Sequence[str], pmid: str, text: str, reading: Reading, where: str) -> Span:
    """The span of a mention line; blanks around the mention that lie beyond its offsets are ignored."""
    if len(fields) < 5 or fields[0] != pmid or not all(map(_OFFSET.fullmatch, fields[1:3])):
        mend = f"write {pmid}, start, end, mention, type and identifier, separated by tabs"
        raise DataError("not a mention of this article", where=where, mend=mend)
    start, end, mention, label = int(fields[1]), int(fields[2]), fields[3], fields[4]
    found = text[start:end]
    if found.translate(_ONE_LINE).strip() != mention.strip() or not found:
        raise DataError(
            f"the mention {mention!r} is not at [{start}, {end}], where the text has {found!r}",
            where=where,
            mend="correct the offsets: they count characters from the beginning of the title",
        )
    if found.translate(_ONE_LINE) != mention:
        what = f"the mention {mention!r} has other blanks at its ends than {found!r}, which stands at its offsets"
        reading.noticed.append(Touched(where, what, "took the offsets"))
    return Span.of(start, end, label)


def write(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write articles: the title is the text up to its first newline; other newlines become blanks.

    Concept identifiers are no part of a document, and are written as `-`.

    Returns:
        what was lost, by reason.
    """
    lost: Counter[str] = Counter()
    with atomic_write(path) as out:
        for document in documents:
            count_unheld(document, lost, identity=True, meta=())
            identity = _BAD_ID.sub("_", document.id)
            lost[ID] += identity != document.id
            title, newline, abstract = document.text.partition("\n")
            if not abstract:
                title += newline
            title, abstract = one_line(title, lost), one_line(abstract, lost)
            out.write(f"{identity}|t|{title}\n{identity}|a|{abstract}\n")
            text = f"{title}\n{abstract}"
            for span in contiguous(document, lost, _BAD_LABEL):
                mention = text[span.start : span.end].translate(_ONE_LINE)
                out.write(f"{identity}\t{span.start}\t{span.end}\t{mention}\t{span.label}\t-\n")
            out.write("\n")
    return named(lost)
