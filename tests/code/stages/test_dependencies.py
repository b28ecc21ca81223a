"""`dvc.yaml` tells the truth: it names the code that each stage runs, and its outputs lie where layout says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bioner.stages import layout
from bioner.stages.__main__ import STAGES

# Plumbing, which decides how a result is stored and shown but not what it is. `predictors` loads either family.
PLUMBING = {
    *(
        "config",
        "documents",
        "entity_types",
        "errors",
        "events",
        "files",
        "importing",
        "local_cluster",
        "predictors",
        "processes",
        "progress",
        "project",
    ),
    *("pages", "references", "registered", "seeds", "telemetry", "tracking", "stages/context", "stages/layout"),
}
TAGGER, GLINER = "tagger/predictor.py", "gliner/predictor.py"
EITHER = [TAGGER, GLINER]
LOADED = {"teacher": [TAGGER], "distill": [TAGGER], "evaluate": EITHER, "suite": EITHER}  # by way of `predictors`


@pytest.fixture(scope="module")
def pipeline(repository: Path) -> dict[str, dict[str, Any]]:
    """Stage -> its body in dvc.yaml."""
    stages = yaml.safe_load((repository / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    return {name: stage.get("do", stage) for name, stage in stages.items()}


def _imported(file: Path, source: Path) -> Iterator[Path]:
    """The modules of this package that a file imports, wherever in it, unless for annotations only."""
    nodes: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "bioner":
            for alias in node.names:
                for name in (f"{node.module}.{alias.name}", node.module):
                    module = source.joinpath(*name.split(".")[1:]).with_suffix(".py")
                    if module.is_file():
                        yield module
                        break
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            nodes += ast.iter_child_nodes(node)


def _code(stage: str, source: Path) -> set[str]:
    """The modules whose code a stage runs, plumbing left out."""
    found: set[str] = set()
    todo = [source / "stages" / f"{stage}.py", *(source / name for name in LOADED.get(stage, []))]
    while todo:
        file = todo.pop()
        name = file.relative_to(source).as_posix()
        if name not in found and not {name.removesuffix(".py"), name.split("/")[0]} & PLUMBING:
            found.add(name)
            todo += _imported(file, source)
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_the_code_of_a_stage_is_among_its_dependencies(
    stage: str, pipeline: dict[str, dict[str, Any]], repository: Path
) -> None:
    declared = {dep.removeprefix("${code}/") for dep in pipeline[stage]["deps"] if dep.startswith("${code}/")}
    declared |= {"gliner", "tagger"} if "${item.family}" in declared else set()
    missing = {
        name for name in _code(stage, repository / "src" / "bioner") if not {name, name.split("/")[0]} & declared
    }
    assert not missing


def _read(file: Path) -> set[str]:
    """The top-level params that a stage module reads."""
    attributes = (
        node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)
    )
    names = {node.attr for node in attributes if ast.unparse(node.value).split(".")[-1] == "params"}
    return {{"entity_types": "types", "validate_": "validate"}.get(name, name) for name in names}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_reads_the_params_that_it_declares_and_no_others(
    stage: str, pipeline: dict[str, dict[str, Any]], repository: Path
) -> None:
    source = repository / "src" / "bioner"
    modules = [source / name for name in _code(stage, source) if name.startswith("stages/")]
    read = set[str]().union(*map(_read, modules)) - {"data_root"}  # which is part of the paths of the inputs
    assert read == {name.split(".")[0] for name in pipeline[stage]["params"]}


def _declared(body: dict[str, Any], kind: str) -> set[str]:
    return {name for item in body.get(kind, []) for name in ([item] if isinstance(item, str) else item)}


@pytest.mark.parametrize(
    ("stage", "outputs"),
    [
        ("ingest", [layout.split(name, "${key}") for name in ("train", "dev", "test", "unlabelled")]),
        ("curate", [layout.CURATED]),
        ("tagger", [layout.TAGGER]),
        ("selector", [layout.SELECTOR]),
        ("teacher", [layout.TEACHER]),
        ("distill", [layout.DISTILLED, layout.UNGROUNDED]),
        ("validate", [layout.SYNTHETIC, layout.QUARANTINE, layout.DATA_DOCS]),
        ("pretrain", [layout.pretrained("${key}")]),
        ("finetune", [layout.finetuned("${key}")]),
        ("evaluate", [layout.predictions("${key}")]),
        ("suite", [layout.suite_predictions("${key}")]),
        ("report", [layout.REPORT, layout.PLOTS]),
    ],
)
def test_outputs_metrics_and_curves_lie_where_layout_says(
    stage: str, outputs: list[Path], pipeline: dict[str, dict[str, Any]]
) -> None:
    body = pipeline[stage]
    item = "${key}" if "${key}" in body["cmd"] else None
    assert _declared(body, "outs") == {path.as_posix() for path in outputs}
    more = {layout.metrics("review").as_posix()} if stage == "validate" else set()  # what people said is judged there
    assert _declared(body, "metrics") <= {layout.metrics(stage, item).as_posix()} | more
    assert _declared(body, "plots") <= {layout.curve(stage, item).as_posix()}
    assert body["cmd"] == f"python -m bioner.stages {stage}" + (f" {item}" if item else "")


def test_metrics_are_for_git_and_curves_are_for_plots(pipeline: dict[str, dict[str, Any]]) -> None:
    for body in pipeline.values():
        for kind in ("metrics", "plots"):
            for item in body.get(kind, []):
                (options,) = item.values()
                assert options["cache"] is False
    trained = {name for name, body in pipeline.items() if "plots" in body}
    assert trained == {"tagger", "selector", "pretrain", "finetune"}
