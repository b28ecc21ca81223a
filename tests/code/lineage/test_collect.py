"""The lineage of a registered version, from a real store: complete, and as it was when it was registered."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from projects import Project
from rich.console import Console

from bioner.errors import ModelError
from bioner.files import hash_tree
from bioner.lineage.references import find
from bioner.lineage.tree import render
from bioner.stages.context import Context
from bioner.tracking.promotion import promote
from bioner.tracking.runs import stage_run
from bioner.tracking.store import connect

pytestmark = pytest.mark.slow

MODEL = Path("models/finetune/mini")


def write_lock(project: Project, marker: str) -> None:
    """A `dvc.lock` whose every hash ends in the marker."""

    def files(*paths: str) -> list[dict[str, str]]:
        return [{"path": path, "hash": "md5", "md5": f"{path}-{marker}"} for path in paths]

    stages = {
        "ingest@sample-en": {
            "cmd": "python -m bioner.stages ingest sample-en",
            "deps": files("data/sample/en", "src/bioner/corpora"),
            "outs": files("data/train/sample-en.jsonl", "data/test/sample-en.jsonl"),
        },
        "finetune@mini": {
            "cmd": "python -m bioner.stages finetune mini",
            "deps": files("data/train", "src/bioner/gliner"),
            "params": {"params.yaml": {"seed": 13}},
            "outs": files("models/finetune/mini"),
        },
        "evaluate@gliner-mini": {
            "cmd": "python -m bioner.stages evaluate gliner-mini",
            "deps": files("models/finetune/mini", "data/test"),
            "outs": files("predictions/gliner-mini"),
        },
    }
    (project.root / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": stages}), encoding="utf-8")


def register(project: Project) -> None:
    params = project.params
    promote(connect(project.root), project.root, params, params.registry.gliner)


@pytest.fixture
def registered(project: Project) -> Project:
    """A project with a version that was trained under a run, and registered."""
    write_lock(project, "then")
    with stage_run(Context("finetune", "mini", project.params), [Path("data/test")]) as run:
        run.model(MODEL)
    register(project)
    return project


def test_chain_goes_from_the_alias_to_sources_and_code(registered: Project) -> None:
    chain = find("bioner-gliner@champion")
    assert (chain.version.version, chain.version.aliases, chain.version.model) == ("1", ("champion",), "gliner-mini")
    assert chain.version.content == hash_tree(registered.root / MODEL)
    assert chain.version.decision == "promoted: the first champion"
    assert (chain.run.name, chain.run.status) == ("finetune-mini", "FINISHED")
    assert {file.path for file in chain.run.inputs} >= {"data/test/sample-en.jsonl"}
    assert [stage.name for stage in chain.stages] == ["finetune@mini", "ingest@sample-en"]
    assert chain.evaluation is not None
    assert [file.path for file in chain.evaluation.reads] == ["models/finetune/mini", "data/test"]
    (corpus,) = chain.corpora
    assert (corpus.name, corpus.file.hash, corpus.licence) == ("sample-en", "data/sample/en-then", "Apache-2.0")
    assert [file.hash for file in chain.code.files] == ["src/bioner/corpora-then", "src/bioner/gliner-then"]
    assert chain.code.commit == "none"


def test_lineage_is_that_of_the_registration_when_the_pipeline_moved_on(
    registered: Project, challenge: Callable[..., None]
) -> None:
    write_lock(registered, "now")
    challenge("another model", en=40, zh=20)
    register(registered)
    before, after = find("bioner-gliner/1"), find("models:/bioner-gliner@champion")
    assert {file.hash.rpartition("-")[2] for stage in before.stages for file in stage.writes} == {"then"}
    assert {file.hash.rpartition("-")[2] for stage in after.stages for file in stage.writes} == {"now"}
    assert after.run.name == "register-gliner-mini"  # it came without a run of its own


def test_record_is_json_and_tree_shows_every_hash_whole(registered: Project) -> None:
    chain = find("mlflow:models:/bioner-gliner/1", registered.root / "data")
    record = json.loads(json.dumps(chain.to_record()))
    assert record["corpora"][0]["source"] == "written for this repository"
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(render(chain))
    text = console.export_text()
    hashes = [file.hash for stage in chain.stages for file in (*stage.code, *stage.reads, *stage.writes)]
    for needed in (*hashes, chain.version.content, chain.run.id, "Apache-2.0", "promoted: the first champion"):
        assert needed in text


def test_unknown_versions_are_one_clear_error(registered: Project) -> None:
    for reference in ("bioner-gliner@nobody", "bioner-gliner/9", "else@champion", "bioner-gliner"):
        with pytest.raises(ModelError):
            find(reference, registered.root)
