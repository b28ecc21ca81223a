"""What an audit finds: every item that was looked at, whether it is what it should be, and how to mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

RESTORE = "restore it from a backup, or make and register the version again"


class State(StrEnum):
    """What came of looking at an item."""

    RIGHT = "right"
    WRONG = "wrong"
    UNCHECKED = "unchecked"  # not there, or nothing to hold it against


@dataclass(frozen=True, slots=True)
class Finding:
    """One item of the chain.

    Attributes:
        place: where it was looked at: registry, evidence, run, workspace, cache, remote, storage, git, ledger.
        item: the exact file, tag, param or metric.
        state: whether it matches.
        what: what was found and what was expected, or why it was not checked; empty for what is right.
        mend: what to do about it.
    """

    place: str
    item: str
    state: State
    what: str = ""
    mend: str = ""

    @classmethod
    def right(cls, place: str, item: str) -> Finding:
        """An item that is what it should be."""
        return cls(place, item, State.RIGHT)

    @classmethod
    def wrong(cls, place: str, item: str, what: str, mend: str) -> Finding:
        """An item that does not match."""
        return cls(place, item, State.WRONG, what, mend)

    @classmethod
    def unchecked(cls, place: str, item: str, why: str) -> Finding:
        """An item that could not be looked at."""
        return cls(place, item, State.UNCHECKED, why)

    @classmethod
    def judged(cls, place: str, item: str, *, holds: bool, what: str, mend: str) -> Finding:
        """An item that is right if `holds`, and else wrong for the reason given."""
        return cls.right(place, item) if holds else cls.wrong(place, item, what, mend)


@dataclass(frozen=True, slots=True)
class Audit:
    """All findings about one version."""

    subject: str
    findings: tuple[Finding, ...]

    def of(self, state: State) -> Sequence[Finding]:
        """The findings in one state."""
        return [finding for finding in self.findings if finding.state is state]

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Place -> state -> how many items."""
        counted = Counter((finding.place, finding.state) for finding in self.findings)
        places = dict.fromkeys(finding.place for finding in self.findings)
        return {place: {state.value: counted[place, state] for state in State} for place in places}

    def to_record(self) -> dict[str, Any]:
        """The audit as a JSON object."""
        return {
            "subject": self.subject,
            "passed": not self.of(State.WRONG),
            "counts": self.counts,
            "findings": [asdict(finding) for finding in self.findings],
        }
