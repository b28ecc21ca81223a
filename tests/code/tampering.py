"""Ways to tamper with what is behind a registered model, each undone at the end of its block."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

Tampering = Callable[[Path], AbstractContextManager[None]]
DATABASE = ".bioner/mlflow.db"


def flip(data: bytes) -> bytes:
    """Another byte in the middle; what was a digit or letter stays one, so that no parser notices."""
    place = next(i for i in range(len(data) // 2, len(data)) if chr(data[i]).isalnum())
    return data[:place] + (b"0" if data[place : place + 1] != b"0" else b"1") + data[place + 1 :]


@contextmanager
def edited(file: Path, change: Callable[[bytes], bytes] = flip) -> Iterator[None]:
    """A file with other content."""
    before = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(change(before))
    try:
        yield
    finally:
        file.write_bytes(before)


def byte_of(pattern: str) -> Tampering:
    """One byte of the one file that a pattern finds below the project."""

    def plant(root: Path) -> AbstractContextManager[None]:
        (file,) = root.glob(pattern)
        return edited(file)

    return plant


def text_of(pattern: str, old: str, new: str) -> Tampering:
    """One passage of a file."""

    def plant(root: Path) -> AbstractContextManager[None]:
        (file,) = root.glob(pattern)
        assert old.encode() in file.read_bytes(), (pattern, old)
        return edited(file, lambda data: data.replace(old.encode(), new.encode(), 1))

    return plant


def object_of(store: str, output: str, inner: str = "") -> Tampering:
    """One byte of an object in one of DVC's stores: the one of an output, or of a file in an output."""

    def plant(root: Path) -> AbstractContextManager[None]:
        from bioner.tracking.provenance import dvc_hash

        value = dvc_hash(root / output / inner)
        return edited(root / store / "files/md5" / value[:2] / value[2:])

    return plant


def hash_in_lock(output: str) -> Tampering:
    """The hash of an output in the workspace's `dvc.lock`, wherever it stands."""

    def plant(root: Path) -> AbstractContextManager[None]:
        from bioner.tracking.provenance import dvc_hash

        value = dvc_hash(root / output).encode()
        return edited(root / "dvc.lock", lambda data: data.replace(value, flip(value)))

    return plant


def lost(*patterns: str) -> Tampering:
    """Files that are gone."""

    @contextmanager
    def plant(root: Path) -> Iterator[None]:
        files = {file: file.read_bytes() for pattern in patterns for file in root.glob(pattern) if file.is_file()}
        assert files
        for file in files:
            file.unlink()
        try:
            yield
        finally:
            for file, data in files.items():
                file.write_bytes(data)

    return plant


def row(table: str, column: str, where: str, new: str) -> Tampering:
    """One value in the database of the tracking store; `new` is an SQL expression."""

    @contextmanager
    def plant(root: Path) -> Iterator[None]:
        with sqlite3.connect(root / DATABASE) as database:
            (found,) = database.execute(f"SELECT rowid, {column} FROM {table} WHERE {where}").fetchall()  # noqa: S608
            database.execute(f"UPDATE {table} SET {column} = {new} WHERE rowid = ?", (found[0],))  # noqa: S608
        database.close()
        try:
            yield
        finally:
            with sqlite3.connect(root / DATABASE) as database:
                database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (found[1], found[0]))  # noqa: S608
            database.close()

    return plant


def tag(name: str, new: str = "replace(value, substr(value, 1, 1), 'f')", model: str = "bioner-gliner") -> Tampering:
    """A tag of the version."""
    return row("model_version_tags", "value", f"key = '{name}' AND name = '{model}' AND version = 1", new)


@contextmanager
def history(root: Path) -> Iterator[None]:
    """The history rewritten: the branch starts anew, with the same files."""

    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
        return subprocess.run(
            ["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True
        ).stdout.strip()

    before = git("rev-parse", "HEAD")
    git("update-ref", "refs/heads/" + git("branch", "--show-current"), git("commit-tree", "-m", "new", "HEAD^{tree}"))
    try:
        yield
    finally:
        git("reset", "--soft", before)


@contextmanager
def git_object(root: Path) -> Iterator[None]:
    """One byte of what git keeps of a file of code."""
    name = subprocess.run(
        ["git", "rev-parse", "HEAD:src/bioner/words.py"], cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()
    file = root / ".git/objects" / name[:2] / name[2:]
    with edited(file, lambda data: data[:-6] + bytes([data[-6] ^ 1]) + data[-5:]):
        yield
