"""The progress display yields what it is given, and says how far it is, in a log and on a terminal."""

from __future__ import annotations

import pytest

from bioner import progress
from bioner.progress import track


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
