"""Files of DVC that a kill tore are put out of its way, and others are left."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.errors import ConfigError
from bioner.pipeline.graph import read_graph
from bioner.pipeline.lockfile import mend_torn
from bioner.pipeline.record import Done
from bioner.pipeline.submit import submit
from bioner.pipeline.workspace import Workspace


@pytest.mark.slow
def test_results_come_back_from_the_cache_wherever_the_file_was_cut(tiny_project: Path) -> None:
    workspace = Workspace(tiny_project)
    lock = tiny_project / "dvc.lock"
    assert mend_torn(workspace) is None
    assert submit(workspace, "first").done is Done.RAN
    whole = lock.read_bytes()
    torn = 0
    for end in range(len(whole)):
        lock.write_bytes(whole[:end])
        aside = mend_torn(workspace)
        torn += aside is not None
        assert aside is None or not lock.exists()
        if end % 100 == 0:
            read_graph(workspace)  # which DVC refuses to do with half a file
    assert torn > len(whole) / 4
    lock.unlink(missing_ok=True)
    (tiny_project / "first.txt").unlink()
    assert submit(workspace, "first").done is Done.RESTORED
    assert lock.read_bytes() == whole
    assert mend_torn(workspace) is None


def test_a_conflict_of_git_is_left_to_the_user(tiny_project: Path) -> None:
    lock = tiny_project / "dvc.lock"
    lock.write_text("schema: '2.0'\n<<<<<<< ours\n", encoding="utf-8")
    assert mend_torn(Workspace(tiny_project)) is None
    assert lock.exists()


@pytest.mark.parametrize("left", ["", '{"read": {"/data', "{}garbage"])
def test_a_torn_list_of_locks_stops_nobody(tiny_project: Path, left: str) -> None:
    workspace = Workspace(tiny_project)
    locks = tiny_project / ".dvc/tmp/rwlock"
    locks.parent.mkdir(exist_ok=True)
    locks.write_text(left, encoding="utf-8")
    with pytest.raises(ConfigError, match="DVC cannot read the pipeline"):
        read_graph(workspace)
    assert mend_torn(workspace) is None
    assert read_graph(workspace).stale


@pytest.mark.slow
def test_a_list_of_locks_that_is_whole_or_held_is_left(tiny_project: Path) -> None:
    from dvc.lock import make_lock

    folder = tiny_project / ".dvc/tmp"
    folder.mkdir(exist_ok=True)
    locks = folder / "rwlock"
    locks.write_text("{}", encoding="utf-8")
    mend_torn(Workspace(tiny_project))
    assert locks.read_text(encoding="utf-8") == "{}"
    locks.write_text("{", encoding="utf-8")  # as while another process writes it
    with make_lock(str(folder / "rwlock.lock"), tmp_dir=str(folder)):
        mend_torn(Workspace(tiny_project))
    assert locks.exists()
