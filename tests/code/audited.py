"""A small workspace in which a real pipeline ran, whose model was registered, promoted, committed and pushed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

import pytest
import yaml
from projects import Project, gold

from bioner.documents import write_documents
from bioner.pipeline.remote import push
from bioner.pipeline.workspace import Workspace
from bioner.stages.context import Context
from bioner.tracking.promotion import promote
from bioner.tracking.runs import stage_run
from bioner.tracking.store import connect

ROOT = Path(__file__).parents[2]
MODEL = "bioner-gliner"
REFERENCE = f"{MODEL}@champion"

# The stages of the pipeline that a GLiNER comes from; instead of working, each brings what lies in `made`.
_PIPELINE = """
stages:
  ingest:
    foreach: [sample-en, sample-zh]
    do:
      cmd: >-
        mkdir -p data/train data/test && cp made/data/train/${item}.jsonl data/train &&
        cp made/data/test/${item}.jsonl data/test
      deps: ["data/sample/${item}", src/bioner/corpora, src/bioner/words.py]
      params: [seed, "corpora.${item}"]
      outs: ["data/train/${item}.jsonl", "data/test/${item}.jsonl"]
  teacher:
    cmd: mkdir -p models && cp made/models/teacher.json models
    deps: [src/bioner/teacher]
    params: [teacher]
    outs: [models/teacher.json]
  validate:
    cmd: >-
      cp made/data/synthetic.jsonl made/data/quarantine.jsonl data && mkdir -p metrics &&
      cp made/metrics/validate.json metrics
    deps: [models/teacher.json, data/train, src/bioner/validation]
    params: [validate]
    outs: [data/synthetic.jsonl, data/quarantine.jsonl]
    metrics: [{metrics/validate.json: {cache: false}}]
  finetune:
    foreach: [mini]
    do:
      cmd: mkdir -p models/finetune && cp -r made/models/finetune/mini models/finetune
      deps: [data/synthetic.jsonl, data/train, src/bioner/gliner]
      params: [seed, finetune]
      outs: [models/finetune/mini]
  evaluate:
    foreach: [gliner-mini]
    do:
      cmd: >-
        mkdir -p predictions metrics/evaluate && cp -r made/predictions/gliner-mini predictions &&
        cp made/metrics/evaluate/gliner-mini.json metrics/evaluate
      deps: [models/finetune/mini, data/test, src/bioner/evaluation]
      params: [seed, evaluate]
      outs: [predictions/gliner-mini]
      metrics: [{metrics/evaluate/gliner-mini.json: {cache: false}}]
"""


@contextmanager
def built(place: Path, store: Path) -> Iterator[Path]:
    """The workspace, made in a folder; it is the current one within the block, and DVC keeps its state beside it."""
    root = place / "project"
    root.mkdir()
    with pytest.MonkeyPatch.context() as patch, chdir(root):
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setenv("DVC_SITE_CACHE_DIR", str(place / "dvc-state"))
        build(root, store)
        yield root


def build(root: Path, store: Path | None, add: Callable[[], None] = lambda: None) -> Project:
    """Make the workspace in an empty folder; the current folder has to be that one.

    Args:
        store: an empty tracking store; `None` where `MLFLOW_TRACKING_URI` names a server.
        add: adds files before the first commit.
    """
    _files(root, store)
    add()
    commands = ["-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message"]
    for arguments in (["init", "--quiet"], ["add", "--all"], [*commands, "the code"]):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    subprocess.run([sys.executable, "-m", "dvc", "repro", "--quiet"], cwd=root, check=True)
    project = Project(root)
    with stage_run(Context("finetune", "mini", project.params), [Path("data/synthetic.jsonl")]) as run:
        run.model(Path("models/finetune/mini"))
    _evaluated(project)
    promote(connect(root), root, project.params, project.params.registry.gliner)
    push(Workspace(root))
    for arguments in (["add", "dvc.lock", "metrics"], [*commands, "the results"]):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    return project


def _files(root: Path, store: Path | None) -> None:
    """The repository before anything ran."""
    from dvc.repo import Repo

    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["evaluate"]["resamples"] = 100
    for corpus in ("sample-text-en", "sample-text-zh"):
        del params["corpora"][corpus]
    (root / "params.yaml").write_text(yaml.safe_dump(params, allow_unicode=True, sort_keys=False), encoding="utf-8")
    shutil.copytree(ROOT / "src/bioner", root / "src/bioner", ignore=shutil.ignore_patterns("__pycache__"))
    for name in (".dvcignore", ".gitignore"):
        shutil.copy(ROOT / name, root)
    (root / "dvc.yaml").write_text(_PIPELINE, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet", root], check=True)
    Repo.init(str(root)).close()
    shutil.copy(ROOT / ".dvc" / "config", root / ".dvc")
    (root / ".bioner").mkdir()
    if store:
        shutil.copy(store, root / ".bioner/mlflow.db")
    for corpus in ("sample-en", "sample-zh"):
        (root / "data/sample" / corpus).mkdir(parents=True)
        (root / "data/sample" / corpus / "text.txt").write_text(f"the corpus {corpus}\n", encoding="utf-8")
    _made(root)


def _made(root: Path) -> None:
    """What the stages bring: the model finds three quarters of the mentions of the test documents."""
    made = Project(root / "made")
    made.root.mkdir()
    shutil.copy(root / "params.yaml", made.root)
    made.write_tests()
    (made.root / "data/test/sample-text-en.jsonl").unlink()
    made.write_model("gliner-mini", "weights", right={"en": 30, "zh": 15})
    (made.root / "predictions/gliner-mini/sample-text-en.jsonl").unlink()
    documents = gold("en", "to learn from")
    write_documents(made.root / "data/train/sample-en.jsonl", documents)
    write_documents(made.root / "data/train/sample-zh.jsonl", gold("zh", "to learn from"))
    write_documents(made.root / "data/synthetic.jsonl", documents[:20])
    write_documents(made.root / "data/quarantine.jsonl", documents[20:23])
    teacher = {
        "format": 1,
        "backend": "tagger",
        "model": "path:models/x",
        "prompt": "a hash",
        "sampling": {"min_score": 0.5},
    }
    _write(made.root / "models/teacher.json", teacher)
    reasons = {"score": 3, "labels": 0}
    _write(
        made.root / "metrics/validate.json",
        {"documents": 23, "accepted": 20, "quarantined": 3, "reasons": reasons, "passed": True, "failures": []},
    )
    _write(made.root / "metrics/evaluate/gliner-mini.json", _evaluation(made))


def _evaluation(made: Project) -> dict[str, object]:
    """The figures as the stage `evaluate` writes them."""
    from bioner.evaluation.pairing import read_pool
    from bioner.evaluation.score import score_documents

    sides = (read_pool(made.root / folder) for folder in ("data/test", "predictions/gliner-mini"))
    settings = made.params.evaluate
    scores = score_documents(
        *sides, resamples=settings.resamples, confidence=settings.confidence, seed=made.params.seed
    )
    return {"summary": {}, "scores": scores.to_record(), "corpora": {}}


def _evaluated(project: Project) -> None:
    """The run of the stage `evaluate`."""
    from bioner.tracking.evidence import hash_test_set
    from bioner.tracking.registry import TEST

    figures = json.loads((project.root / "metrics/evaluate/gliner-mini.json").read_text(encoding="utf-8"))
    inputs = [Path("models/finetune/mini"), Path("data/test")]
    with stage_run(Context("evaluate", "gliner-mini", project.params), inputs) as run:
        run.metrics({"strict_f1": figures["scores"]["schemes"]["strict"]["micro"]["f1"]})
        run.tag(TEST, hash_test_set(project.root / "data/test", project.params))


def _write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
