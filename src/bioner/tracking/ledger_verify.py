"""Checking the ledger: its chain, changes that never ended, and whether the registry has the aliases it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bioner.tracking.ledger import Entry, Move, faults
from bioner.tracking.ledger_changes import differences
from bioner.tracking.ledger_state import aliases, last_move, pending
from bioner.tracking.ledger_store import Ledger
from bioner.tracking.registry import CONTENT, alias_map
from bioner.tracking.store import Store

if TYPE_CHECKING:
    from mlflow.entities.model_registry import RegisteredModel


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not match, and how to mend it."""

    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.what} (mend: {self.mend})"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found.

    Attributes:
        entries: how many there are.
        head: the hash of the last one, to be kept elsewhere: it covers all before it.
        problems: nothing if all is well.
        outside: changes that were made without the ledger, found later and recorded.
    """

    entries: int
    head: str
    problems: tuple[Problem, ...]
    outside: tuple[str, ...]


def verify(store: Store, expected: str | None = None) -> Verified:
    """Check the ledger of a store, changing nothing.

    Args:
        expected: the hash of an entry that was noted elsewhere. Whoever owns the database can write another chain that
            is whole in itself; it cannot have this hash.
    """
    texts = Ledger(store).texts()
    broken = faults(texts)
    if broken:
        mend = "restore the tracking store from a backup"
        return Verified(len(texts), "", tuple(Problem(what, mend) for what in broken), ())
    entries = [Entry.parse(text) for text in texts.values()]
    problems = [*_unknown(entries, expected), *_unfinished(entries), *_disagreements(store, entries)]
    outside = tuple(str(entry) for entry in entries if entry.kind == "outside")
    return Verified(len(entries), entries[-1].hash if entries else "", tuple(problems), outside)


def _unknown(entries: Sequence[Entry], expected: str | None) -> list[Problem]:
    if expected is None or expected in {entry.hash for entry in entries}:
        return []
    what = f"no entry has the hash {expected}: the ledger was cut or written anew"
    return [Problem(what, "restore the tracking store from a backup")]


def _unfinished(entries: Sequence[Entry]) -> list[Problem]:
    return [
        Problem(f"{entry} was begun and not ended", "`bioner run`, or any promotion, ends it")
        for entry in pending(entries)
        if entry.abandoned
    ]


def _disagreements(store: Store, entries: Sequence[Entry]) -> list[Problem]:
    moving = {entry.change.model for entry in pending(entries)}
    known = {entry.change.model for entry in entries}
    ours = {model.name for model in store.client.search_registered_models() if _ours(store, model)}
    return [
        _problem(entries, name, move)
        for name in sorted((known | ours) - moving)
        for move in differences(aliases(entries, name), alias_map(store, name))
    ]


def _ours(store: Store, model: RegisteredModel) -> bool:
    """Whether a registered model has aliases and is one of this project; a server may hold others."""
    version = next(iter(model.aliases.values()), None)
    return version is not None and CONTENT in store.client.get_model_version(model.name, str(version)).tags


def _problem(entries: Sequence[Entry], model: str, move: Move) -> Problem:
    entry = last_move(entries, model, move.alias)
    says = f"the ledger says {move.before or 'none'} ({f'entry {entry.number}' if entry else 'it has no entry'})"
    return Problem(
        f"{model}@{move.alias} is version {move.after or 'none'} in the registry, {says}: changed without the ledger",
        f"`bioner ledger adopt {model}` records it as it is; to undo it, set the alias back",
    )
