"""Tests of a `dvc.lock` that a kill tore."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.pipeline.graph import read_graph
from bioner.pipeline.lockfile import put_aside_if_torn
from bioner.pipeline.record import Done
from bioner.pipeline.submit import submit
from bioner.pipeline.workspace import Workspace


@pytest.mark.slow
def test_results_come_back_from_the_cache_wherever_the_file_was_cut(tiny_project: Path) -> None:
    workspace = Workspace(tiny_project)
    lock = tiny_project / "dvc.lock"
    assert put_aside_if_torn(workspace) is None
    assert submit(workspace, "first").done is Done.RAN
    whole = lock.read_bytes()
    torn = 0
    for end in range(len(whole)):
        lock.write_bytes(whole[:end])
        aside = put_aside_if_torn(workspace)
        torn += aside is not None
        assert aside is None or not lock.exists()
        if end % 100 == 0:
            read_graph(workspace)  # which DVC refuses to do with half a file
    assert torn > len(whole) / 4
    lock.unlink(missing_ok=True)
    (tiny_project / "first.txt").unlink()
    assert submit(workspace, "first").done is Done.RESTORED
    assert lock.read_bytes() == whole
    assert put_aside_if_torn(workspace) is None


def test_a_conflict_of_git_is_left_to_the_user(tiny_project: Path) -> None:
    lock = tiny_project / "dvc.lock"
    lock.write_text("schema: '2.0'\n<<<<<<< ours\n", encoding="utf-8")
    assert put_aside_if_torn(Workspace(tiny_project)) is None
    assert lock.exists()
