"""What a run was made from: git commit, `dvc.lock`, process, declared params and the contents of its inputs."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bioner.config import Params, read_yaml
from bioner.files import hash_file
from bioner.git import ask_git
from bioner.processes import mark
from bioner.project import project_root

# Files that the pipeline itself rewrites: `dvc.lock` has a tag of its own.
_OWN = (":(exclude,top,glob)**/dvc.lock", ":(exclude,top,glob)**/metrics/**")
_LONGEST = 5000  # characters of a tag


def git_state(workspace: Path) -> dict[str, str]:
    """Commit and state of the project's code: `clean`, `dirty` (tracked files changed), or `none` without git."""
    root = project_root(workspace)
    commit = ask_git(root, "rev-parse", "HEAD")
    changes = ask_git(root, "status", "--porcelain", "--untracked-files=no", "--", ".", *_OWN)
    if commit is None or changes is None:
        return {"bioner.git.commit": "none", "bioner.git.state": "none"}
    changed = "\n".join(line[3:] for line in changes.splitlines())[:_LONGEST]
    return {
        "bioner.git.commit": commit,
        "mlflow.source.git.commit": commit,
        "bioner.git.state": "dirty" if changed else "clean",
        "bioner.git.changed": changed,
    }


def lock_hash(workspace: Path) -> str:
    """SHA-256 of the workspace's `dvc.lock`, or `none`."""
    lock = workspace / "dvc.lock"
    return hash_file(lock) if lock.is_file() else "none"


def process_tags() -> dict[str, str]:
    """Host and mark of this process: enough to tell later whether it still lives."""
    return {"bioner.host": socket.gethostname(), "bioner.process": mark()}


def stage_params(workspace: Path, stage: str, item: str | None, params: Params) -> dict[str, Any]:
    """The params that `dvc.yaml` declares for a stage, nested as in `params.yaml`; all of them without a `dvc.yaml`."""
    values = params.model_dump(mode="json", by_alias=True)
    file = workspace / "dvc.yaml"
    if not file.is_file():
        return values
    entry = read_yaml(file)["stages"].get(stage, {})
    declared = (str(key).replace("${key}", item or "") for key in entry.get("do", entry).get("params", ()))
    return {key: _at(values, key) for key in declared}


def _at(values: Mapping[str, Any], key: str) -> Any:
    value: Any = values
    for part in key.split("."):
        value = value[part]
    return value


def dvc_hash(path: Path) -> str:
    """The content hash that DVC gives a file (MD5), or a folder (MD5 of its listing, with `.dir`)."""
    if path.is_file():
        return _md5(path)
    files = {p.relative_to(path).as_posix(): p for p in path.rglob("*") if p.is_file()}
    listing = [{"md5": _md5(files[name]), "relpath": name} for name in sorted(files)]
    return hashlib.md5(json.dumps(listing, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"


def _md5(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
