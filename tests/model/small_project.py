"""A small project with the real flows: two short stages, of which one can be held, an `origin` and a DVC remote."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import yaml
from scratch import ROOT

# What the second stage runs: the project's own code records an MLflow run and is watched as a stage is; the model is
# made up. Held, it is under way: its run is open, its files are half written.
_TRAINING = """
import sys, time
from pathlib import Path
from projects import Project
from bioner.files import write_json
from bioner.stages.context import Context
from bioner.stages.guard import die_with_owner
from bioner.tracking.runs import stage_run

die_with_owner()
place, project, text = Path(sys.argv[1]), Project(Path.cwd()), Path("data/train.txt").read_text()
with stage_run(Context("finetune", "mini", project.params), [Path("data/train.txt")]) as run:
    project.write_tests()
    project.write_model("gliner-mini", text, right={"en": 20 + len(text) % 20, "zh": 15})
    run.metric("loss", 1.0, 1)
    if (place / "stage.hold").exists():
        (place / "stage.reached").touch()
    while (place / "stage.hold").exists():
        time.sleep(0.2)
    project.write_model("tagger-selector", "always the same", right={"en": 30, "zh": 15})
    gate = {"documents": 9, "accepted": 9, "quarantined": 0, "passed": True, "failures": []}
    write_json(Path("metrics/validate.json"), gate)
    run.metric("loss", 0.5, 2)
    run.model(Path(project.params.models["gliner-mini"].path))
"""
_AFTER_PUSH = """#!/bin/sh
if [ -e {place}/pushed.hold ]; then touch {place}/pushed.reached; fi
while [ -e {place}/pushed.hold ]; do sleep 0.2; done
"""


def make_project(root: Path, place: Path, bucket: str) -> None:
    """The flows and deployments of this repository in an empty folder `root`, two short stages, a DVC remote on S3.

    Args:
        place: where the signs lie by which its runs are held, and `origin.git`.
        bucket: that of the remote.
    """
    from dvc.repo import Repo

    train = (
        f"echo report >> {place}/tries; python train.py {place} && mkdir -p reports && echo done > reports/report.html"
    )
    ingest = f"echo ingest >> {place}/tries; cp data/sample/in.txt data/train.txt"
    folders = [
        "models/finetune/mini",
        "models/tagger-selector",
        "predictions/gliner-mini",
        "predictions/tagger-selector",
    ]
    outs = [*folders, "data/test", "reports/report.html"]
    stages = {
        "ingest": {"cmd": ingest, "deps": ["data/sample/in.txt"], "outs": ["data/train.txt"]},
        "report": {
            "cmd": train,
            "deps": ["data/train.txt", "train.py"],
            "outs": outs,
            "metrics": [{"metrics/validate.json": {"cache": False}}],
        },
    }
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    ours = [entry for entry in deployments["deployments"] if entry["name"] in {"weekly", "distill", "evaluate"}]
    for entry in ours:
        entry["schedules"] = []
        if "until" in entry["parameters"]:
            entry["parameters"]["until"] = ["report"]
    files = {
        "dvc.yaml": yaml.safe_dump({"stages": stages}, width=1000),
        "prefect.yaml": yaml.safe_dump(deployments | {"deployments": ours}),
        "train.py": _TRAINING,
        ".gitignore": ".bioner/\n__pycache__/\n/data/train.txt\n/data/test\n/models\n/predictions\n/reports\n",
        "params.yaml": (ROOT / "params.yaml").read_text(encoding="utf-8").replace("resamples: 1000", "resamples: 100"),
        "data/sample/in.txt": "the first text\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "flows", root / "flows", ignore=shutil.ignore_patterns("__pycache__"))
    git(root, "init", "--quiet", "--initial-branch", "main")
    Repo.init(str(root)).close()
    config = f"[core]\n    analytics = false\n    autostage = false\n    remote = team\n['remote \"team\"']\n    url = s3://{bucket}/store\n"
    (root / ".dvc/config").write_text(config, encoding="utf-8")
    shutil.copy(ROOT / ".dvcignore", root)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "start")
    git(place, "clone", "--quiet", "--bare", str(root), "origin.git")
    git(root, "remote", "add", "origin", str(place / "origin.git"))
    hook = place / "origin.git/hooks/post-receive"
    hook.write_text(_AFTER_PUSH.format(place=place), encoding="utf-8")
    hook.chmod(0o755)


def git(folder: Path, *arguments: str) -> str:
    """What git says."""
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    done = subprocess.run(["git", "-C", str(folder), *who, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
