"""The release: one version, a changelog that knows it, and a wheel that works where there is no checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from bioner import __version__
from bioner.documents import Document, Span, write_documents

pytestmark = pytest.mark.slow

_BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "src")
_METRIC = """
import json, sys
from pathlib import Path
import bioner
from bioner.evaluation.metric import load_metric
metric = load_metric(Path("cache"))
lines = Path("gold.jsonl").read_text().splitlines()
print(json.dumps([bioner.__file__, metric.compute(predictions=lines, references=lines)]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """The wheel, built from a copy: a build leaves files beside what it is built from."""
    folder = tmp_path_factory.mktemp("release")
    source = folder / "source"
    source.mkdir()
    for name in _BUILT_FROM:
        if (repository / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(repository / name, source / name, ignore=ignored)
        else:
            shutil.copy(repository / name, source)
    said = _passes(folder, sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", source)
    (made,) = folder.glob("*.whl")
    assert made.name in said
    return made


@pytest.fixture(scope="module")
def bare(wheel: Path) -> Path:
    """The programs of a new environment that has the wheel, and sees the libraries of this one but no checkout.

    What the wheel asks for is not installed anew, which would take minutes and gigabytes: a `.pth` file names the
    libraries that are here. Such files are not read in a folder that one names, so that the editable install is unseen.
    """
    folder = wheel.parent / "bare"
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    _passes(folder, sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "here.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return python.parent


def test_the_wheel_has_every_file_of_the_package_and_the_version(wheel: Path, repository: Path) -> None:
    package = repository / "src" / "bioner"
    files = {file.relative_to(package.parent).as_posix() for file in package.rglob("*") if file.is_file()}
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        (about,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = archive.read(about).decode()
    assert packed == {name for name in files if "__pycache__" not in name}
    assert f"\nVersion: {__version__}\n" in metadata
    assert wheel.name == f"bioner_foundry-{__version__}-py3-none-any.whl"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder outside the checkout, with two files to score."""
    gold = Document("1", "fever and rash", "en", (Span.of(0, 5, "symptom"), Span.of(10, 14, "symptom")))
    write_documents(tmp_path / "gold.jsonl", [gold])
    write_documents(tmp_path / "pred.jsonl", [gold.with_spans([Span.of(0, 5, "symptom", 0.9)])])
    return tmp_path


def test_the_command_line_works_outside_the_checkout(bare: Path, elsewhere: Path) -> None:
    assert _passes(elsewhere, bare / "bioner", "--version") == f"{__version__}\n"
    command = ["evaluate", "--gold", "gold.jsonl", "--pred", "pred.jsonl", "--json"]
    micro = json.loads(_passes(elsewhere, bare / "bioner", *command))["schemes"]["strict"]["micro"]
    assert (micro["right"], micro["gold"], micro["predicted"]) == (1, 2, 1)


def test_evaluate_loads_the_metric_of_the_wheel(bare: Path, elsewhere: Path) -> None:
    place, scores = json.loads(_passes(elsewhere, bare / "python", "-P", "-c", _METRIC).splitlines()[-1])
    assert Path(place).is_relative_to(bare.parent)
    micro = scores["schemes"]["strict"]["micro"]
    assert (micro["right"], micro["gold"], micro["predicted"]) == (2, 2, 2)


def test_the_changelog_and_the_images_know_the_version(repository: Path) -> None:
    changelog = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    (latest, *_) = re.findall(r"^## (\S+)", changelog, re.MULTILINE)
    assert latest == __version__
    files = [repository / "docker" / name for name in ("Dockerfile", "compose.yaml", "kubernetes/workers.yaml")]
    named = [tag for file in files for tag in re.findall(r"bioner-(?:worker|servers):([\d.]+)", file.read_text())]
    assert set(named) == {__version__}


def _passes(folder: Path, *command: object) -> str:
    """What a program prints that is run in a folder, without a network and with a cache of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"HF_HOME": str(folder / "hub"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [*map(str, command)], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
