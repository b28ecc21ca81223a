"""Bringing the index of documents up to date with the registry and the workspaces."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioner.lineage.index import Index, open_index, role_of
from bioner.lineage.kept import evidence_file, model_path, read_mapping
from bioner.lineage.objects import open_storage, state_folder, workspaces
from bioner.lineage.pipeline import upstream
from bioner.progress import track
from bioner.registered import registry_client
from bioner.tracking.provenance import dvc_hash
from bioner.tracking.registry import EVIDENCE
from bioner.tracking.store import registry_errors

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion


def remember(start: Path) -> None:
    """Note what went into the versions while their data is still at hand; DVC may drop it later.

    Raises:
        RegistryError: the registry cannot be reached.
    """
    with up_to_date(start):
        pass


@contextmanager
def up_to_date(start: Path) -> Iterator[Index]:
    """The index of a project, with every version that the registry has.

    Raises:
        RegistryError: the registry cannot be reached.
    """
    with open_index(state_folder(start) / "lineage.sqlite") as index:
        with registry_errors("the versions cannot be listed"):
            _add_versions(index, registry_client(start))
        present = _present(start)
        wanted = index.unread() | {
            value: path for value, (path, _) in present.items() if role_of(path) and not index.has_file(value)
        }
        _add_files(index, start, wanted, {value: place / path for value, (path, place) in present.items()})
        yield index


def _add_versions(index: Index, client: MlflowClient) -> None:
    known, there = index.versions(), set()
    for version in all_versions(client):
        key = (str(version.name), str(version.version))
        there.add(key)
        evidence = version.tags.get(EVIDENCE, "")
        if known.get(key) != evidence:
            index.add_version(*key, evidence, _data_files(client, version))
    for name, number in known.keys() - there:
        index.forget(name, number)


def all_versions(client: MlflowClient) -> list[ModelVersion]:
    """Every version of every registered model."""
    found: list[ModelVersion] = []
    token: str | None = ""
    while token is not None:
        page = client.search_model_versions(max_results=1000, page_token=token or None)
        found += page
        token = page.token or None
    return found


def _data_files(client: MlflowClient, version: ModelVersion) -> dict[str, str]:
    """The data behind a version and its evaluation: path -> hash."""
    run = client.get_run(version.run_id)
    lock, params = (read_mapping(evidence_file(client, version, run, name)) for name in ("dvc.lock", "params.yaml"))
    code, targets = (
        str(params.get("code", "src/bioner")),
        (
            model_path(version, params),
            f"predictions/{version.tags.get('bioner.model', '')}",
        ),
    )
    stages = [stage for target in targets for stage in upstream(lock, code, target)]
    return {file.path: file.hash for stage in stages for file in stage.writes if role_of(file.path)}


def _present(start: Path) -> dict[str, tuple[str, Path]]:
    """What the workspaces hold by now: hash -> path and workspace."""
    found: dict[str, tuple[str, Path]] = {}
    for folder in workspaces(start).values():
        for stage in read_mapping(folder / "dvc.lock").get("stages", {}).values():
            found |= {_hash(item): (posixpath.normpath(item["path"]), folder) for item in stage.get("outs", ())}
    return found


def _hash(item: Mapping[str, Any]) -> str:
    return str(item.get("md5", ""))


def _add_files(index: Index, start: Path, wanted: Mapping[str, str], present: Mapping[str, Path]) -> None:
    """Read each file where it is: in a workspace, in DVC's cache, in its remote; or leave it out."""
    with ExitStack() as stack:
        storage = None
        for value, path in track(wanted.items(), "index of documents", len(wanted)):
            file = present.get(value)
            if file is not None and file.is_file() and dvc_hash(file) == value:
                with file.open("rb") as lines:
                    index.add_file(value, lines)
                continue
            storage = storage or stack.enter_context(open_storage(start))
            if storage is not None and path.endswith(".jsonl"):
                with storage.opened(value) as source:
                    if source is not None:
                        index.add_file(value, source)
