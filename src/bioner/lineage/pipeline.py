"""The pipeline behind a model, read from the `dvc.lock` and `params.yaml` that were kept with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any


@dataclass(frozen=True, slots=True)
class File:
    """A file or folder as `dvc.lock` names it, with the hash of its content."""

    path: str
    hash: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage as it ran.

    Attributes:
        params: dotted key -> value, as the stage read them.
        code: the code it depends on.
        reads: the data and models it read.
        writes: what it wrote.
        parents: the stages that wrote what it read.
    """

    name: str
    command: str
    params: Mapping[str, Any]
    code: tuple[File, ...]
    reads: tuple[File, ...]
    writes: tuple[File, ...]
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus that the model was made from, as `params.yaml` describes it; its source is often a URL."""

    name: str
    file: File
    licence: str
    source: str
    language: str
    citation: str


def upstream(lock: Mapping[str, Any], code: str, target: str) -> tuple[Stage, ...]:
    """The stage that wrote `target` and all stages before it, each after those that read from it.

    Args:
        lock: the content of `dvc.lock`.
        code: where the package lies, as `params.yaml` says: dependencies below it are code.
        target: path of an output.
    """
    stages = {name: _stage(name, entry, code) for name, entry in lock.get("stages", {}).items()}
    writers = {name: [file.path for file in stage.writes] for name, stage in stages.items()}
    found: dict[str, Stage] = {}
    waiting = list(_writers(writers, target))
    while waiting:
        name = waiting.pop(0)
        found.pop(name, None)  # it moves behind the stage that was found to read from it
        stage = stages[name]
        parents = tuple(dict.fromkeys(p for file in stage.reads for p in _writers(writers, file.path) if p != name))
        found[name] = Stage(name, stage.command, stage.params, stage.code, stage.reads, stage.writes, parents)
        waiting += parents
    return tuple(found.values())


def downstream(lock: Mapping[str, Any], paths: Iterable[str]) -> tuple[str, ...]:
    """The stages that wrote one of some outputs, and all that read from them or from each other, in an order of work.

    Args:
        lock: the content of `dvc.lock`.
        paths: outputs.
    """
    stages = {name: _stage(name, entry, "") for name, entry in lock.get("stages", {}).items()}
    writers = {name: [file.path for file in stage.writes] for name, stage in stages.items()}
    parents = {
        name: {p for file in (*stage.reads, *stage.code) for p in _writers(writers, file.path)} - {name}
        for name, stage in stages.items()
    }
    found = {name for path in paths for name in _writers(writers, path)}
    while more := {name for name, before in parents.items() if before & found} - found:
        found |= more
    ordered: list[str] = []
    while left := [name for name in stages if name in found and name not in ordered]:
        ordered += [name for name in left if not parents[name] & set(left)] or left
    return tuple(ordered)


def _writers(writers: Mapping[str, list[str]], path: str) -> Iterator[str]:
    """The stages with an output that is `path`, lies in it, or holds it."""
    wanted = PurePosixPath(path)
    for name, outputs in writers.items():
        if any(wanted.is_relative_to(output) or PurePosixPath(output).is_relative_to(wanted) for output in outputs):
            yield name


def _stage(name: str, entry: Mapping[str, Any], code: str) -> Stage:
    reads = [_file(item) for item in entry.get("deps", ())]
    params = {key: value for values in entry.get("params", {}).values() for key, value in values.items()}
    return Stage(
        name=name,
        command=str(entry.get("cmd", "")),
        params=params,
        code=tuple(file for file in reads if PurePosixPath(file.path).is_relative_to(code)),
        reads=tuple(file for file in reads if not PurePosixPath(file.path).is_relative_to(code)),
        writes=tuple(_file(item) for item in entry.get("outs", ())),
        parents=(),
    )


def _file(item: Mapping[str, Any]) -> File:
    algorithm = item.get("hash", "md5")
    return File(str(item["path"]), str(item.get(algorithm, "not kept")))


def corpora_of(stages: tuple[Stage, ...], params: Mapping[str, Any]) -> tuple[Corpus, ...]:
    """The corpora that the ingest stages among these read."""
    described = params.get("corpora", {})
    found = []
    for stage in stages:
        kind, _, name = stage.name.partition("@")
        if kind == "ingest" and stage.reads:
            entry = described.get(name, {})
            about = (str(entry.get(key, "not stated")) for key in ("licence", "source", "language", "citation"))
            found.append(Corpus(name, stage.reads[0], *about))
    return tuple(sorted(found, key=lambda corpus: corpus.name))
