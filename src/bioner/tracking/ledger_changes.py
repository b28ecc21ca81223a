"""The one function that moves aliases: the intent is written to the ledger, the aliases move, the end is written."""

from __future__ import annotations

from collections.abc import Mapping

from bioner.errors import RegistryError
from bioner.tracking.ledger import Author, Change, Entry, Move
from bioner.tracking.ledger_moves import TRIES, busy, carry_out, intent_of, resume
from bioner.tracking.ledger_notice import notify
from bioner.tracking.ledger_state import aliases, last_move, pending
from bioner.tracking.ledger_store import Ledger
from bioner.tracking.registry import alias_map
from bioner.tracking.store import Store

_LONGEST = {"decision": 1000, "reason": 500}  # characters; an entry has to fit into a param


def change(store: Store, wanted: Change) -> Entry:
    """Move aliases, and record it: what a killed process leaves is finished by the next one.

    An alias that goes from one version to another has one of the two at any moment.

    Args:
        wanted: the change; `before` of each move is what the decision was made from.

    Returns:
        The entry by which the change is done.

    Raises:
        RegistryError: somebody else changes or changed these aliases meanwhile, and is named; or the ledger is damaged.
    """
    _check(wanted)
    ledger, author = Ledger(store), Author.here()
    intent = _intend(store, ledger, wanted, author)
    done = carry_out(store, ledger, intent, author)
    if done.kind == "void":
        raise RegistryError(f"the change of {wanted.model} took too long: {done.by} took over", where=str(done))
    notify(done)
    return done


def settle(store: Store) -> list[Entry]:
    """Finish the changes that killed processes left, or mark them void where the aliases are somewhere else by now.

    Returns:
        The entries by which they ended.
    """
    ledger, author = Ledger(store), Author.here()
    ends = []
    for left in pending(ledger.entries()):
        if left.abandoned:
            entries = ledger.entries()
            # Whoever resumes says so first: two that finish one change at once could undo what came after it.
            resumed = left in pending(entries) and ledger.append(
                entries, "resumed", author, left.change, intent_of(left)
            )
            if resumed:
                ends.append(resume(store, ledger, resumed, author))
                notify(ends[-1])
    return ends


def adopt(store: Store, model: str, reason: str = "") -> Entry | None:
    """Record the aliases of a model as they are, if somebody changed them without the ledger."""
    ledger, author = Ledger(store), Author.here()
    for _ in range(TRIES):
        entries = ledger.entries()
        _refuse_rival(entries, model)
        found = alias_map(store, model)
        moves = differences(aliases(entries, model), found)
        if not moves:
            return None
        note = Change(model, moves, "found", "changed without the ledger", reason)
        _check(note)
        entry = ledger.append(entries, "outside", author, note)
        if entry:
            notify(entry)
            return entry
    raise busy()


def differences(known: Mapping[str, str], found: Mapping[str, str]) -> tuple[Move, ...]:
    """The moves that lead from the aliases that are known to those that were found."""
    names = sorted(known.keys() | found.keys())
    return tuple(Move(name, known.get(name), found.get(name)) for name in names if known.get(name) != found.get(name))


def _check(wanted: Change) -> None:
    for name, longest in _LONGEST.items():
        if len(getattr(wanted, name)) > longest:
            raise RegistryError(f"the {name} is longer than {longest} characters", mend="say it shorter")


def _intend(store: Store, ledger: Ledger, wanted: Change, author: Author) -> Entry:
    """Write the intent, which keeps others from the model's aliases until it ends.

    The ledger is read before the registry, and the entry is taken only if nothing was written in between: so what was
    read is still true, but for changes made without the ledger.
    """
    entries = ledger.entries()
    if any(left.abandoned for left in pending(entries)):
        settle(store)
        entries = ledger.entries()
    for _ in range(TRIES):
        _refuse_rival(entries, wanted.model)
        if differences(aliases(entries, wanted.model), alias_map(store, wanted.model)):
            adopt(store, wanted.model)  # it reads again: they may have been moved by an entry after these
        else:
            _refuse_stale(entries, wanted)
            intent = ledger.append(entries, "intended", author, wanted)
            if intent:
                return intent
        entries = ledger.entries()
    raise busy()


def _refuse_rival(entries: list[Entry], model: str) -> None:
    for entry in pending(entries):
        if entry.change.model == model:
            mend = "wait until it has ended, look at the result with `bioner status`, and try again"
            raise RegistryError(f"the aliases of {model} are being changed by {entry.by}", where=str(entry), mend=mend)


def _refuse_stale(entries: list[Entry], wanted: Change) -> None:
    known = aliases(entries, wanted.model)
    for move in wanted.moves:
        now = known.get(move.alias)
        if now != move.before:
            winner = last_move(entries, wanted.model, move.alias)
            who = f" by {winner.by}" if winner else ""
            raise RegistryError(
                f"{wanted.model}@{move.alias} was changed meanwhile{who}: it is version {now}, and not {move.before}",
                where=str(winner or ""),
                mend="the decision was made against another version: make it again",
            )
