"""Copying to a real DVC remote, and coming back from it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bioner.errors import StageError
from bioner.pipeline.remote import push
from bioner.pipeline.workspace import Workspace


def dvc(root: Path, *arguments: str) -> int:
    from dvc.cli import main

    return int(main(["--cd", str(root), *arguments, "--quiet"]))


@pytest.mark.slow
def test_a_lost_workspace_comes_back_from_the_remote(tiny_project: Path) -> None:
    assert dvc(tiny_project, "repro") == 0
    push(Workspace(tiny_project))
    outputs = ["first.txt", "second.txt", "other-a.txt", "other-b.txt"]
    before = {name: (tiny_project / name).read_bytes() for name in outputs}
    shutil.rmtree(tiny_project / ".dvc/cache")
    for name in outputs:
        (tiny_project / name).unlink()
    assert dvc(tiny_project, "pull") == 0
    assert {name: (tiny_project / name).read_bytes() for name in outputs} == before


@pytest.mark.slow
def test_a_remote_that_refuses_is_one_message_and_loses_nothing(tiny_project: Path) -> None:
    assert dvc(tiny_project, "repro") == 0
    (tiny_project / ".bioner").write_text("a file where the remote should be", encoding="utf-8")
    with pytest.raises(StageError, match="the results are kept here, but could not be copied") as caught:
        push(Workspace(tiny_project))
    assert "dvc push" in caught.value.mend
    assert "Traceback" not in str(caught.value)
    assert (tiny_project / "second.txt").is_file()
