"""The progress display yields what it is given, and says how far it is, in a log and on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bioner import progress
from bioner.progress import Pace, track


@pytest.mark.parametrize("terminal", [False, True])
def test_items_pass_through_in_order(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR" if terminal else "NO_COLOR", "1")
    assert list(track(iter("abc"), "reading", 3)) == list("abc")
    output = capsys.readouterr()
    assert "reading" in output.err
    assert "3/3" in output.err
    assert not output.out


def test_a_log_counts_from_what_an_earlier_run_did(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_LOG_EVERY", 0.0)
    assert list(track([3, 4], "training", 5, done=3)) == [3, 4]
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in lines] == ["training 4/5", "training 5/5"]
    assert lines[-1].endswith("0 s left")


def test_a_line_of_a_log_can_be_read_back_however_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_LOG_EVERY", 0.0)
    what = "annotate [a file] of 100/200, with a name that is longer than any screen is wide " * 2
    list(track([3, 4], what, 5, done=3))
    paces = [Pace.read(line) for line in capsys.readouterr().err.splitlines()]
    assert [(pace.what, pace.done, pace.total) for pace in paces if pace] == [(what, 4, 5), (what, 5, 5)]
    assert Pace.read("annotating 30/400, 12.5/s, 30 s left") == Pace("annotating", 30, 400, 12.5, 30.0)
    assert Pace.read("annotating 30/400 texts") is None


@pytest.mark.parametrize("terminal", [False, True])
def test_the_structured_log_has_the_progress_too(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, event_log: Callable[[], list[dict[str, Any]]]
) -> None:
    monkeypatch.setenv("FORCE_COLOR" if terminal else "NO_COLOR", "1")
    list(track(range(10), "counting", 20, done=10))
    (told,) = event_log()
    assert (told["event"], told["what"], told["done"], told["total"]) == ("progress", "counting", 20, 20)
    assert (told["seconds_left"], told["per_second"] > 0) == (0, True)


def test_a_log_is_quiet_in_between(capsys: pytest.CaptureFixture[str]) -> None:
    list(track(range(1000), "counting", 1000))
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_nothing_to_do_is_nothing_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track([], "reading", 0)) == []
    assert not capsys.readouterr().err


def test_an_error_in_the_loop_is_the_callers() -> None:
    with pytest.raises(KeyError):
        for _ in track([1, 2], "reading", 2):
            raise KeyError
