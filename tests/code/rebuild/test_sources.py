"""Sources from a real DVC remote: those of the version and nothing else, each held against its hash."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bioner.errors import DataError
from bioner.lineage.pipeline import File, Stage
from bioner.pipeline.clone import share_remote
from bioner.pipeline.workspace import Workspace
from bioner.rebuild.place import Place
from bioner.rebuild.plan import Plan
from bioner.rebuild.sources import bring_sources
from bioner.tracking.provenance import dvc_hash

CORPUS = "data/corpora/mine"


def dvc(root: Path, *arguments: str) -> None:
    from dvc.cli import main

    assert main(["--cd", str(root), *arguments, "--quiet"]) == 0


@pytest.fixture
def place(tiny_project: Path, tmp_path: Path) -> Place:
    """A clone of a project, one corpus of which is in the remote and nowhere else."""
    corpus = tiny_project / CORPUS
    corpus.mkdir(parents=True)
    (corpus / "train.txt").write_text("Aspirin helps.\n", encoding="utf-8")
    dvc(tiny_project, "add", CORPUS)
    dvc(tiny_project, "push")
    folder = tmp_path / "clone"
    for arguments in (
        ("-C", str(tiny_project), "add", "--all"),
        ("-C", str(tiny_project), "-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--message", "all"),
        ("clone", "--quiet", str(tiny_project), str(folder)),
    ):
        subprocess.run(["git", *arguments], check=True)
    share_remote(tiny_project, folder)
    return Place(folder, Workspace(folder), tiny_project, tiny_project / "data/sample", None)


def reading(place: Place) -> Plan:
    """A plan of one stage that reads the corpus in the remote and one in git."""
    there = [File(path, dvc_hash(place.origin / path)) for path in (CORPUS, "data/sample")]
    return Plan((Stage("ingest", "", {}, (), tuple(there), (File("out.txt", "0"),), ()),), ())


@pytest.mark.slow
def test_they_come_from_the_remote_and_a_changed_or_missing_one_is_named(place: Place) -> None:
    plan = reading(place)
    bring_sources(place, plan)
    assert (place.folder / CORPUS / "train.txt").read_text(encoding="utf-8") == "Aspirin helps.\n"
    bring_sources(place, plan)  # once more, after a kill
    remote = place.origin / ".bioner/remote"
    value = dvc_hash(place.origin / CORPUS / "train.txt")
    (place.folder / "data/sample/in.txt").write_text("another text\n", encoding="utf-8")
    with pytest.raises(DataError, match="the source data/sample is not what it was"):
        bring_sources(place, plan)
    for lost in (place.folder / CORPUS, place.folder / ".dvc/cache", remote / "files/md5" / value[:2]):
        shutil.rmtree(lost)
    with pytest.raises(DataError, match=rf"the source {CORPUS} is (in neither git nor|not what it was)"):
        bring_sources(place, plan)


def test_corpora_outside_the_project_are_looked_for_where_they_were_or_are_said_to_be(tmp_path: Path) -> None:
    project, clone = tmp_path / "project", Workspace(tmp_path / "clone", "mine")
    origin = project / "workspaces/mine"
    elsewhere = Place(clone.project, clone, origin, tmp_path / "corpora", tmp_path / "moved")
    assert elsewhere.of_source("../../../corpora/a/train.txt") == tmp_path / "moved/a/train.txt"
    inside = Place(clone.project, clone, origin, project / "data", None)
    assert inside.of_source("../../data/a") == clone.project / "data/a"
