"""Pages as a stranger sees them: clocks, passwords, and servers that do not answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from email.utils import formatdate

import pytest

from bioner.doctor import pages
from bioner.doctor.finding import State
from bioner.doctor.pages import Answer, ask, clock, guarded

Serve = Callable[..., str]


def test_an_answer_has_status_and_clock(serve: Serve) -> None:
    answer = ask(serve(401, Date=formatdate(time.time() + 30, usegmt=True)))
    assert answer.status == 401
    assert answer.ahead == pytest.approx(30, abs=1.5)
    assert ask(serve(Date="yesterday")).ahead is None
    assert ask(serve().replace("http://", "http://user:pass-word@")).status == 200  # pragma: allowlist secret
    assert ask(serve()).ahead is None


def test_who_does_not_answer_is_told_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setattr(pages, "_SECONDS", 0.2)
        began = time.monotonic()
        assert "timed out" in ask(f"http://127.0.0.1:{port}").problem
        assert time.monotonic() - began < 30  # it would wait for ever
    assert "refused" in ask(f"http://127.0.0.1:{port}").problem
    assert ask("file:///etc/passwd").status is None


@pytest.mark.parametrize(
    ("ahead", "state"),
    [(0.0, State.OK), (-4.0, State.OK), (20.0, State.WARNING), (-61.0, State.FAILURE), (3600.0, State.FAILURE)],
)
def test_clocks_that_are_apart_are_found(ahead: float, state: State) -> None:
    (finding,) = clock("MLflow", Answer(200, ahead))
    assert finding.state is state
    assert (finding.mend == "") is (state is State.OK)


def test_a_page_that_lets_strangers_in_is_a_failure_off_loopback_only(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = serve(200)
    assert list(guarded("MLflow", url, "/", "mend it")) == []
    monkeypatch.setattr(pages, "is_local", lambda _: False)
    assert [f.state for f in guarded("MLflow", url, "/", "mend it")] == [State.FAILURE, State.WARNING]
    assert [f.state for f in guarded("MLflow", serve(401), "/", "mend it")] == [State.WARNING]
