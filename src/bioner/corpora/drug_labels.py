"""Drug labels: Structured Product Labeling (SPL, HL7 v3 XML as DailyMed gives it), a file or a folder of such files.

The text is the titles and the paragraphs of all sections in their order, a line each; the LOINC codes and places of
the sections are in `meta["sections"]`. The highlights at the beginning of a label repeat its sections and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from bioner.corpora.reading import Reading
from bioner.corpora.sections import SECTIONS, joined, squeezed
from bioner.corpora.sources import files
from bioner.corpora.xml_records import name, read_root
from bioner.documents import Document
from bioner.errors import DataError

_HL7 = "{urn:hl7-org:v3}"
_BLOCKS = frozenset({"paragraph", "list", "item", "caption", "table", "tr", "br", "footnote"})
_CELLS = frozenset({"td", "th"})
_BLANKS = re.compile(r"\s+")


def read(reading: Reading) -> Iterator[Document]:
    """One document a label; its id is the set id, which all versions of a label share.

    Raises:
        DataError: a file cannot be read, is not XML, or is no label.
    """
    return reading.each(files(reading, ".xml"), _document)


def _document(label: Reading) -> Document:
    root = read_root(label)
    identity = root.find(f"{_HL7}setId")
    if root.tag != f"{_HL7}document" or identity is None or not identity.get("root"):
        mend = "give SPL files: a `document` in the namespace urn:hl7-org:v3, with a `setId`"
        raise DataError("the file is no drug label", where=str(label.path), mend=mend)
    title = root.find(f"{_HL7}title")
    sections = [("TITLE", "" if title is None else _lines(title))]
    sections += [_section(section) for section in root.iter(f"{_HL7}section")]
    text, places = joined(sections)
    version = root.find(f"{_HL7}versionNumber")
    meta = {SECTIONS: places} | ({} if version is None else {"version": version.get("value", "")})
    return label.document(str(identity.get("root")), text, (), where=str(label.path), meta=meta)


def _section(section: Element) -> tuple[str, str]:
    """The code of a section, and its own title and text; the sections within it come after it."""
    code = section.find(f"{_HL7}code")
    parts = (section.find(f"{_HL7}{part}") for part in ("title", "text"))
    lines = (_lines(part) for part in parts if part is not None)
    return ("" if code is None else code.get("code", "")), "\n".join(filter(None, lines))


def _lines(element: Element) -> str:
    """The text of an element, a line for each paragraph, item or row of a table."""
    lines = (squeezed(line) for line in "".join(_pieces(element)).split("\n"))
    return "\n".join(filter(None, lines))


def _pieces(element: Element) -> Iterator[str]:
    yield _BLANKS.sub(" ", element.text or "")
    for child in element:
        kind = name(child)
        edge = "\n" if kind in _BLOCKS else " " if kind in _CELLS else ""
        yield edge
        yield from _pieces(child)
        yield edge + _BLANKS.sub(" ", child.tail or "")
