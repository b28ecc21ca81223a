"""The file that names the corpora of a project or of a profile, and how an entry gets into it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bioner.config import EXTENDS, load_params, merge, merge_all, parse_params, profile_names, read_overlays, read_yaml
from bioner.corpora.catalogue import with_entry
from bioner.errors import ConfigError
from bioner.files import atomic_write
from bioner.pipeline.workspace import Workspace

_NAME = re.compile(r"\w[\w-]*", re.ASCII)
_NEW = "# Made by `bioner corpora add`: an overlay over params.yaml; a null removes a key.\ndata_root: data/corpora\n\n"


@dataclass(frozen=True, slots=True)
class Book:
    """`params.yaml`, or the overlay of a profile, which may be new.

    Attributes:
        project: the folder of the project.
        base: what lies under an overlay: the params of the project, and the profiles it extends; nothing under these.
        file: the file.
        text: what is in it, or will be before the entry.
    """

    project: Path
    base: Mapping[str, Any]
    file: Path
    text: str
    workspace: Workspace

    @classmethod
    def open(cls, project: Path, profile: str | None) -> Book:
        """Read the file; a new profile drops the corpora of the project.

        Raises:
            ConfigError: the file cannot be read, or the profile's name cannot be one.
        """
        params, workspace = project / "params.yaml", Workspace(project, profile)
        if profile is None:
            load_params(params)
            return cls(project, {}, params, params.read_text(encoding="utf-8"), workspace)
        if not _NAME.fullmatch(profile):
            raise ConfigError(f"{profile!r} is no name of a profile", mend="use letters, digits, _ and -")
        base, file = read_yaml(params), project / "profiles" / f"{profile}.yaml"
        if file.is_file():
            base = merge_all(base, read_overlays(project, profile)[:-1])
            return cls(project, base, file, file.read_text(encoding="utf-8"), workspace)
        dropped = "".join(f"  {name}: null\n" for name in base["corpora"])
        return cls(project, base, file, f"{_NEW}corpora:\n{dropped}", workspace)

    @property
    def types(self) -> frozenset[str]:
        """The keys of the entity types."""
        return frozenset(self._merged(self.text)["types"])

    def check_name(self, name: str) -> None:
        """Refuse a name that cannot be one, or is taken.

        Raises:
            ConfigError: as it says.
        """
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{name!r} is no name of a corpus", mend="use letters, digits, _ and -")
        for file in (self.project / "params.yaml", *sorted((self.project / "profiles").glob("*.yaml"))):
            if name in (read_yaml(file).get("corpora") or {}):
                raise ConfigError(f"there is a corpus {name!r} already", where=str(file), mend="choose another --name")

    def path_to(self, target: Path) -> str:
        """The path of an entry whose data lie at `target`: relative to where this file says that corpora lie.

        Raises:
            ConfigError: the workspace of the profile was told to look for corpora elsewhere.
        """
        path = os.path.relpath(target, self.project / self._merged(self.text)["data_root"])
        told = self.workspace.state / "data_root"
        if self.workspace.profile and told.is_file():
            looked = Path(told.read_text(encoding="utf-8")) / path
            if looked.resolve() != target.resolve():
                mend = f"remove {told}, or add the corpus to a profile of its own"
                raise ConfigError("--data-root told this profile to look for its corpora elsewhere", mend=mend)
        return Path(path).as_posix()

    def with_entry(self, name: str, entry: Mapping[str, Any]) -> str:
        """The text with the entry, checked as params.

        Raises:
            ConfigError: the params do not fit with it.
        """
        text = with_entry(self.text, name, entry, str(self.file))
        parse_params(self._merged(text), str(self.file))
        return text

    def notes(self, name: str, text: str) -> tuple[str, ...]:
        """What else the user should know of an entry in a text."""
        if self.workspace.profile:
            outside = not (self.project / self._merged(text)["data_root"]).resolve().is_relative_to(self.project)
            folder = f"the entry holds as long as the project's folder is called {self.project.name}"
            return (f"this profile's data_root lies outside the project: {folder}",) if outside else ()
        over = {name: read_overlays(self.project, name) for name in profile_names(self.project)}
        unfit = [name for name, overlays in over.items() if not self._fits(merge_all(yaml.safe_load(text), overlays))]
        notes = [f"profiles lie over params.yaml and take {name} too, unless they say `{name}: null`"] if over else []
        return (*notes, *([f"with it these do not fit any more: {', '.join(unfit)}"] if unfit else []))

    def _fits(self, params: Mapping[str, Any]) -> bool:
        try:
            parse_params(params, str(self.file))
        except ConfigError:
            return False
        return True

    def write(self, text: str) -> None:
        """Replace the file.

        Raises:
            ConfigError: it was changed in the meantime.
        """
        if self.file.is_file() and self.file.read_text(encoding="utf-8") != self.text:
            mend = "run the same command again"
            raise ConfigError("the file was changed while the corpus was read", where=str(self.file), mend=mend)
        with atomic_write(self.file) as out:
            out.write(text)

    def _merged(self, text: str) -> dict[str, Any]:
        own = yaml.safe_load(text) or {}
        return merge(self.base, {key: value for key, value in own.items() if key != EXTENDS})
