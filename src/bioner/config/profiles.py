"""Profiles: overlays over `params.yaml`, each of which may extend another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bioner.config.loading import merge, read_yaml
from bioner.errors import ConfigError

EXTENDS = "extends"  # the key of a profile that names the one below it


def profile_names(project: Path) -> list[str]:
    """The names of the profiles of a project."""
    return sorted(file.stem for file in (project / "profiles").glob("*.yaml"))


def read_overlays(project: Path, profile: str) -> list[dict[str, Any]]:
    """What a profile lays over the params, the profile that it extends first.

    Raises:
        ConfigError: there is no such profile, it is no YAML mapping, or it extends itself.
    """
    overlays: list[dict[str, Any]] = []
    read: list[str] = []
    name: Any = profile
    while name is not None:
        file = project / "profiles" / f"{name}.yaml"
        if name not in profile_names(project):
            mend = f"known profiles: {', '.join(profile_names(project)) or 'none'}"
            raise ConfigError(f"there is no profile {name!r}", where=str(file), mend=mend)
        read.append(name)
        overlay = read_yaml(file)
        name = overlay.pop(EXTENDS, None)
        overlays.insert(0, overlay)
        if name in read:
            way = " -> ".join([*read, name])
            raise ConfigError(f"the profile extends itself: {way}", where=str(file), mend=f"remove one '{EXTENDS}'")
    return overlays


def merge_all(base: Mapping[str, Any], overlays: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`base` with each overlay merged over what is below it."""
    merged = dict(base)
    for overlay in overlays:
        merged = merge(merged, overlay)
    return merged
