"""Downstream of the data: which registered versions used a document or a corpus, and what to do without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bioner.errors import DataError
from bioner.lineage.index import Index, need
from bioner.lineage.indexing import up_to_date
from bioner.lineage.kept import read_mapping
from bioner.lineage.objects import workspaces
from bioner.lineage.pipeline import downstream
from bioner.lineage.records import Use
from bioner.registered import registry_client


@dataclass(frozen=True, slots=True)
class Downstream:
    """What a document or a corpus went into.

    Attributes:
        subject: its id or name.
        kind: `document` or `corpus`.
        uses: the versions that used it, those with an alias first, then the newest.
        stages: workspace -> the stages that have to run again without it, in order.
        unread: data files of versions that are no longer anywhere: of these versions the answer is not known.
    """

    subject: str
    kind: str
    uses: tuple[Use, ...]
    stages: Mapping[str, tuple[str, ...]]
    unread: tuple[str, ...]

    def to_record(self) -> dict[str, Any]:
        """The answer as a JSON object; `need` says what each version asks for."""
        needs = [asdict(use) | {"need": need(use.roles)} for use in self.uses]
        return asdict(self) | {"uses": needs}


def find_uses(subject: str, start: Path | None = None) -> Downstream:
    """What a corpus of that name, or else a document of that id, went into.

    Raises:
        DataError: no data file of a version or workspace holds it.
        ModelError, RegistryError: there is no registry, or it cannot be reached.
    """
    here = start or Path.cwd()
    with up_to_date(here) as index:
        files = index.files_of_corpus(subject)
        kind = "corpus" if files else "document"
        files = files or index.files_of(subject)
        if not files:
            raise DataError(
                f"no corpus and no document is called {subject!r} in the data of any version or workspace",
                mend="ids are those of the files in data/: the id in the corpus, or its number in the file",
            )
        uses = index.uses_of_corpus(subject) if kind == "corpus" else index.uses_of(subject)
        return Downstream(subject, kind, with_aliases(uses, here), _stages(here, files), _unread(index))


def with_aliases(uses: Mapping[tuple[str, str], Mapping[str, int]], start: Path) -> tuple[Use, ...]:
    """Uses with the present aliases of the versions, in the order in which they matter."""
    client = registry_client(start)
    aliases: dict[tuple[str, str], list[str]] = {}
    for name in sorted({name for name, _ in uses}):
        for alias, version in client.get_registered_model(name).aliases.items():
            aliases.setdefault((name, str(version)), []).append(alias)
    found = [
        Use(name, version, tuple(sorted(aliases.get((name, version), ()))), dict(roles))
        for (name, version), roles in uses.items()
    ]
    return tuple(sorted(found, key=lambda use: (not use.aliases, use.name, -int(use.version))))


def _stages(start: Path, files: set[str]) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, folder in workspaces(start).items():
        lock = read_mapping(folder / "dvc.lock")
        outs = [item for stage in lock.get("stages", {}).values() for item in stage.get("outs", ())]
        paths = [str(item["path"]) for item in outs if item.get("md5") in files]
        if paths:
            found[name] = downstream(lock, paths)
    return found


def _unread(index: Index) -> tuple[str, ...]:
    return tuple(sorted(f"{path} ({value})" for value, path in index.unread().items()))
