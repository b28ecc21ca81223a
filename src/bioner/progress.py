"""The one progress display: what is being done, how far, how fast, and how long it will still take.

What stands in a log as a line can be read back from it (`Pace.read`): that is how others learn how far a stage is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bioner.events import event, on

T = TypeVar("T")

_LOG_EVERY = 3.0
_EVENT_EVERY = 10.0  # seconds between two events of the structured log
_LINE = re.compile(r"(?P<what>.*) (?P<done>\d+)/(?P<total>\d+), (?P<rate>\d+\.\d)/s, (?P<left>\d+) s left")


@dataclass(frozen=True, slots=True)
class Pace:
    """How far something is.

    Attributes:
        what: what is being done.
        done: items that are finished, by this run or an earlier one, of `total`.
        per_second: items that this run finished in a second.
        seconds_left: at this speed.
    """

    what: str
    done: int
    total: int
    per_second: float
    seconds_left: float

    def __str__(self) -> str:
        return f"{self.what} {self.done}/{self.total}, {self.per_second:.1f}/s, {self.seconds_left:.0f} s left"

    @classmethod
    def read(cls, line: str) -> Pace | None:
        """What such a line says; `None` if it is another."""
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        return cls(found["what"], int(found["done"]), int(found["total"]), float(found["rate"]), float(found["left"]))


def console() -> Console:
    """Standard error: results go to standard output, talk does not."""
    return Console(stderr=True)


def track(items: Iterable[T], description: str, total: int, done: int = 0) -> Iterator[T]:
    """Yield the items while showing progress; `done` items were finished by an earlier, interrupted run.

    On a terminal this is a bar; in a log it is one plain line every few seconds, which `bioner run` shows.
    """
    screen = console()
    if on():
        items = _told(items, description, total, done, every=_EVENT_EVERY, tell=_event)
    if screen.is_terminal:
        yield from _bar(items, description, total, done, screen)
    else:
        told = _told(items, description, total, done, every=_LOG_EVERY, tell=lambda pace: _print(screen, pace))
        yield from told


def _bar(items: Iterable[T], description: str, total: int, done: int, screen: Console) -> Iterator[T]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen) as progress:
        task = progress.add_task(description, total=total, completed=done)
        for item in items:
            yield item
            progress.advance(task)


def _told(
    items: Iterable[T], description: str, total: int, done: int, *, every: float, tell: Callable[[Pace], None]
) -> Iterator[T]:
    began = told = time.monotonic()
    for count, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - told >= every or done + count == total:
            told = now
            rate = count / max(now - began, 1e-9)
            tell(Pace(description, done + count, total, rate, max(total - done - count, 0) / rate))


def _print(screen: Console, pace: Pace) -> None:
    screen.print(str(pace), highlight=False, markup=False, soft_wrap=True)  # a line in two could not be read back


def _event(pace: Pace) -> None:
    event("progress", str(pace), **asdict(pace))
