"""The bytes behind a hash of `dvc.lock`: in the workspace, in DVC's cache, or in its remote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from bioner.project import STATE, project_root
from bioner.telemetry import silence


@dataclass(frozen=True, slots=True)
class Storage:
    """DVC's stores of a project; each keeps objects by their MD5.

    Attributes:
        cache: DVC's store on this machine.
        remote: the one beside it; `None` if there is none, and then `reason` says why.
    """

    cache: Any
    remote: Any
    reason: str = ""

    @contextmanager
    def opened(self, value: str) -> Iterator[BinaryIO | None]:
        """The object of a hash, from the cache, else from the remote; `None` if neither has it."""
        for store in (self.cache, self.remote):
            if store is not None and has(store, value):
                with store.fs.open(store.oid_to_path(value), "rb") as source:
                    yield source
                return
        yield None


@contextmanager
def open_storage(start: Path) -> Iterator[Storage | None]:
    """The stores of the project that `start` lies in; `None` where DVC finds no project."""
    silence()
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        repo = Repo(str(project_root(start)))
    except DvcException:
        yield None
        return
    with repo:
        remote, reason = None, ""
        try:
            remote = repo.cloud.get_remote_odb()
        except DvcException as error:
            reason = str(error)
        yield Storage(repo.cache.local, remote, reason)


def has(store: Any, value: str) -> bool:
    """Whether a store has the object of a hash."""
    return bool(store.fs.exists(store.oid_to_path(value)))


def workspace_root(project: Path, workspace: str) -> Path:
    """The folder of a workspace by its name, `main` or a profile's."""
    return project if workspace == "main" else project / "workspaces" / workspace


def workspaces(start: Path) -> dict[str, Path]:
    """All workspaces of a project that have a `dvc.lock`, by name."""
    project = project_root(start)
    found = {"main": project} | {folder.name: folder for folder in sorted((project / "workspaces").glob("*"))}
    return {name: folder for name, folder in found.items() if (folder / "dvc.lock").is_file()}


def state_folder(start: Path) -> Path:
    """Where a project keeps what can be made again."""
    return project_root(start) / STATE
