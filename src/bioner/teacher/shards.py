"""Shards: what is left to annotate, in files of some thousand texts; a worker needs to know no more than one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioner.files import atomic_write
from bioner.teacher.chunks import Chunk, Key, Plan, Text


@dataclass(frozen=True, slots=True)
class Shard:
    """The file of a shard, and how many texts it has."""

    path: Path
    texts: int


def write_shards(
    folder: Path, groups: Iterator[Sequence[Text]], key: Callable[[Text], Key], size: int
) -> Iterator[Shard]:
    """Write shards, each when it is drawn, a chunk a line: its texts with the keys of their records.

    Args:
        groups: texts that stay together.
        key: of the record of a text.
        size: texts of a shard, at which it is closed; the last chunk may exceed it.
    """
    number = 0
    while some := list(_filled(groups, size)):
        path = folder / f"{number:06}.jsonl"
        with atomic_write(path) as out:
            for texts in some:
                record = {"texts": texts, "keys": [key(text).hex() for text in texts]}
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
        yield Shard(path, sum(map(len, some)))
        number += 1


def read_shard(path: Path) -> Plan:
    """The texts of a shard, as they are to be annotated."""
    chunks = []
    with path.open(encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            texts = tuple((language, text) for language, text in record["texts"])
            chunks.append(Chunk(texts, tuple(map(bytes.fromhex, record["keys"]))))
    keys = {text: key for chunk in chunks for text, key in zip(chunk.texts, chunk.keys, strict=True)}
    return Plan(lambda: iter(chunks), keys.__getitem__)


def _filled(groups: Iterator[Sequence[Text]], size: int) -> Iterator[Sequence[Text]]:
    """Groups until there are so many texts."""
    count = 0
    while count < size and (group := next(groups, None)) is not None:
        count += len(group)
        yield group
