"""Atomic writes and content hashes: what is on disk is always whole."""

from __future__ import annotations

import fcntl
import glob
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import psutil

_BLOCK = 1 << 20


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a name aside, for a file that the block writes; it replaces `path` when the block ends well."""
    aside, _ = _aside(path)
    try:
        yield aside
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def atomic_write(path: Path) -> Iterator[TextIO]:
    """Open a text file aside; it takes its name when the block ends well, and is removed when it does not."""
    with atomic_path(path) as aside, aside.open("w", encoding="utf-8", newline="\n") as out:
        yield out


@contextmanager
def atomic_directory(path: Path) -> Iterator[Path]:
    """Yield an empty directory aside; it replaces `path` when the block ends well, and vanishes when it does not.

    A directory cannot be replaced in one step: killed at the worst moment, this leaves none, but never half of one.
    """
    aside, old = _aside(path)
    aside.mkdir()
    try:
        yield aside
        if path.exists():
            path.replace(old)
        aside.replace(path)
    finally:
        _remove(aside)
        _remove(old)


def _aside(path: Path) -> tuple[Path, Path]:
    """Names beside `path` for its next and its former content; what killed processes left under such names goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        owner = left.stem.rpartition("-")[2]
        if owner.isdecimal() and (int(owner) == os.getpid() or not psutil.pid_exists(int(owner))):
            _remove(left)
    new, old = (path.with_name(f".{path.name}.{role}-{os.getpid()}.part") for role in ("new", "old"))
    return new, old


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Wait for a lock file and hold it; the system releases it when the process ends, however it ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file atomically, keys in the order given: the order of entity types is a part of a model."""
    with atomic_write(path) as out:
        json.dump(value, out, ensure_ascii=False, indent=2, allow_nan=False)
        out.write("\n")


def read_json(path: Path) -> Any:
    """Read a JSON file that this project wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while block := source.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def hash_tree(path: Path) -> str:
    """SHA-256 over the relative names and contents of a file or of all files under a folder."""
    if path.is_file():
        return hash_file(path)
    digest = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        digest.update(f"{file.relative_to(path).as_posix()}\0{hash_file(file)}\n".encode())
    return digest.hexdigest()


def hash_value(value: Any) -> str:
    """SHA-256 of a JSON value, independent of the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
