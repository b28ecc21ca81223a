"""Runs of one profile take turns: the second waits for the first, and gives up when its time is up."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from bioner.errors import StageError
from bioner.pipeline.exclusive import hold


@pytest.fixture
def held(tiny_project: Path, monkeypatch: pytest.MonkeyPatch, repository: Path) -> Path:
    """A project, and the lock of the turn of its main checkout."""
    monkeypatch.syspath_prepend(str(repository))
    monkeypatch.chdir(tiny_project)
    return tiny_project / ".bioner/scheduled/main.turn"


@pytest.mark.slow
def test_the_second_waits_for_the_first_and_gives_up_in_time(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.logging import disable_run_logger

    from flows import turn

    monkeypatch.setattr(turn, "_EVERY", 0.05)
    monkeypatch.setattr(turn, "open_checkout", lambda *_: hold(held.with_suffix(".other"), "", "", ""))
    begun, over = threading.Event(), threading.Event()

    def first() -> None:
        with hold(held, "held", "", ""):
            begun.set()
            over.wait(30)

    other = threading.Thread(target=first)
    other.start()
    begun.wait(30)
    with disable_run_logger():
        with (
            pytest.raises(StageError, match="another run has the checkout of main"),
            turn.turn(None, "b", "r", hours=0),
        ):
            pass
        with turn.turn("another", "b", "r", hours=0):
            pass
        threading.Timer(0.4, over.set).start()
        began = time.monotonic()
        with turn.turn(None, "b", "r", hours=0.01):
            assert time.monotonic() - began >= 0.3
            assert over.is_set()
    other.join()
