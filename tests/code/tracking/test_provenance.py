"""What a run was made from: git, DVC's hashes, the declared params."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from projects import Project

from bioner.config import load_params
from bioner.tracking.names import flatten, metric_name
from bioner.tracking.provenance import dvc_hash, git_state, lock_hash, stage_params

ROOT = Path(__file__).parents[3]


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@t")
    return subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_git_state_tells_clean_dirty_and_none(project: Project) -> None:
    assert git_state(project.root)["bioner.git.state"] == "none"
    git(project.root, "init", "-q")
    git(project.root, "add", "params.yaml", "dvc.yaml", "dvc.lock")
    git(project.root, "commit", "-qm", "first")
    clean = git_state(project.root)
    assert clean["bioner.git.state"] == "clean"
    assert clean["bioner.git.commit"] == git(project.root, "rev-parse", "HEAD").strip()
    (project.root / "dvc.lock").write_text("the pipeline rewrites this itself")
    assert git_state(project.root)["bioner.git.state"] == "clean"
    (project.root / "params.yaml").write_text("changed")
    dirty = git_state(project.root)
    assert (dirty["bioner.git.state"], dirty["bioner.git.changed"]) == ("dirty", "params.yaml")


def test_git_state_without_git_installed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project.root))
    assert git_state(project.root) == {"bioner.git.commit": "none", "bioner.git.state": "none"}


def test_lock_hash_follows_the_file(project: Project) -> None:
    before = lock_hash(project.root)
    (project.root / "dvc.lock").write_text("other")
    assert lock_hash(project.root) not in (before, "none")
    (project.root / "dvc.lock").unlink()
    assert lock_hash(project.root) == "none"


@pytest.mark.slow
def test_hashes_are_those_of_dvc(tmp_path: Path) -> None:
    files = {"b.txt": "b\r\nc", "a/z.txt": "", "a-b.txt": "é", "a/深.txt": "文", "a.b/c/d.txt": "x" * 3000}
    for name, text in files.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    (tmp_path / "file.txt").write_text("one\n")
    for command in (["init", "-q", "--no-scm"], ["add", "-q", "folder", "file.txt"]):
        subprocess.run(["dvc", *command], cwd=tmp_path, check=True)
    for name in ("folder", "file.txt"):
        (out,) = yaml.safe_load((tmp_path / f"{name}.dvc").read_text())["outs"]
        assert dvc_hash(tmp_path / name) == out["md5"]


def test_declared_params_of_every_stage_are_found(project: Project) -> None:
    params = load_params(ROOT / "params.yaml")
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    items = {"ingest": "sample-en", "evaluate": "gliner-mini"}
    assert not params.protocols and not params.suite  # so that these stages have no item
    for stage, entry in stages.items():
        if stage in {"protocol", "suite"}:
            continue
        found = stage_params(project.root, stage, items.get(stage, "mini"), params)
        assert len(found) == len(entry.get("do", entry)["params"])
    assert stage_params(project.root, "ingest", "sample-en", params)["corpora.sample-en"]["language"] == "en"


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.integers() | st.lists(st.booleans()), max_size=4))
def test_names_are_accepted_by_the_store(values: dict[str, object]) -> None:
    from mlflow.utils.validation import _validate_metric_name, _validate_param_name

    for name, text in flatten({"a": values}).items():
        _validate_param_name(name)
        assert isinstance(text, str)
    for name in values:
        _validate_metric_name(metric_name(name))


def test_usual_names_stay() -> None:
    assert metric_name("strict/f1 en-zh_2.x") == "strict/f1 en-zh_2.x"


def test_flatten_keeps_empty_mappings_and_lists_as_json() -> None:
    assert flatten({"a": {}, "b": {"c": [0.3, 3.0], "d": "文"}}) == {"a": "{}", "b.c": "[0.3, 3.0]", "b.d": "文"}
