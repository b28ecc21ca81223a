"""Which documents are in which data file, and which files are behind which version: a small database of hashes.

It can be made again at any time from what the registry and DVC keep. A data file is known by its hash, so that versions
which share data share its entry; a document is known by 64 bits of a hash of its id, so that the index holds no ids
(they may name patients) and a million of them take about 20 MB. Two of a million ids are confused with probability
3e-8 (birthday bound).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from bioner.errors import RegistryError

_TRAINED, _JUDGED = "trained on", "judged on"
ROLES = {
    "data/train": _TRAINED,
    "data/synthetic.jsonl": _TRAINED,
    "data/tasks.jsonl": _TRAINED,
    "data/dev": "chosen by",
    "data/test": _JUDGED,
    "data/unlabelled": "read",  # what was kept of it is in the synthetic data
    "data/quarantine.jsonl": "quarantined",
}
_FORMAT = 1
_CHUNK = 200_000  # rows that are sorted and written at once
_WAIT = 60.0  # seconds for another process that writes
_HELD_OUT = "held_out"  # in the meta of documents that no model learns from
_TABLES = """
CREATE TABLE files (id INTEGER PRIMARY KEY, hash TEXT UNIQUE NOT NULL);
CREATE TABLE documents (key INTEGER, file INTEGER, PRIMARY KEY (key, file)) WITHOUT ROWID;
CREATE TABLE sources (source TEXT, file INTEGER, documents INTEGER, PRIMARY KEY (source, file)) WITHOUT ROWID;
CREATE TABLE versions (id INTEGER PRIMARY KEY, name TEXT, version TEXT, evidence TEXT, UNIQUE (name, version));
CREATE TABLE uses (version INTEGER, role TEXT, path TEXT, hash TEXT, PRIMARY KEY (version, path)) WITHOUT ROWID;
CREATE INDEX users ON uses (hash);
"""
_USES = """
SELECT v.name, v.version, u.role, SUM({count}) FROM {table} AS t
JOIN files AS f ON f.id = t.file JOIN uses AS u ON u.hash = f.hash JOIN versions AS v ON v.id = u.version
WHERE t.{column} = ? GROUP BY v.name, v.version, u.role
"""


class Index:
    """An open index; it is made where there is none, and anew where another format is."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._database = connection

    def versions(self) -> dict[tuple[str, str], str]:
        """Name and number -> evidence of the versions that are known."""
        rows = self._database.execute("SELECT name, version, evidence FROM versions")
        return {(name, version): evidence for name, version, evidence in rows}

    def add_version(self, name: str, version: str, evidence: str, files: Mapping[str, str]) -> None:
        """Note the data files (path -> hash) behind a version, instead of what was known of it."""
        with self._database:
            self._database.execute(
                "DELETE FROM uses WHERE version IN (SELECT id FROM versions WHERE name = ? AND version = ?)",
                (name, version),
            )
            self._database.execute("DELETE FROM versions WHERE name = ? AND version = ?", (name, version))
            row = self._database.execute(
                "INSERT INTO versions (name, version, evidence) VALUES (?, ?, ?)", (name, version, evidence)
            ).lastrowid
            self._database.executemany(
                "INSERT INTO uses VALUES (?, ?, ?, ?)",
                [(row, role_of(path), path, value) for path, value in files.items() if role_of(path)],
            )

    def forget(self, name: str, version: str) -> None:
        """Drop a version that the registry has no longer."""
        self.add_version(name, version, "", {})
        with self._database:
            self._database.execute("DELETE FROM versions WHERE name = ? AND version = ?", (name, version))

    def unread(self) -> dict[str, str]:
        """Hash -> path of the data files of versions whose documents are not known."""
        rows = self._database.execute("SELECT hash, path FROM uses WHERE hash NOT IN (SELECT hash FROM files)")
        return dict(rows.fetchall())

    def has_file(self, value: str) -> bool:
        """Whether the documents of a file are known."""
        return self._database.execute("SELECT 1 FROM files WHERE hash = ?", (value,)).fetchone() is not None

    def add_file(self, value: str, lines: BinaryIO) -> None:
        """Note the documents of a file; all of them or, if that is interrupted, none."""
        sources: Counter[str] = Counter()
        with self._database:
            added = self._database.execute("INSERT OR IGNORE INTO files (hash) VALUES (?)", (value,))
            if not added.rowcount:
                return  # another process was quicker
            file = added.lastrowid
            keys = _keys(lines, sources)
            while chunk := sorted(islice(keys, _CHUNK)):
                self._database.executemany(
                    "INSERT OR IGNORE INTO documents VALUES (?, ?)", [(key, file) for key in chunk]
                )
            rows = [(source, file, count) for source, count in sources.items()]
            self._database.executemany("INSERT INTO sources VALUES (?, ?, ?)", rows)

    def files_of(self, document: str) -> set[str]:
        """The hashes of the files that hold a document."""
        query = "SELECT f.hash FROM documents AS d JOIN files AS f ON f.id = d.file WHERE d.key = ?"
        return {row[0] for row in self._database.execute(query, (key_of(document),))}

    def files_of_corpus(self, corpus: str) -> set[str]:
        """The hashes of the files that hold any document of a corpus."""
        query = "SELECT f.hash FROM sources AS s JOIN files AS f ON f.id = s.file WHERE s.source = ?"
        return {row[0] for row in self._database.execute(query, (corpus,))}

    def uses_of(self, document: str) -> dict[tuple[str, str], dict[str, int]]:
        """Version -> role -> in how many files, of a document."""
        return self._uses(_USES.format(count=1, table="documents", column="key"), key_of(document))

    def uses_of_corpus(self, corpus: str) -> dict[tuple[str, str], dict[str, int]]:
        """Version -> role -> how many documents, of a corpus."""
        return self._uses(_USES.format(count="t.documents", table="sources", column="source"), corpus)

    def uses_of_file(self, value: str) -> dict[tuple[str, str], dict[str, int]]:
        """Version -> role -> once, of a data file."""
        query = (
            "SELECT v.name, v.version, u.role, 1 FROM uses AS u JOIN versions AS v ON v.id = u.version WHERE u.hash = ?"
        )
        return self._uses(query, value)

    def _uses(self, query: str, value: int | str) -> dict[tuple[str, str], dict[str, int]]:
        found: dict[tuple[str, str], dict[str, int]] = {}
        for name, version, role, count in self._database.execute(query, (value,)):
            found.setdefault((name, version), {})[role] = count
        return found


@contextmanager
def open_index(path: Path) -> Iterator[Index]:
    """Open the index; several processes may.

    Raises:
        RegistryError: it is damaged, or somebody else writes it for very long.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=_WAIT)
    try:
        connection.execute("BEGIN IMMEDIATE")  # of several that begin at once, one makes the tables
        if connection.execute("PRAGMA user_version").fetchone()[0] != _FORMAT:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                connection.execute(f'DROP TABLE "{name}"')
            for statement in filter(str.strip, _TABLES.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {_FORMAT}")
        connection.commit()
        yield Index(connection)
    except sqlite3.Error as error:
        mend = "delete the file if this comes again: it is made anew"
        raise RegistryError(f"the index of documents cannot be used: {error}", where=str(path), mend=mend) from error
    finally:
        connection.close()


def role_of(path: str) -> str:
    """What a data file is to a model; empty for one that holds nothing more than others that are told."""
    return ROLES.get(path) or ROLES.get(path.rpartition("/")[0], "")


def key_of(document: str) -> int:
    """64 bits of a hash of an id."""
    return int.from_bytes(hashlib.blake2b(document.encode(), digest_size=8).digest(), "big", signed=True)


def need(roles: Iterable[str]) -> str:
    """What has to be done with a version if what it used in these roles may not be used any more."""
    known = set(roles)
    if known & {_TRAINED, "chosen by"}:
        return "train again"
    return "evaluate again" if _JUDGED in known else "nothing"


def _keys(lines: BinaryIO, sources: Counter[str]) -> Iterator[int]:
    """The keys of all documents, and of those that sentences were cut from; counts the documents of each source."""
    for line in lines:
        if not line.strip():
            continue
        record = json.loads(line)
        meta = record.get("meta", {})
        if meta.get(_HELD_OUT):
            continue
        sources[record.get("source", "")] += 1
        yield key_of(record["id"])
        if isinstance(meta.get("document"), str):
            yield key_of(meta["document"])
