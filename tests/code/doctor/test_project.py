"""The project's folder: who may write, who may read secrets, and the remotes of git and DVC."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bioner.doctor import listening, project
from bioner.doctor.finding import Finding, State

Serve = Callable[..., str]


def states(findings: object) -> list[State]:
    return [finding.state for finding in findings if isinstance(finding, Finding)]  # type: ignore[attr-defined]


def test_a_secret_that_others_may_read_and_a_closed_folder_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".dvc").mkdir()
    secret = tmp_path / ".dvc/config.local"
    secret.write_text("password = x\n")
    secret.chmod(0o644)
    _, found = project.permissions(tmp_path)
    assert found.mend == "chmod go-rwx .dvc/config.local"
    secret.chmod(0o600)
    assert states(project.permissions(tmp_path)) == [State.OK]
    monkeypatch.setattr(project.os, "access", lambda path, _: Path(path).name != ".dvc")  # root may write everywhere
    (closed,) = project.permissions(tmp_path)
    assert closed.state is State.FAILURE
    assert ".dvc" in closed.what


def test_git_is_asked_whether_its_remote_takes_a_push(tmp_path: Path) -> None:
    root = tmp_path / "clone"
    assert states(project.git(tmp_path)) == [State.FAILURE]
    subprocess.run(["git", "init", "--quiet", root], check=True)
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", "-C", root, *who, "commit", "--quiet", "--allow-empty", "-m", "start"], check=True)
    assert states(project.git(root)) == [State.OK, State.WARNING]
    origin = tmp_path / "origin.git"
    subprocess.run(["git", "-C", root, "remote", "add", "origin", origin], check=True)
    assert states(project.git(root)) == [State.OK, State.FAILURE]
    subprocess.run(["git", "init", "--quiet", "--bare", origin], check=True)
    assert states(project.git(root)) == [State.OK, State.OK]
    left = subprocess.run(["git", "-C", origin, "branch"], capture_output=True, text=True, check=True).stdout
    assert left == "", "nothing was pushed"


def test_the_dvc_remote_is_written_and_left_as_it_was(tiny_project: Path) -> None:
    assert states(project.remote(tiny_project)) == [State.OK]
    place = tiny_project / ".bioner/remote"
    assert list(place.iterdir()) == []
    place.rmdir()
    place.write_text("not a folder")
    with pytest.raises(OSError):
        list(project.remote(tiny_project))
    (tiny_project / ".dvc/config").write_text("")
    assert states(project.remote(tiny_project)) == [State.FAILURE]


def test_a_server_for_other_machines_without_a_password_is_a_failure(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(serve(200, host="0.0.0.0").rpartition(":")[2])
    monkeypatch.setattr(listening, "_kind", lambda _: None)
    assert states(listening.listening(tmp_path)) == [State.OK]
    connections = [found for found in listening.psutil.net_connections("tcp") if found.laddr.port == port]
    monkeypatch.setattr(listening.psutil, "net_connections", lambda _: connections)
    monkeypatch.setattr(listening, "_kind", lambda _: "mlflow")
    (found,) = listening.listening(tmp_path)
    assert found.state is State.FAILURE
    assert f"0.0.0.0:{port}" in found.what
