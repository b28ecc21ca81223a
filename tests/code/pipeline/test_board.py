"""The board shows what stages do while they do it, on a terminal and in a log."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bioner.files import atomic_write
from bioner.pipeline import board as module
from bioner.pipeline.board import board
from bioner.pipeline.record import Done, Record, keep, log_of
from bioner.pipeline.workspace import Workspace

Wait = Callable[[str], str]


@pytest.fixture
def until(capsys: pytest.CaptureFixture[str]) -> Wait:
    """Waits until a text was shown, and gives all that was shown so far."""
    shown: list[str] = []

    def wait(text: str) -> str:
        end = time.monotonic() + 20
        while text not in "".join(shown) and time.monotonic() < end:
            time.sleep(0.05)
            shown.append(capsys.readouterr().err)
        return "".join(shown)

    return wait


def talk(workspace: Workspace, stage: str, line: str) -> None:
    with atomic_write(log_of(workspace, stage)) as out:
        out.write(line + "\n")


def test_a_log_says_when_a_stage_begins_and_ends(tmp_path: Path, until: Wait) -> None:
    workspace = Workspace(tmp_path)
    keep(workspace, Record("ingest", Done.RAN, time.time() - 500, 3.0))
    with board(workspace, ["ingest", "curate", "tagger"]):
        keep(workspace, Record("curate", Done.RUNNING, time.time()))
        until("curate: running")
        keep(workspace, Record("curate", Done.RAN, time.time(), 7.3))
        keep(workspace, Record("tagger", Done.FAILED, time.time(), 0.2))
    assert until("tagger: failed").splitlines() == ["curate: running", "curate: ran in 7 s", "tagger: failed in 0 s"]


def test_a_log_repeats_the_last_line_of_a_running_stage(
    tmp_path: Path, until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TALK", 0.1)
    workspace = Workspace(tmp_path)
    with board(workspace, ["tagger"]):
        keep(workspace, Record("tagger", Done.RUNNING, time.time()))
        talk(workspace, "tagger", "training [/loss] 7/9")
        assert "  tagger: training [/loss] 7/9\n" in until("7/9")


def test_a_terminal_shows_every_stage_and_any_text(
    tmp_path: Path, until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    workspace = Workspace(tmp_path)
    keep(workspace, Record("curate", Done.CACHED, time.time() + 60))
    keep(workspace, Record("tagger", Done.RUNNING, time.time() + 60))
    talk(workspace, "tagger", "training [/loss] [bold]7/9")
    with board(workspace, ["curate", "tagger", "report"]):
        shown = until("report")
    for part in ("curate", "cached", "tagger", "running", "training [/loss] [bold]7/9", "report", "waiting"):
        assert part in shown


def test_an_error_while_the_board_is_up_is_the_callers(tmp_path: Path) -> None:
    with pytest.raises(KeyError), board(Workspace(tmp_path), ["curate"]):
        raise KeyError
