"""Workspaces: the project's own folder, and one folder a profile with its params, pipeline, data and models."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bioner.config import Params, load_params, merge_all, parse_params, read_overlays, read_yaml
from bioner.errors import ConfigError
from bioner.files import atomic_write

_PARAMS = "params.yaml"
PIPELINE = "dvc.yaml"
_NOTE = "# Made by `bioner run --profile {profile}` from {source}: edit those, not this.\n"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder in which the pipeline runs.

    Attributes:
        project: the folder of the repository.
        profile: the profile's name; `None` for the project's own params.
    """

    project: Path
    profile: str | None = None

    @property
    def root(self) -> Path:
        """Where params.yaml, dvc.yaml and all outputs lie."""
        return self.project / "workspaces" / self.profile if self.profile else self.project

    @property
    def state(self) -> Path:
        """Where logs, caches and checkpoints lie."""
        return self.root / ".bioner"

    @property
    def params(self) -> Params:
        """The params of this workspace."""
        return load_params(self.root / _PARAMS)

    @property
    def option(self) -> str:
        """How this workspace is named on a command line, with a leading space."""
        return f" --profile {self.profile}" if self.profile else ""

    def run_command(self, until: Sequence[str] = ()) -> str:
        """What brings this workspace up to date, or goes on where a run of it ended, as it is typed."""
        return " ".join([f"bioner run{self.option}", *(f"--until {stage}" for stage in until)])


def find_project(start: Path) -> Path:
    """The nearest folder, from `start` upwards, that is a project.

    Raises:
        ConfigError: there is none.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / _PARAMS).is_file() and (folder / PIPELINE).is_file() and (folder / ".dvc").is_dir():
            return folder
    raise ConfigError(
        "this is not a BioNER project: no folder from here upwards holds params.yaml, dvc.yaml and .dvc",
        where=str(start),
        mend="change to the project's folder, or clone the repository",
    )


def open_workspace(start: Path, profile: str | None = None, data_root: Path | None = None) -> Workspace:
    """Find the project and bring the profile's folder up to date.

    Args:
        data_root: where the profile's corpora lie, instead of the place that the profile names; the workspace
            remembers it.

    Raises:
        ConfigError: no project, no such profile, or params that do not fit.
    """
    workspace = Workspace(find_project(start), profile)
    if profile is None:
        if data_root is not None:
            raise ConfigError("--data-root needs a --profile", mend="set data_root in params.yaml instead")
    else:
        _compose(workspace, profile, data_root)
    _ = workspace.params
    return workspace


def _compose(workspace: Workspace, profile: str, data_root: Path | None) -> None:
    project = workspace.project
    base, overlays = read_yaml(project / _PARAMS), read_overlays(project, profile)
    merged = merge_all(base, overlays)
    parse_params(merged, str(project / "profiles" / f"{profile}.yaml"))
    root = _data_root(workspace, merged["data_root"], data_root)
    for section in ("corpora", "suite"):
        for name, entry in merged.get(section, {}).items():
            if not any("path" in (over.get(section, {}).get(name) or {}) for over in overlays):
                # it lies where the project's params say
                entry["path"] = _from(root, project / base["data_root"] / entry["path"])
    merged["data_root"] = _from(workspace.root, root)
    merged["code"] = _from(workspace.root, project / merged["code"])
    note = _NOTE.format(profile=profile, source=f"{_PARAMS} and profiles/{profile}.yaml")
    _update(workspace.root / _PARAMS, note + _dump(merged))
    _update(workspace.root / PIPELINE, (project / PIPELINE).read_text(encoding="utf-8"))


def _from(folder: Path, target: Path) -> str:
    return Path(os.path.relpath(target, folder)).as_posix()


def _data_root(workspace: Workspace, named: str, given: Path | None) -> Path:
    """Where the corpora lie: the place last given on a command line, else the one that the params name."""
    memory = workspace.state / "data_root"
    if given is not None:
        with atomic_write(memory) as out:
            out.write(str(given.resolve()))
    return Path(memory.read_text(encoding="utf-8")) if memory.is_file() else workspace.project / named


def _dump(value: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True, width=120)


def _update(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        with atomic_write(path) as out:
            out.write(text)
