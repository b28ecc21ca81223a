"""The board: shows what the stages of a run are doing, on a terminal as a live table, in a log as lines."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bioner.pipeline.record import Done, Record, last_line, log_of, recorded
from bioner.pipeline.workspace import Workspace
from bioner.progress import console

_EVERY = 0.5
_TALK = 15.0  # seconds between two lines of a running stage in a log
_COLOURS = {Done.RUNNING: "yellow", Done.FAILED: "red"}


@contextmanager
def board(workspace: Workspace, stages: Sequence[str]) -> Iterator[None]:
    """Show the progress of these stages while the block runs."""
    screen, since = console(), time.time()
    if screen.is_terminal:
        with Live(get_renderable=lambda: _table(workspace, stages, since), console=screen, transient=True):
            yield
        return
    over = threading.Event()
    thread = threading.Thread(target=_talk, args=(workspace, stages, since, screen, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _table(workspace: Workspace, stages: Sequence[str], since: float) -> Table:
    records = recorded(workspace, stages, since)
    table = Table("stage", "state", "seconds", "now", box=None)
    for stage in stages:
        record = records.get(stage)
        if record is None:
            table.add_row(f"[dim]{stage}", "[dim]waiting", "", "")
            continue
        running = record.done is Done.RUNNING
        seconds = time.time() - record.began if running else record.seconds
        now = last_line(log_of(workspace, stage)) if running else ""
        colour = _COLOURS.get(record.done, "green")
        table.add_row(stage, f"[{colour}]{record.done}", f"{seconds:.0f}", Text(now))
    return table


def _talk(workspace: Workspace, stages: Sequence[str], since: float, screen: Console, over: threading.Event) -> None:
    shown: dict[str, Record] = {}
    spoke = time.time()
    ended = False
    while not ended:
        ended = over.wait(_EVERY)
        records = recorded(workspace, stages, since)
        for stage, record in records.items():
            if shown.get(stage) != record:
                shown[stage] = record
                seconds = "" if record.done is Done.RUNNING else f" in {record.seconds:.0f} s"
                screen.print(f"{stage}: {record.done}{seconds}", highlight=False)
        if time.time() - spoke > _TALK:
            spoke = time.time()
            for stage in (s for s, r in records.items() if r.done is Done.RUNNING):
                screen.print(f"  {stage}: {last_line(log_of(workspace, stage))}", highlight=False, markup=False)
