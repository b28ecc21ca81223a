"""The ledger of alias changes: its entries, and the chain of their hashes.

A change is two entries, its intent and its end, so that a kill in between shows. Every entry holds the hash of the one
before it (Haber and Stornetta, How to Time-Stamp a Digital Document, 1991): none can be altered or left out unseen.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from bioner.files import hash_value
from bioner.processes import alive, mark

# intended, then done, or void if not carried out; resumed: by another process; outside: made without the ledger
Kind = Literal["intended", "resumed", "done", "void", "outside"]
Action = Literal["registered", "promoted", "forced", "rolled back", "found"]

START = "0" * 64  # what the first entry follows
LEASE = 120.0  # seconds after which a process of another host that did not end its change counts as gone
_KNOWN = 1 << 14  # entries that a process need not parse and hash again: every change reads the whole ledger


@dataclass(frozen=True, slots=True)
class Author:
    """Who made an entry: the user, and the process (see `processes.mark`) on its host."""

    user: str
    host: str
    process: str

    @classmethod
    def here(cls) -> Author:
        """This process."""
        try:
            user = getpass.getuser()
        except (KeyError, OSError):  # in a container, a user may have a number only
            user = str(os.getuid())
        return cls(user, socket.gethostname(), mark())

    def __str__(self) -> str:
        return f"{self.user}@{self.host}"


@dataclass(frozen=True, slots=True)
class Move:
    """One alias from a version to another; `None` is none."""

    alias: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        return f"{self.alias} {self.before or '-'} -> {self.after or '-'}"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the aliases of one registered model.

    Attributes:
        model: the name of the registered model.
        moves: what moves, in this order.
        action: what kind of decision it was.
        decision: the decision in a sentence.
        reason: what the user gave as the reason.
        evidence: the hash of the evidence that was judged.
    """

    model: str
    moves: tuple[Move, ...]
    action: Action
    decision: str
    reason: str = ""
    evidence: str = ""

    def move_of(self, alias: str) -> Move | None:
        """What the change does to an alias, if anything."""
        return next((move for move in self.moves if move.alias == alias), None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger.

    Attributes:
        number: from 1, without gaps.
        at: when, in UTC, as ISO 8601.
        change: the change; an entry that ends or resumes one repeats it.
        of: the number of the intent that this entry ends or resumes.
        previous: the hash of the entry before.
        hash: of all of these.
    """

    number: int
    kind: Kind
    at: str
    by: Author
    change: Change
    of: int | None
    previous: str
    hash: str

    @classmethod
    def make(cls, entries: Sequence[Entry], kind: Kind, by: Author, change: Change, of: int | None = None) -> Entry:
        """The entry that follows these."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        previous = entries[-1].hash if entries else START
        entry = cls(len(entries) + 1, kind, at, by, change, of, previous, "")
        return cls(entry.number, kind, at, by, change, of, previous, entry.digest())

    def digest(self) -> str:
        """The hash that the entry has to have."""
        return hash_value({key: value for key, value in self.to_record().items() if key != "hash"})

    def to_record(self) -> dict[str, Any]:
        """The entry as a JSON object; `parse` is its inverse."""
        moves = [_fields(move) for move in self.change.moves]
        return _fields(self) | {"by": _fields(self.by), "change": _fields(self.change) | {"moves": moves}}

    @classmethod
    def parse(cls, text: str) -> Entry:
        """Read an entry back; it may be any text that somebody put there.

        Raises:
            ValueError: it is no entry.
        """
        return _read(text)[0]

    @property
    def abandoned(self) -> bool:
        """Whether the process that made the entry is gone; of another host's, whether it had its time."""
        return not alive(self.by.process) if self.by.host == socket.gethostname() else self.age > LEASE

    @property
    def age(self) -> float:
        """Seconds since the entry was made."""
        return (datetime.now(UTC) - datetime.fromisoformat(self.at)).total_seconds()

    def __str__(self) -> str:
        moves = ", ".join(map(str, self.change.moves))
        return f"entry {self.number}, {self.at}, {self.by}: {self.change.model} {self.change.action}: {moves}"


def _fields(value: Author | Move | Change | Entry) -> dict[str, Any]:
    """The fields by name; `dataclasses.asdict` copies each value deeply, which took most of the time of a check."""
    return {name: getattr(value, name) for name in value.__slots__}


@lru_cache(_KNOWN)
def _read(text: str) -> tuple[Entry, bool]:
    """An entry, and whether its hash is its own."""
    try:
        record = json.loads(text)
        change = record["change"]
        moves = tuple(Move(**move) for move in change["moves"])
        parts = {"by": Author(**record["by"]), "change": Change(**(change | {"moves": moves}))}
        entry = Entry(**(record | parts))
        return entry, entry.hash == entry.digest()
    except (KeyError, TypeError) as error:
        raise ValueError(f"not an entry of the ledger: {error}") from error


def faults(texts: Mapping[int, str]) -> list[str]:
    """What is wrong with the chain, entry by entry; nothing if it is whole."""
    found, previous = [], START
    for number in sorted({*range(1, len(texts) + 1), *texts}):
        try:
            entry, whole = _read(texts[number])
        except KeyError:
            found.append(f"entry {number} is missing")
            continue
        except ValueError:
            found.append(f"entry {number} cannot be read")
            continue
        if not whole or entry.number != number:
            found.append(f"entry {number} is not what was written: its hash is another one")
        elif entry.previous != previous and not (found and found[-1].startswith(f"entry {number - 1} ")):
            found.append(f"entry {number} does not follow entry {number - 1}: that one was another when it was written")
        previous = entry.hash
    return found
