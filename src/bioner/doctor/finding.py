"""What a check of the doctor found: a state, a sentence, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class State(StrEnum):
    """How serious a finding is: with a failure something will not work, with a warning it may not."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        state: how it is.
        what: in one sentence, without secrets.
        mend: what to do about it; empty where all is well.
    """

    state: State
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: what is looked at.
        look: looks at it for the project in a folder; an exception is a failure that has no finding of its own.
        mend: what to do about such an exception, or if there is no answer in time.
    """

    name: str
    look: Callable[[Path], Iterable[Finding]]
    mend: str


def good(what: str) -> Finding:
    """All is well."""
    return Finding(State.OK, what)


def warning(what: str, mend: str) -> Finding:
    """Something that may not work, or not for long."""
    return Finding(State.WARNING, what, mend)


def failure(what: str, mend: str) -> Finding:
    """Something that will not work."""
    return Finding(State.FAILURE, what, mend)


def by_size(value: float, least: float, enough: float, what: str, mend: str) -> Finding:
    """A finding about a size: below `least` a failure, below `enough` a warning."""
    if value >= enough:
        return good(what)
    return failure(what, mend) if value < least else warning(what, mend)
