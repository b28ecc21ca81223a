"""BioC XML: a `collection` of `document` elements (see `bioner.corpora.bioc`), read as a stream.

XML cannot hold most control characters: in their place blanks are written, and counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioner.corpora import bioc, bioc_writing
from bioner.corpora.losses import BLANKED, META, named
from bioner.corpora.reading import Reading
from bioner.corpora.xml_records import Record, name, read_records
from bioner.documents import Document
from bioner.errors import DataError
from bioner.files import atomic_write

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_LISTS = frozenset({"passage", "sentence", "annotation"})
_VALUES = frozenset({"id", "offset", "text"})
_HEADER = frozenset({"source", "date", "key", "infon"})
_INTEGER = re.compile(r"\s*(-?[0-9]{1,15})\s*")
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})  # a reader makes a bare CR an LF
_IN_ATTRIBUTES = _ESCAPES | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def read(reading: Reading) -> Iterator[Document]:
    """The documents of a collection.

    Raises:
        DataError: the file cannot be read, is not BioC XML, declares entities, a record is malformed, or a mention is
            not at its locations.
    """

    def document(record: Record) -> Document:
        where = reading.at(record.line)
        return bioc.document(_record(record.element, reading, where), reading, where)

    yield from reading.each(_documents(reading), document)


def _documents(reading: Reading) -> Iterator[Record]:
    for record in read_records(reading):
        tag = name(record.element)
        if tag == "document":
            yield record
        elif tag not in _HEADER:
            mend = "check the format of this file"
            raise DataError(f"a BioC collection has no element <{tag}>", where=reading.at(record.line), mend=mend)


def _record(element: Element, reading: Reading, where: str) -> dict[str, Any]:
    """The form of BioC JSON; elements that BioC does not have become keys that it does not have."""
    record: dict[str, Any] = {"infons": {}}
    for child in element:
        tag = name(child)
        if tag in _LISTS:
            record.setdefault(f"{tag}s", []).append(_record(child, reading, where))
        elif tag == "relation":
            record.setdefault("relations", []).append({})
        elif tag == "location":
            location = {key: _integer(child.get(key), key, where) for key in ("offset", "length")}
            record.setdefault("locations", []).append(location)
        elif tag in _VALUES or tag == "infon":
            holder, key = (record["infons"], child.get("key", "")) if tag == "infon" else (record, tag)
            if key in holder:
                error = DataError(f"<{tag}> {key!r} occurs twice", where=where, mend="remove one of them")
                reading.mended(error, "kept the first")
            else:
                text = _content(child, tag, where)
                holder[key] = _integer(text, tag, where) if tag == "offset" else text
        else:
            record[f"<{tag}>"] = True
    return record


def _content(element: Element, tag: str, where: str) -> str:
    if len(element):
        mend = "write plain text, with &lt; for <"
        raise DataError(f"there are elements inside <{tag}>", where=where, mend=mend)
    return element.text or ""


def _integer(text: str | None, key: str, where: str) -> int:
    match = _INTEGER.fullmatch(text or "")
    if not match:
        raise DataError(f"the {key} {text!r:.80} is not a number", where=where, mend="write a whole number")
    return int(match[1])


def write(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write one collection; of the `meta` of documents it holds what is text.

    Returns:
        what was lost, by reason.
    """
    lost: Counter[str] = Counter()
    leaf = partial(_leaf, lost)
    with atomic_write(path) as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE collection SYSTEM "BioC.dtd">\n<collection>\n')
        out.writelines(leaf(tag, value) for tag, value in bioc_writing.HEADER.items())
        for document in documents:
            record = bioc_writing.record(document, lost)
            out.write(f"<document>{leaf('id', record['id'])}{_infons(record, lost)}")
            for passage in record["passages"]:
                out.write(f"<passage>{_infons(passage, lost)}<offset>{passage['offset']}</offset>")
                out.write(leaf("text", passage["text"]))
                out.writelines(_annotation(annotation, lost) for annotation in passage["annotations"])
                out.write("</passage>\n")
            out.write("</document>\n")
        out.write("</collection>\n")
    return named(lost)


def _annotation(annotation: Mapping[str, Any], lost: Counter[str]) -> str:
    locations = "".join(
        f'<location offset="{location["offset"]}" length="{location["length"]}"/>'
        for location in annotation["locations"]
    )
    inner = _infons(annotation, lost) + locations + _leaf(lost, "text", annotation["text"])
    return f'<annotation id="{annotation["id"]}">{inner}</annotation>\n'


def _infons(record: Mapping[str, Any], lost: Counter[str]) -> str:
    texts = {key: value for key, value in record["infons"].items() if isinstance(value, str)}
    lost[META] += len(record["infons"]) - len(texts)
    return "".join(_leaf(lost, "infon", value, key) for key, value in texts.items())


def _leaf(lost: Counter[str], tag: str, text: str, key: str | None = None) -> str:
    """An element that holds text."""
    attribute = "" if key is None else f' key="{_possible(key, lost).translate(_IN_ATTRIBUTES)}"'
    return f"<{tag}{attribute}>{_possible(text, lost).translate(_ESCAPES)}</{tag}>"


def _possible(text: str, lost: Counter[str]) -> str:
    found, count = _IMPOSSIBLE.subn(" ", text)
    lost[BLANKED] += count
    return found
