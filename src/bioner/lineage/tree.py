"""A lineage as a tree for people to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from bioner.lineage.index import need
from bioner.lineage.pipeline import File, Stage
from bioner.lineage.records import Lineage, RunInfo, Use, VersionInfo

_SHOWN = 60  # characters of a param's value


def render(chain: Lineage) -> Tree:
    """The chain version -> run -> stages -> data -> teacher -> sources -> code, with every hash."""
    version = chain.version
    aliases = f" ({', '.join(version.aliases)})" if version and version.aliases else ""
    tree = Tree(f"[bold]{escape(chain.subject)}[/]{aliases}")
    if version:
        _branch(tree, "version", _version_lines(chain, version))
    if chain.run:
        _branch(tree, f"run {chain.run.name} {chain.run.id}", _run_lines(chain.run))
    if chain.uses:
        _branch(tree, "registered versions that used it", map(use_in_words, chain.uses))
    _stages(tree.add("[bold]stages[/]"), chain)
    for title, lines in (
        ("teacher", list(teacher_lines(chain.teacher))),
        ("validation", list(validation_lines(chain.validation))),
        ("environment", [" ".join(chain.environment)] if chain.environment else []),
    ):
        if lines:
            _branch(tree, title, lines)
    sources = tree.add("[bold]sources[/]")
    for corpus in chain.corpora:
        about = (f"{key}: {getattr(corpus, key)}" for key in ("licence", "citation", "source"))
        _branch(sources, f"{corpus.name} ({corpus.language})", [_file(corpus.file), *about])
    code = chain.code
    lines = [f"changed: {path}" for path in code.changed] + [_file(file) for file in code.files]
    _branch(tree, f"code: git {code.commit} ({code.state})", lines)
    return tree


def use_in_words(use: Use) -> str:
    """A use as one line."""
    aliases = f" ({', '.join(use.aliases)})" if use.aliases else ""
    roles = ", ".join(f"{role} ({count})" for role, count in sorted(use.roles.items()))
    return f"{use.name}/{use.version}{aliases}: {roles}; without it: {need(use.roles)}"


def teacher_lines(teacher: Mapping[str, Any]) -> Iterator[str]:
    """The manifest of a teacher, its types by their keys."""
    for key, value in teacher.items():
        if key == "types":
            yield f"types: {', '.join(item['key'] for item in value)}"
        elif key != "format":
            yield f"{key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"


def validation_lines(validation: Mapping[str, Any]) -> Iterator[str]:
    """What came of the gate, with the reasons for which rows were quarantined."""
    if not validation:
        return
    yield "passed" if validation.get("passed") else f"FAILED: {'; '.join(validation.get('failures', ()))}"
    yield ", ".join(f"{validation[key]} {key}" for key in ("documents", "accepted", "quarantined") if key in validation)
    for reason, count in validation.get("reasons", {}).items():
        if count:
            yield f"quarantined for {reason}: {count}"


def _branch(tree: Tree, title: str, lines: Iterable[str]) -> None:
    branch = tree.add(f"[bold]{escape(title)}[/]")
    for line in lines:
        branch.add(escape(line))


def _version_lines(chain: Lineage, version: VersionInfo) -> list[str]:
    rules = [f"{r['name']}: {'passed' if r['passed'] else 'FAILED'}: {r['figures']}" for r in version.rules]
    lines = [f"model {version.model}, content sha256 {version.content}", f"registered {version.created}"]
    lines += [f"decision: {version.decision}", *rules]
    if version.scores:
        micro = version.scores["schemes"]["strict"]["micro"]
        low, high = micro["interval"] or (None, None)
        interval = f"{version.scores['confidence']:.0%} interval {low} to {high}"
        lines.append(f"strict F1 {micro['f1']} ({interval}) on {version.scores['documents']} documents")
    if chain.evaluation:
        lines += [f"judged on {_file(file)}" for file in chain.evaluation.reads]
    return lines


def _run_lines(run: RunInfo) -> list[str]:
    return [
        f"{run.status}, began {run.started}, on {run.host}, workspace {run.workspace}",
        *(f"read {_file(file)}" for file in run.inputs),
    ]


def _stages(tree: Tree, chain: Lineage) -> None:
    if not chain.stages:
        tree.add("no dvc.lock tells of them")
        return
    stages = {stage.name: stage for stage in chain.stages}
    _stage(tree, chain.stages[0], stages, set())


def _stage(tree: Tree, stage: Stage, stages: Mapping[str, Stage], shown: set[str]) -> None:
    """A stage with what it read and, below it, the stages it read from; a stage that was shown is only named."""
    if stage.name in shown:
        tree.add(f"[cyan]{escape(stage.name)}[/] (see above)")
        return
    shown.add(stage.name)
    branch = tree.add(f"[cyan]{escape(stage.name)}[/]: {escape(stage.command)}")
    for key, value in stage.params.items():
        branch.add(escape(f"{key} = {_short(value)}"), style="dim")
    for file in stage.reads:
        branch.add(escape(f"read {_file(file)}"))
    for file in stage.writes:
        branch.add(escape(f"wrote {_file(file)}"))
    for parent in stage.parents:
        _stage(branch, stages[parent], stages, shown)


def _file(file: File) -> str:
    return f"{file.path}  md5 {file.hash}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
