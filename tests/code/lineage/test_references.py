"""The lineage of versions, aliases, runs, files, corpora and documents; and what was made from data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from projects import Project, gold
from typer.testing import CliRunner

from bioner.documents import Document, write_documents
from bioner.errors import DataError, ModelError
from bioner.files import write_json
from bioner.lineage.downstream import find_uses
from bioner.lineage.indexing import remember
from bioner.lineage.references import find
from bioner.stages.context import Context
from bioner.tracking.promotion import promote
from bioner.tracking.provenance import dvc_hash
from bioner.tracking.runs import stage_run
from bioner.tracking.store import connect

pytestmark = pytest.mark.slow

MODEL = "models/finetune/mini"
NAME = "bioner-gliner"


def files(root: Path, *paths: str) -> list[dict[str, str]]:
    return [{"path": path, "hash": "md5", "md5": dvc_hash(root / path)} for path in paths]


def write_lock(root: Path) -> None:
    """The `dvc.lock` of what the folder holds by now."""
    gliner = files(root, "data/train", "data/synthetic.jsonl")
    stages = {
        "ingest@sample-en": {
            "cmd": "ingest",
            "deps": files(root, "params.yaml"),
            "outs": files(root, "data/train/sample-en.jsonl", "data/test/sample-en.jsonl", "data/test/sample-zh.jsonl"),
        },
        "teacher": {"cmd": "teacher", "outs": files(root, "models/teacher.json")},
        "validate": {
            "cmd": "validate",
            "deps": files(root, "models/teacher.json"),
            "outs": files(root, "data/synthetic.jsonl", "data/quarantine.jsonl", "metrics/validate.json"),
        },
        "finetune@mini": {
            "cmd": "finetune",
            "deps": gliner,
            "params": {"params.yaml": {"seed": 13}},
            "outs": files(root, MODEL),
        },
        "evaluate@gliner-mini": {
            "cmd": "evaluate",
            "deps": files(root, MODEL, "data/test"),
            "outs": files(root, "predictions/gliner-mini"),
        },
    }
    (root / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": stages}), encoding="utf-8")


def write_data(root: Path, first: str) -> None:
    """Training documents from `first` on, and a sentence cut from one of the unlabelled documents."""
    write_documents(
        root / "data/train/sample-en.jsonl", [Document(first, "a text", "en", source="sample-en"), *gold("en")]
    )
    sentence = Document("abstract-7#1", "one sentence", "en", source="sample-text-en", meta={"document": "abstract-7"})
    held = Document("held", "kept away", "en", source="sample-en", meta={"held_out": True})
    write_documents(root / "data/synthetic.jsonl", [sentence, held])
    write_documents(root / "data/quarantine.jsonl", [Document("bad row", "odd", "en", source="sample-text-en")])
    teacher = {"format": 1, "backend": "tagger", "prompt": "the prompt's hash", "sampling": {"min_score": 0.5}}
    write_json(root / "models/teacher.json", teacher)
    figures = {"documents": 2, "accepted": 1, "quarantined": 1, "reasons": {"score": 1}, "passed": True, "failures": []}
    write_json(root / "metrics/validate.json", figures)


def register(project: Project) -> None:
    params = project.params
    promote(connect(project.root), project.root, params, params.registry.gliner)


@pytest.fixture
def two(project: Project, challenge: Callable[..., None]) -> Project:
    """Version 1 learnt from the document `first`, version 2, the champion, from `second` instead."""
    write_data(project.root, "first")
    write_lock(project.root)
    register(project)
    remember(project.root)
    write_data(project.root, "second")
    challenge("better", en=40, zh=20)
    write_lock(project.root)
    with stage_run(Context("finetune", "mini", project.params), [Path("data/synthetic.jsonl")]) as run:
        run.model(Path(MODEL))
    register(project)
    return project


def roles(subject: str) -> dict[str, set[str]]:
    """Version -> the roles in which it used a document or corpus."""
    return {use.version: set(use.roles) for use in find_uses(subject).uses}


def test_every_kind_of_reference_is_followed(two: Project) -> None:
    champion = find("champion")
    assert champion == find(f"{NAME}@champion") == find(f"models:/{NAME}/2")
    assert champion.run is not None
    assert find(champion.run.id) == champion
    assert champion.teacher["prompt"] == "the prompt's hash"
    assert champion.validation["reasons"] == {"score": 1}
    assert champion.environment[0].startswith("python==")
    assert any(line.startswith("torch==") for line in champion.environment)

    file = find(str(two.root / "data/train/sample-en.jsonl"))
    assert (file.version, [stage.name for stage in file.stages]) == (None, ["ingest@sample-en"])
    assert [(use.version, use.aliases) for use in file.uses] == [("2", ("champion",))]
    assert find(f"{MODEL}/bioner.json").stages[0].name == "finetune@mini"

    document = find("second")
    assert (document.subject, document.stages[0].name) == ("document second", "ingest@sample-en")
    assert [corpus.licence for corpus in document.corpora] == ["Apache-2.0"]
    assert [use.version for use in document.uses] == ["2"]

    for reference in ("nobody", "data/nothing.jsonl", "PMID/17", "0" * 32, f"{NAME}@nobody", NAME):
        with pytest.raises(ModelError):
            find(reference, two.root)
    a_run_that_made_no_version(two)


def a_run_that_made_no_version(two: Project) -> None:
    """Has its stages as long as the lock has what it read."""
    with stage_run(Context("evaluate", "gliner-mini", two.params), [Path("data/test")]) as run:
        pass
    chain = find(run.id)
    assert chain.run is not None
    assert (chain.version, chain.run.status) == (None, "FINISHED")
    assert chain.stages[0].name == "evaluate@gliner-mini"
    write_documents(two.root / "data/test/sample-en.jsonl", gold("en")[:3])
    write_lock(two.root)
    assert find(run.id).stages == ()  # the lock speaks of other documents by now


def test_documents_and_corpora_know_their_versions(two: Project) -> None:
    assert roles("first") == {"1": {"trained on"}}
    assert roles("second") == {"2": {"trained on"}}
    assert roles("en5") == {"1": {"trained on", "judged on"}, "2": {"trained on", "judged on"}}
    assert roles("zh5") == {"1": {"judged on"}, "2": {"judged on"}}
    assert roles("abstract-7") == roles("abstract-7#1") == {"1": {"trained on"}, "2": {"trained on"}}
    assert roles("bad row") == {"1": {"quarantined"}, "2": {"quarantined"}}
    corpus = find_uses("sample-text-en")
    assert corpus.kind == "corpus"
    assert [dict(use.roles) for use in corpus.uses] == [{"trained on": 1, "quarantined": 1}] * 2
    assert find_uses("first").stages == {}
    with pytest.raises(DataError, match="held"):
        find_uses("held")  # held out: no model learns from it

    found = find_uses("second")
    assert found.stages == {"main": ("ingest@sample-en", "finetune@mini", "evaluate@gliner-mini")}
    assert [use["need"] for use in found.to_record()["uses"]] == ["train again"]
    assert [use["need"] for use in find_uses("zh5").to_record()["uses"]] == ["evaluate again"] * 2
    assert [use["need"] for use in find_uses("bad row").to_record()["uses"]] == ["nothing"] * 2
    the_commands()

    before = roles("second"), roles("zh5")
    (two.root / ".bioner/lineage.sqlite").unlink()
    assert (roles("second"), roles("zh5")) == before
    unread = find_uses("second").unread
    assert len(unread) == 1  # the training data of version 1 is nowhere any more
    assert unread[0].startswith("data/train/sample-en.jsonl (")


def the_commands() -> None:
    """Print trees, tables and JSON."""
    from bioner.cli.app import build

    def output(*arguments: str) -> str:
        done = CliRunner().invoke(build(), ["lineage", *arguments], env={"COLUMNS": "200"})
        assert done.exit_code == 0, done.exception
        return done.stdout

    assert "the prompt's hash" in output("champion")
    assert json.loads(output("champion", "--json"))["version"]["version"] == "2"
    assert "train again" in output("--uses", "second")
    assert "To run again in main" in output("--without", "second")
    assert json.loads(output("--without", "second", "--json"))["stages"]["main"][0] == "ingest@sample-en"
    refused = CliRunner().invoke(build(), ["lineage", "champion", "--uses", "second"])
    assert "one thing at a time" in str(refused.exception)
