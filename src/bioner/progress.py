"""The one progress display: what is being done, how far, how fast, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

T = TypeVar("T")

_LOG_EVERY = 3.0


def console() -> Console:
    """Standard error: results go to standard output, talk does not."""
    return Console(stderr=True)


def track(items: Iterable[T], description: str, total: int, done: int = 0) -> Iterator[T]:
    """Yield the items while showing progress; `done` items were finished by an earlier, interrupted run.

    On a terminal this is a bar; in a log it is one plain line every few seconds, which `bioner run` shows.
    """
    screen = console()
    shown = _bar if screen.is_terminal else _lines
    yield from shown(items, description, total, done, screen)


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


def _lines(items: Iterable[T], description: str, total: int, done: int, screen: Console) -> Iterator[T]:
    began = shown = time.monotonic()
    for count, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - shown >= _LOG_EVERY or done + count == total:
            shown = now
            rate = count / max(now - began, 1e-9)
            left = max(total - done - count, 0) / rate
            screen.print(f"{description} {done + count}/{total}, {rate:.1f}/s, {left:.0f} s left", highlight=False)
