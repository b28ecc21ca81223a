"""The workspace of a version: its files, params and `dvc.lock`, as long as they still speak of this version.

Three things say what a file is: the version (its evidence), the workspace's own `dvc.lock`, and the file. Where the
last two agree with each other and not with the version, the workspace has moved on, which is no fault. Where one of
them differs from the other two, that one is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bioner.audit.findings import Finding
from bioner.audit.subject import Subject
from bioner.audit.values import alike, short, value_at
from bioner.lineage.kept import read_mapping
from bioner.progress import track
from bioner.tracking.provenance import dvc_hash

_PLACE = "workspace"
_LOCK = "bring it back: git checkout dvc.lock"


def check_workspace(subject: Subject) -> Iterator[Finding]:
    """Every file of the chain that is there, and the params that its stages read."""
    if not subject.outputs:
        yield Finding.unchecked(_PLACE, "all of it", "no dvc.lock was kept, so no artifact is known")
        return
    file = subject.workspace / "dvc.lock"
    lock = _Lock.of(read_mapping(file))
    if file.is_file() and not lock.stages:
        yield Finding.wrong(_PLACE, "dvc.lock", "it cannot be read", _LOCK)
    items = {**subject.sources, **subject.outputs}
    for path, value in track(items.items(), "workspace", len(items)):
        yield _file(subject, lock, path, value)
    yield from _params(subject, lock)
    yield from _entries(subject, lock)


@dataclass(frozen=True, slots=True)
class _Lock:
    """The workspace's own `dvc.lock`.

    Attributes:
        stages: as it is written.
        read: path -> the hashes that the stages read it with.
        written: path -> the hash that a stage wrote it with.
    """

    stages: Mapping[str, Any]
    read: Mapping[str, set[str]]
    written: Mapping[str, str]

    @classmethod
    def of(cls, lock: Mapping[str, Any]) -> _Lock:
        """What a lock says of files."""
        read: dict[str, set[str]] = {}
        written: dict[str, str] = {}
        stages = lock.get("stages", {})
        for stage in stages.values():
            for item in stage.get("deps", ()):
                read.setdefault(str(item["path"]), set()).add(str(item.get("md5")))
            written |= {str(item["path"]): str(item.get("md5")) for item in stage.get("outs", ())}
        return cls(stages, read, written)

    def said(self, path: str) -> set[str]:
        """What it says that a file is: as it was written, else as it was read."""
        return {self.written[path]} if path in self.written else self.read.get(path, set())

    def param(self, stage: str, key: str) -> Any:
        """The value that a stage read; `None` if it says none."""
        groups = self.stages.get(stage, {}).get("params", {}).values()
        return next((values[key] for values in groups if key in values), None)


def _file(subject: Subject, lock: _Lock, path: str, expected: str) -> Finding:
    file = subject.workspace / path
    if not file.exists():
        return Finding.unchecked(_PLACE, path, "it is not there")
    found, said = dvc_hash(file), lock.said(path)
    if found == expected:
        # While the model is this version's, so is what was read to make it.
        held = lock.written.get(subject.model) == subject.outputs.get(subject.model)
        others = (said | lock.read.get(path, set()) if held else said) - {expected}
        if not others:
            return Finding.right(_PLACE, path)
        what = f"the file is the one of the version ({expected}), dvc.lock says {', '.join(sorted(others))}"
        return Finding.wrong(_PLACE, f"dvc.lock: {path}", what, _LOCK)
    if found in said or expected not in said:
        return Finding.unchecked(_PLACE, path, "the workspace has moved on to other content")
    what = f"its MD5 is {found}, that of the version {expected} (dvc.lock)"
    mend = "bring the corpus back, or make a new version with `bioner run`"
    return Finding.wrong(_PLACE, path, what, f"dvc checkout --force {path}" if path in subject.outputs else mend)


def _params(subject: Subject, lock: _Lock) -> Iterator[Finding]:
    params = read_mapping(subject.workspace / "params.yaml")
    seen: set[tuple[str, str]] = set()
    wrong = moved = False
    for stage in subject.stages:
        for key, expected in stage.params.items():
            found, said = value_at(params, key), lock.param(stage.name, key)
            if alike(found, expected) and said is not None and not alike(said, expected):
                item, is_, mend = f"dvc.lock: {stage.name}: {key}", said, _LOCK
            elif not alike(found, expected) and alike(said, expected):
                item, is_, mend = (
                    f"params.yaml: {key}",
                    found,
                    "git checkout params.yaml, or make a new version: bioner run",
                )
            else:
                moved = moved or not alike(found, expected)
                continue
            wrong = True
            if (item, key) not in seen:
                seen.add((item, key))
                yield Finding.wrong(
                    _PLACE, item, f"it is {short(is_)}, the version was made with {short(expected)}", mend
                )
    if moved:
        yield Finding.unchecked(_PLACE, "params.yaml", "the workspace has moved on to other params")
    elif not wrong:
        yield Finding.right(_PLACE, "params.yaml")


def _entries(subject: Subject, lock: _Lock) -> Iterator[Finding]:
    """Entries of the lock with the hashes and params of this version are its entries in everything else, too."""
    kept = subject.lock.get("stages", {})
    for stage in subject.stages:
        entry = lock.stages.get(stage.name)
        if entry and entry != kept[stage.name] and _essence(entry) == _essence(kept[stage.name]):
            what = "its hashes and params are those of the version, but command or sizes are not"
            yield Finding.wrong(_PLACE, f"dvc.lock: {stage.name}", what, _LOCK)


def _essence(entry: Mapping[str, Any]) -> list[Any]:
    hashes = [[item["path"], item.get("md5")] for part in ("deps", "outs") for item in entry.get(part, ())]
    return [hashes, entry.get("params")]
