"""The artifacts of a chain in DVC's stores: every object hashed again, in the cache and in the remote."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import PurePosixPath
from typing import Any

from bioner.audit.findings import Finding, State
from bioner.audit.subject import METRICS, Subject
from bioner.lineage.objects import Storage, has
from bioner.progress import track

_BLOCK = 1 << 20
_REST = " and all after it"


def check_storage(subject: Subject, storage: Storage | None, sound: AbstractSet[str]) -> Iterator[Finding]:
    """Every artifact in each store; one that is nowhere is named.

    Args:
        sound: the artifacts of which the workspace has a right copy.
    """
    if storage is None:
        yield Finding.unchecked("cache", "all of it", "this is no DVC project")
        return
    here, unseen = set(sound), False
    kept = {path: value for path, value in subject.outputs.items() if PurePosixPath(path).parts[0] != METRICS}
    for place, store in (("cache", storage.cache), ("remote", storage.remote)):
        if store is None:
            yield Finding.unchecked(place, "all of it", f"there is none: {storage.reason}")
            continue
        for finding in _store(place, store, kept):
            if finding.state is State.RIGHT:
                here.add(finding.item)
            unseen = unseen or finding.item.endswith(_REST)
            yield finding
    for path in () if unseen else sorted(kept.keys() - here):
        what = "no sound copy of it is left in workspace, cache or remote"
        mend = "restore it from a backup of the DVC remote: the version cannot be rebuilt without"
        yield Finding.wrong("storage", path, what, mend)


def _store(place: str, store: Any, items: Mapping[str, str]) -> Iterator[Finding]:
    """Each output in one of DVC's stores; the files of a folder are objects of their own."""
    mend = {
        "cache": "remove the object and fetch it again: dvc fetch",
        "remote": "remove the object there and push it again: dvc push",
    }[place]
    for path, value in track(items.items(), place, len(items)):
        try:
            missing, wrong = _verify(store, value)
        except Exception as error:  # noqa: BLE001  # each kind of remote has errors of its own
            why = f"the store cannot be read: {type(error).__name__}"  # what it says may hold credentials
            yield Finding.unchecked(place, f"{path}{_REST}", why)
            return
        for name, object_path in wrong:
            inner = f"{path}/{name}" if name else path
            yield Finding.wrong(place, inner, f"the object {object_path} has other content than its name says", mend)
        if missing:
            what = "it is not there" if missing == [""] else f"{len(missing)} of its files are not there"
            yield Finding.unchecked(place, path, what)
        elif not wrong:
            yield Finding.right(place, path)


def _verify(store: Any, value: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The files of an output that a store lacks, and those whose content is not theirs, with their objects."""
    if not has(store, value):
        return [""], []
    path = store.oid_to_path(value)
    found = _md5(store, path)
    if found != value.removesuffix(".dir"):
        return [], [("", path)]
    missing: list[str] = []
    wrong: list[tuple[str, str]] = []
    for entry in _listing(store, path) if value.endswith(".dir") else ():
        inner = store.oid_to_path(entry["md5"])
        if not store.fs.exists(inner):
            missing.append(entry["relpath"])
        elif _md5(store, inner) != entry["md5"]:
            wrong.append((entry["relpath"], inner))
    return missing, wrong


def _md5(store: Any, path: str) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with store.fs.open(path, "rb") as source:
        while block := source.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _listing(store: Any, path: str) -> list[dict[str, str]]:
    with store.fs.open(path, "rb") as source:
        listing: list[dict[str, str]] = json.load(source)
    return listing
