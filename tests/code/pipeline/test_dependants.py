"""Changing one parameter makes exactly its dependants run: the repository's own pipeline, with trivial commands."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bioner.pipeline.graph import read_graph
from bioner.pipeline.workspace import Workspace

pytestmark = pytest.mark.slow

INGEST = ["ingest@sample-en", "ingest@sample-zh", "ingest@sample-text-en", "ingest@sample-text-zh"]
EVALUATE = ["evaluate@gliner-mini", "evaluate@tagger-selector"]
GLINER = ["pretrain@mini", "finetune@mini", "evaluate@gliner-mini", "report"]
DISTILL = ["distill", "validate", *GLINER]
SELECTOR = ["selector", "teacher", "evaluate@tagger-selector", *DISTILL]
TAGGER = ["tagger", *SELECTOR]
ALL = [*INGEST, "curate", *TAGGER]
TRAINED = ["tagger", "selector", "pretrain@mini", "finetune@mini"]

# parameter, another value for it, the stages that read it, and all that may have to run
CASES: list[tuple[str, Any, list[str], list[str]]] = [
    ("seed", 14, [*INGEST, "curate", *TRAINED, "distill", "validate", *EVALUATE], ALL),
    ("threads", 1, [*TRAINED, "distill", *EVALUATE], TAGGER),
    ("corpora.sample-zh.dev_fraction", 0.2, ["ingest@sample-zh", "report"], ["ingest@sample-zh", "curate", *TAGGER]),
    (  # every corpus has a file, possibly empty, in every split
        "corpora.sample-text-en.licence",
        "CC0",
        ["ingest@sample-text-en", "report"],
        ["ingest@sample-text-en", "curate", *TAGGER],
    ),
    (
        "types.disease.en.definition",
        "an illness",
        [*INGEST, *TRAINED, "teacher", "validate", *EVALUATE, "report"],
        ALL,
    ),
    ("curate.limit", 50, ["curate"], ["curate", *DISTILL]),
    ("curate.near_duplicate", 0.9, ["curate", "validate"], ["curate", *DISTILL]),
    ("tagger.steps", 3, ["tagger", "selector"], TAGGER),  # which of train the tagger did not learn from
    ("selector.steps", 3, ["selector"], SELECTOR),
    ("teacher.min_score", 0.9, ["teacher", "distill"], ["teacher", *DISTILL]),
    ("distill.batch_size", 2, ["distill"], DISTILL),
    ("review.file", {"path": "reviews/one.json", "sha256": "0" * 64}, ["validate"], ["validate", *GLINER]),
    ("validate.min_rows", 2, ["validate"], ["validate", *GLINER]),
    ("gliner.variants.mini.dropout", 0.3, ["pretrain@mini", "finetune@mini"], GLINER),
    ("pretrain.steps", 3, ["pretrain@mini"], GLINER),
    ("finetune.steps", 3, ["finetune@mini"], GLINER[1:]),
    ("evaluate.resamples", 10, EVALUATE, [*EVALUATE, "report"]),
    ("report.worst", 5, ["report"], ["report"]),
    ("promotion.min_gain", 0.1, [], []),
    ("registry.gliner.name", "other-name", ["report"], ["report"]),
]

_MAKE = """
for out in "$@"; do
  case "$out" in
    *.*) mkdir -p "$(dirname "$out")" && cp params.yaml "$out" ;;
    *) mkdir -p "$out" && cp params.yaml "$out" ;;
  esac
done
echo "$DVC_STAGE" >> ran
"""


@pytest.fixture(scope="module")
def pipeline(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's pipeline, every stage of it done, with commands that only write what the stage declares."""
    from dvc.repo import Repo

    root = tmp_path_factory.mktemp("dependants") / "project"
    skipped = shutil.ignore_patterns("__pycache__")
    for folder in ("src/bioner", "data/sample"):
        shutil.copytree(repository / folder, root / folder, ignore=skipped)
    for file in ("params.yaml", ".dvcignore"):
        shutil.copy(repository / file, root)
    stages = yaml.safe_load((repository / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    for stage in stages.values():
        body = stage.get("do", stage)
        declared = [name for kind in ("outs", "metrics", "plots") for out in body.get(kind, []) for name in _names(out)]
        body["cmd"] = " ".join(["sh make.sh", *declared])
    (root / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}), encoding="utf-8")
    (root / "make.sh").write_text(_MAKE, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet", root], check=True)
    Repo.init(str(root)).close()
    assert sorted(run(root)) == sorted(ALL)
    return root


def _names(out: str | dict[str, Any]) -> list[str]:
    return [out] if isinstance(out, str) else list(out)


def run(root: Path) -> list[str]:
    """Let DVC bring everything up to date; which stages ran."""
    from dvc.cli import main

    (root / "ran").write_text("", encoding="utf-8")
    assert main(["--cd", str(root), "repro", "--quiet"]) == 0
    return (root / "ran").read_text(encoding="utf-8").split()


def change(root: Path, path: str, value: Any) -> None:
    """Set one parameter."""
    params = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    *sections, key = path.split(".")
    section = params
    for name in sections:
        section = section[name]
    assert section.get(key) != value
    section[key] = value
    (root / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")


@pytest.fixture
def untouched(pipeline: Path) -> Iterator[Path]:
    """The pipeline with nothing to do; a test may change the params."""
    params = (pipeline / "params.yaml").read_bytes()
    yield pipeline
    (pipeline / "params.yaml").write_bytes(params)


def test_nothing_changed_and_nothing_is_stale(untouched: Path) -> None:
    graph = read_graph(Workspace(untouched))
    assert sorted(graph.parents) == sorted(ALL)
    assert graph.affected() == []


@pytest.mark.parametrize(("path", "value", "readers", "dependants"), CASES, ids=[case[0] for case in CASES])
def test_one_parameter_concerns_exactly_its_dependants(
    untouched: Path, path: str, value: Any, readers: list[str], dependants: list[str]
) -> None:
    change(untouched, path, value)
    graph = read_graph(Workspace(untouched))
    assert sorted(graph.stale) == sorted(readers)
    assert sorted(graph.affected()) == sorted(dependants)


@pytest.mark.parametrize("path", ["finetune.steps", "report.worst", "promotion.min_gain"])
def test_exactly_the_dependants_run(pipeline: Path, path: str) -> None:
    value, dependants = next((case[1], case[3]) for case in CASES if case[0] == path)
    change(pipeline, path, value)
    assert sorted(run(pipeline)) == sorted(dependants)
    assert read_graph(Workspace(pipeline)).affected() == []
