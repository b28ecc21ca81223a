"""Carrying out a change of aliases that was written down: the only place where aliases move."""

from __future__ import annotations

from functools import partial
from typing import Literal

from bioner.errors import RegistryError
from bioner.tracking.ledger import LEASE, Author, Entry, Move
from bioner.tracking.ledger_store import Ledger, patiently
from bioner.tracking.registry import alias_map
from bioner.tracking.store import Store

TRIES = 20  # entries of other models that may come first


def carry_out(store: Store, ledger: Ledger, intent: Entry, author: Author) -> Entry:
    """Do what an intent says, and write its end; where the registry refuses and nothing moved, it is void."""
    from mlflow.exceptions import MlflowException

    try:
        _move(store, intent)
    except MlflowException:
        known = alias_map(store, intent.change.model)
        if all(known.get(move.alias) == move.before for move in intent.change.moves):
            _end(ledger, intent, "void", author)
        raise
    return _end(ledger, intent, "done", author)


def resume(store: Store, ledger: Ledger, left: Entry, author: Author) -> Entry:
    """Finish what another process left; void, where an alias is somewhere else by now or cannot be moved."""
    from mlflow.exceptions import MlflowException

    known = alias_map(store, left.change.model)
    if any(known.get(move.alias) not in {move.before, move.after} for move in left.change.moves):
        return _end(ledger, left, "void", author)
    try:
        return carry_out(store, ledger, left, author)
    except MlflowException:  # its version was deleted, say
        return _end(ledger, left, "void", author)


def _move(store: Store, intent: Entry) -> None:
    """Move the aliases; a process that was stopped for so long that others may have taken over moves nothing."""
    model = intent.change.model
    for move in intent.change.moves:
        if intent.age > LEASE / 2:
            raise RegistryError(f"the registry took too long to change {model}", mend="try again")
        patiently(partial(_move_one, store, model, move))


def _move_one(store: Store, model: str, move: Move) -> None:
    if move.after is None:
        store.client.delete_registered_model_alias(model, move.alias)
    else:
        store.client.set_registered_model_alias(model, move.alias, move.after)


def _end(ledger: Ledger, left: Entry, kind: Literal["done", "void"], author: Author) -> Entry:
    for _ in range(TRIES):
        entries = ledger.entries()
        ended = next((e for e in entries if e.of == intent_of(left) and e.kind in {"done", "void"}), None)
        made = ended or ledger.append(entries, kind, author, left.change, intent_of(left))
        if made:
            return made
    raise busy()


def intent_of(entry: Entry) -> int:
    """The number of the intent of a change."""
    return entry.of or entry.number


def busy() -> RegistryError:
    """What is raised after so many tries."""
    return RegistryError("the ledger is written by others all the time", mend="try again in a minute")
