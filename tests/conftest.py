"""What the tests of all parts share."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

_PIPELINE = """
stages:
  first:
    cmd: cat ${data_root}/in.txt ${code}/code.py > first.txt
    deps: ["${data_root}/in.txt", "${code}/code.py"]
    params: [curate.limit]
    outs: [first.txt]
  second:
    cmd: mkdir -p metrics && cp first.txt second.txt && echo '{"summary":{"lines":2}}' > metrics/second.json
    deps: [first.txt]
    outs: [second.txt]
    metrics: [{metrics/second.json: {cache: false}}]
  other:
    foreach: [a, b]
    do:
      cmd: cat ${data_root}/in.txt > other-${item}.txt
      deps: ["${data_root}/in.txt"]
      outs: ["other-${item}.txt"]
"""

# Four tests run at once, on two cores; it has to be said before torch is imported anywhere.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# `make test` does not activate the environment; the commands of the README expect it to be.
os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))

# Started in the background by a shell, the tests and all that they start would ignore an interruption.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Files of minutes, in the order in which they start; the other files follow. The one that waits for what the second one
# makes comes last of them: a worker that waits does nothing else.
_LONGEST = (
    "model/test_killed_flow.py",
    "model/test_whole_flow.py",
    "model/test_registered_models.py",
    "model/test_faults_under_way.py",
    "stages/test_distill_shards.py",
    "flows/test_sweep.py",
    "model/test_tagger.py",
    "data/test_hostile_input.py",
    "flows/test_retrain.py",
    "audit/test_audit.py",
    "model/test_backup.py",
    "serving/test_files.py",
    "model/test_scheduled.py",
)

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first."""
    place = {name: number for number, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get("/".join(item.path.parts[-2:]), len(place)))  # stable: the rest as it was


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """A stage sets torch's threads; left at two, the tests after it would get in each other's way."""
    yield
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of this repository."""
    return Path(__file__).parents[1]


@pytest.fixture
def tiny_project(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A DVC project with the repository's params and a tiny pipeline: `first`, then `second`; `other` beside."""
    from dvc.repo import Repo

    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / "dvc-state"))
    root = tmp_path / "project"
    for file, text in {"data/sample/in.txt": "text\n", "src/bioner/code.py": "code\n", "dvc.yaml": _PIPELINE}.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="utf-8")
    shutil.copy(repository / "params.yaml", root)
    subprocess.run(["git", "init", "--quiet", root], check=True)
    Repo.init(str(root)).close()
    shutil.copy(repository / ".dvc" / "config", root / ".dvc")
    shutil.copy(repository / ".dvcignore", root)
    return root
