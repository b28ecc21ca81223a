"""The catalogue: the corpora that params name, what is known of them, and how an entry is added to the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from bioner.config import Params
from bioner.errors import ConfigError
from bioner.files import read_json

_KEY = "corpora"


@dataclass(frozen=True, slots=True)
class Entry:
    """A corpus of the params.

    Attributes:
        splits: split -> the file it is read from.
        missing: the splits whose file is not there.
        figures: split -> what it held when it was last ingested; empty if it was not.
    """

    name: str
    format: str
    column: str | int | None
    language: str
    licence: str
    source: str
    citation: str
    splits: dict[str, str]
    missing: tuple[str, ...]
    figures: dict[str, dict[str, Any]]

    def to_record(self) -> dict[str, Any]:
        """The entry as a JSON object."""
        return asdict(self)


def entries(params: Params, folder: Path, metrics: Path) -> list[Entry]:
    """The corpora of the params, in their order.

    Args:
        folder: where relative paths begin.
        metrics: where `ingest` leaves the figures of each corpus.
    """
    found = []
    for name, corpus in params.corpora.items():
        files = {split: corpus.file(folder / params.data_root, split) for split in corpus.splits}
        ingested = metrics / f"{name}.json"
        figures = read_json(ingested) if ingested.is_file() else {}
        found.append(
            Entry(
                name,
                corpus.format,
                corpus.column,
                corpus.language,
                corpus.licence,
                corpus.source,
                corpus.citation,
                {split: str(file) for split, file in files.items()},
                tuple(split for split, file in files.items() if not file.exists()),
                {split: figures[split] for split in corpus.splits if split in figures},
            )
        )
    return found


def with_entry(text: str, name: str, entry: Mapping[str, Any], where: str) -> str:
    """The YAML of params or of a profile with one more corpus, below the others; every other byte stays as it is.

    Raises:
        ConfigError: the file has the corpus, or is laid out so that nothing can be put below the others.
    """
    expected = yaml.safe_load(text) or {}
    known, empty = expected.get(_KEY) or {}, _KEY in expected and not expected[_KEY]
    if name in known:
        raise ConfigError(f"there is a corpus {name!r} already", where=where, mend="choose another --name")
    expected[_KEY] = {**known, name: dict(entry)}
    lines = text.split("\n")
    line, indent = _place(text, lines)
    if not known:
        lines[line:line] = [f"{_KEY}:"]
        line += 1
    lines[line:line] = [" " * indent + row for row in _yaml({name: dict(entry)})]
    result = "\n".join(lines)
    try:
        right = yaml.safe_load(result) == expected and not empty  # the key would be there twice
    except yaml.YAMLError:
        right = False
    if not right:
        mend = f"add it yourself:\n{yaml.safe_dump({name: dict(entry)}, sort_keys=False, allow_unicode=True)}"
        raise ConfigError(f"`{_KEY}` is laid out so that no entry can be added to it", where=where, mend=mend)
    return result


def _place(text: str, lines: list[str]) -> tuple[int, int]:
    """The index of the line before which a corpus is put, and its indentation."""
    root = yaml.compose(text, yaml.SafeLoader)
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == _KEY and isinstance(value, yaml.MappingNode) and value.value:
            end = _last(value).end_mark
            return end.line + (1 if end.column else 0), value.start_mark.column
    return len(lines) - (1 if lines[-1] == "" else 0), 2


def _last(node: yaml.Node) -> yaml.Node:
    """The innermost last node: its end is where the text ends, that of a block is where the next one begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last(last[1] if isinstance(last, tuple) else last)
    return node


def _yaml(value: Mapping[str, Any]) -> list[str]:
    """Block style for the entry and its keys, flow style for what lies deeper, as in the params."""
    dumped = yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True, default_flow_style=None, width=10_000)
    return dumped.rstrip("\n").split("\n")
