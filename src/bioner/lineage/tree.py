"""A lineage as a tree for people to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from bioner.lineage.collect import Lineage
from bioner.lineage.pipeline import File, Stage

_SHOWN = 60  # characters of a param's value


def render(chain: Lineage) -> Tree:
    """The chain version -> run -> stages -> data -> sources -> code, with every hash."""
    version = chain.version
    aliases = f" ({', '.join(version.aliases)})" if version.aliases else ""
    tree = Tree(f"[bold]{escape(version.name)}/{version.version}[/]{aliases}")
    _branch(tree, "version", _version_lines(chain))
    _branch(tree, f"run {chain.run.name} {chain.run.id}", _run_lines(chain))
    _stages(tree.add("[bold]stages[/]"), chain)
    sources = tree.add("[bold]sources[/]")
    for corpus in chain.corpora:
        _branch(
            sources,
            f"{corpus.name} ({corpus.language})",
            [_file(corpus.file), f"licence: {corpus.licence}", f"source: {corpus.source}"],
        )
    code = chain.code
    lines = [f"changed: {path}" for path in code.changed] + [_file(file) for file in code.files]
    _branch(tree, f"code: git {code.commit} ({code.state})", lines)
    return tree


def _branch(tree: Tree, title: str, lines: Iterable[str]) -> None:
    branch = tree.add(f"[bold]{escape(title)}[/]")
    for line in lines:
        branch.add(escape(line))


def _version_lines(chain: Lineage) -> list[str]:
    version = chain.version
    rules = [f"{r['name']}: {'passed' if r['passed'] else 'FAILED'}: {r['figures']}" for r in version.rules]
    lines = [f"model {version.model}, content sha256 {version.content}", f"decision: {version.decision}", *rules]
    if version.scores:
        micro = version.scores["schemes"]["strict"]["micro"]
        low, high = micro["interval"] or (None, None)
        interval = f"{version.scores['confidence']:.0%} interval {low} to {high}"
        lines.append(f"strict F1 {micro['f1']} ({interval}) on {version.scores['documents']} documents")
    if chain.evaluation:
        lines += [f"judged on {_file(file)}" for file in chain.evaluation.reads]
    return lines


def _run_lines(chain: Lineage) -> list[str]:
    run = chain.run
    return [
        f"{run.status}, began {run.started}, on {run.host}, workspace {run.workspace}",
        *(f"read {_file(file)}" for file in run.inputs),
    ]


def _stages(tree: Tree, chain: Lineage) -> None:
    if not chain.stages:
        tree.add("no dvc.lock was kept with this version")
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
