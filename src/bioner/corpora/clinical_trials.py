"""Studies of ClinicalTrials.gov as its API v2 gives them (JSON): their descriptions and their arm groups, unannotated.

A file holds one study, a list of studies, a page of the API (`studies`) or a study a line (JSON Lines); a folder stands
for all `.json` and `.jsonl` files below it. A study gives two documents: `NCT.../description` (brief summary and
detailed description) and, where it has arms, `NCT.../arms` (label and description of each arm group, a line each). The
texts are Markdown: backslashes that only escape a mark are removed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from bioner.corpora.json_objects import objects
from bioner.corpora.reading import Line, Reading
from bioner.corpora.record import parse_json, typed
from bioner.corpora.sections import SECTIONS, joined, squeezed
from bioner.corpora.sources import files
from bioner.documents import Document
from bioner.errors import DataError

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_NCT = re.compile(r"NCT\d{8}")


def read(reading: Reading) -> Iterator[Document]:
    """The description and the arms of every study.

    Raises:
        DataError: a file cannot be read, or a study is malformed, with file and line.
    """
    return reading.each(_texts(reading), lambda text: text())


def _texts(reading: Reading) -> Iterator[Callable[[], Document]]:
    """How each document is made; a defect is raised there, where it is the defect of one record."""
    for file in files(reading, ".json", ".jsonl"):
        try:
            for block in objects(file):
                yield from _of_block(block, file)
        except DataError as error:
            if file is reading:
                raise
            yield partial(_refuse, error)


def _of_block(block: Sequence[Line], file: Reading) -> Iterator[Callable[[], Document]]:
    where = file.at(block[0].number)
    try:
        studies = _studies(block, where)
    except DataError as error:
        yield partial(_refuse, error)
        return
    for study in studies:
        try:
            protocol = typed(study, "protocolSection", dict, where)
            nct = _number(protocol, where)
        except DataError as error:
            yield partial(_refuse, error)
            continue
        yield partial(_description, protocol, nct, file, where)
        if protocol.get("armsInterventionsModule"):
            yield partial(_arms, protocol, nct, file, where)


def _studies(block: Sequence[Line], where: str) -> list[Any]:
    for line in block:
        if line.problem:
            raise line.problem
    record = parse_json("\n".join(line.text for line in block), where)
    if not isinstance(record, dict) or "studies" not in record:
        return [record]
    page: list[Any] = typed(record, "studies", list, where)
    return page


def _number(protocol: Any, where: str) -> str:
    nct: str = typed(typed(protocol, "identificationModule", dict, where), "nctId", str, where)
    if not _NCT.fullmatch(nct):
        raise DataError(f"{nct!r} is no NCT number", where=where, mend="write NCT and eight digits")
    return nct


def _description(protocol: Any, nct: str, file: Reading, where: str) -> Document:
    module = typed(protocol, "descriptionModule", dict, where)
    detailed = typed(module, "detailedDescription", str, where) if "detailedDescription" in module else ""
    brief = typed(module, "briefSummary", str, where)
    text, places = joined([("briefSummary", _plain(brief)), ("detailedDescription", _plain(detailed))])
    return file.document(f"{nct}/description", text, (), where=f"{where}, record {nct}", meta={SECTIONS: places})


def _arms(protocol: Any, nct: str, file: Reading, where: str) -> Document:
    module = typed(protocol, "armsInterventionsModule", dict, where)
    groups = typed(module, "armGroups", list, where) if "armGroups" in module else []
    text, places = joined(_arm(group, where) for group in groups)
    return file.document(f"{nct}/arms", text, (), where=f"{where}, record {nct}", meta={SECTIONS: places})


def _arm(group: Any, where: str) -> tuple[str, str]:
    """The type of an arm, and its label and description."""
    label = typed(group, "label", str, where)
    kind, description = (typed(group, key, str, where) if key in group else "" for key in ("type", "description"))
    return kind, ": ".join(filter(None, (squeezed(_plain(label)), squeezed(_plain(description)))))


def _plain(markdown: str) -> str:
    """The text without escapes and blank lines."""
    lines = (line.rstrip() for line in _ESCAPED.sub(r"\1", markdown).splitlines())
    return "\n".join(line for line in lines if line)


def _refuse(error: DataError) -> Document:
    raise error
