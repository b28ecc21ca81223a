"""Attempts: what a tagger finds in windows, kept part by part, so that an interrupted reading goes on where it was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bioner.distribution import first_process
from bioner.entity_types import EntityTypes
from bioner.files import read_json, write_json
from bioner.progress import track
from bioner.tagger.claims import Attempt
from bioner.tagger.examples import Example
from bioner.tagger.model import TaggerModel
from bioner.tagger.reading import Found, Reader, Text

_PART = 32  # windows that are kept at a time
_BATCH = 16  # windows that are in work at a time

_Record = list[tuple[str, int, int]]  # type, first and last word of each mention: also as JSON


def complete(windows: Sequence[Example], folder: Path) -> bool:
    """Whether `read_attempts` has read all of these windows, and kept that."""
    return not _missing(windows, folder)


def read_attempts(
    model: TaggerModel, types: EntityTypes, windows: Sequence[Example], folder: Path, description: str
) -> list[Attempt]:
    """Annotate windows, and keep each part in a folder; parts that are kept there are not annotated again.

    Args:
        folder: for these windows as this model reads them, and for no others.
    """
    records = _read(model, types, windows, folder, description)
    for start in range(0, len(windows), _PART):
        if start not in records:
            records[start] = read_json(_kept(folder, start))
    return [
        _attempt(window, record)
        for start in sorted(records)
        for window, record in zip(windows[start : start + _PART], records[start], strict=True)
    ]


def _read(
    model: TaggerModel, types: EntityTypes, windows: Sequence[Example], folder: Path, description: str
) -> dict[int, list[_Record]]:
    """The parts that were missing: the number of the first window of each, and what is found in its windows."""
    numbers = [n for start in _missing(windows, folder) for n in range(start, min(start + _PART, len(windows)))]
    if not numbers:
        return {}
    reader = Reader(model, types, selector=False)
    texts = [Text(windows[number].language, windows[number].words) for number in numbers]
    records: dict[int, list[_Record]] = {}
    found = track(reader.read(texts, _BATCH), description, len(windows), len(windows) - len(numbers))
    for number, mentions in zip(numbers, found, strict=True):
        start = number - number % _PART
        records.setdefault(start, []).append(_record(mentions))
        if (number + 1 == len(windows) or (number + 1) % _PART == 0) and first_process():
            write_json(_kept(folder, start), records[start])
    return records


def _missing(windows: Sequence[Example], folder: Path) -> list[int]:
    return [start for start in range(0, len(windows), _PART) if not _kept(folder, start).is_file()]


def _kept(folder: Path, start: int) -> Path:
    return folder / f"{start}.json"


def _record(mentions: Sequence[Found]) -> _Record:
    return [(key, first, last) for key, (first, last), _ in mentions]


def _attempt(window: Example, record: _Record) -> Attempt:
    found = tuple((key, (first, last)) for key, first, last in record)
    return Attempt(window.language, window.words, window.mentions, found)
