"""What follows from the ledger: changes that have not ended, the aliases, the line of champions, who was withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

from bioner.tracking.ledger import Entry
from bioner.tracking.registry import CHAMPION


def pending(entries: Sequence[Entry]) -> list[Entry]:
    """The latest entry of each change that has not ended: its intent, or who resumed it."""
    latest: dict[int, Entry] = {}
    for entry in entries:
        if entry.kind == "intended":
            latest[entry.number] = entry
        elif entry.of is not None:
            latest[entry.of] = entry
    return [entry for entry in latest.values() if entry.kind in {"intended", "resumed"}]


def effective(entries: Sequence[Entry]) -> list[Entry]:
    """The entries by which aliases moved."""
    return [entry for entry in entries if entry.kind in {"done", "outside"}]


def aliases(entries: Sequence[Entry], model: str) -> dict[str, str]:
    """Alias -> version of a model, as the ledger has it."""
    known: dict[str, str] = {}
    for entry in effective(entries):
        for move in entry.change.moves if entry.change.model == model else ():
            known.pop(move.alias, None)
            if move.after is not None:
                known[move.alias] = move.after
    return known


def last_move(entries: Sequence[Entry], model: str, alias: str) -> Entry | None:
    """The entry by which an alias came to be where it is."""
    moved = (entry for entry in reversed(effective(entries)) if entry.change.model == model)
    return next((entry for entry in moved if entry.change.move_of(alias)), None)


def champions(entries: Sequence[Entry], model: str) -> list[str]:
    """The champions of a model up to the present one, without those that were rolled back."""
    line: list[str] = []
    for entry in effective(entries):
        move = entry.change.move_of(CHAMPION) if entry.change.model == model else None
        if move is None:
            continue
        if entry.change.action == "rolled back" and len(line) > 1:
            line.pop()
        elif move.after is not None:
            line.append(move.after)
    return line


def withdrawn(entries: Sequence[Entry], model: str, version: str) -> Entry | None:
    """The rollback that took the alias `champion` from a version, unless it became champion again after that."""
    found = None
    for entry in effective(entries):
        move = entry.change.move_of(CHAMPION) if entry.change.model == model else None
        if move and move.after == version:
            found = None
        elif move and move.before == version and entry.change.action == "rolled back":
            found = entry
    return found
