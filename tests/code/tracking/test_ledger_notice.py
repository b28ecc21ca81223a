"""Webhooks on loopback that fail, hang and trickle: the change stands, and nobody waits longer than a few seconds."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bioner.tracking import webhook
from bioner.tracking.ledger import Author, Change, Entry, Move
from bioner.tracking.ledger_notice import notify
from bioner.tracking.webhook import WEBHOOK

SECRET = "t0ken-in-the-address"  # pragma: allowlist secret
ENTRY = Entry.make([], "done", Author.here(), Change("m", (Move("champion", "1", "2"),), "promoted", "更好"), 1)


class Hook(ThreadingHTTPServer):
    """A webhook that answers as the path asks, and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[object] = []

    def url(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{behaviour}/{SECRET}"


class _Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(json.loads(body))
        behaviour = self.path.split("/")[1]
        if behaviour == "hang":
            time.sleep(5)
        elif behaviour == "trickle":
            for byte in b"HTTP/1.0 200 OK\r\n" + b"X: y\r\n" * 100:
                self.wfile.write(bytes([byte]))
                time.sleep(0.05)
        elif behaviour == "rubbish":
            self.wfile.write(b"\x00\xff no http at all\r\n\r\n")
        else:
            self.send_response(int(behaviour))
            self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_entry_is_sent_as_json(hook: Hook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv(WEBHOOK, hook.url("200"))
    notify(ENTRY)
    assert hook.received == [ENTRY.to_record()]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [("500", "500"), ("404", "404"), ("hang", "no answer"), ("trickle", "no answer"), ("rubbish", "")],
)
def test_webhook_that_misbehaves_is_named_without_its_address(
    hook: Hook, behaviour: str, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(webhook, "_PATIENCE", 0.5)
    monkeypatch.setenv(WEBHOOK, hook.url(behaviour))
    began = time.monotonic()
    notify(ENTRY)
    assert time.monotonic() - began < 4  # the hook takes five
    said = capsys.readouterr().err
    assert "this is in the ledger" in said
    assert says in said
    assert SECRET not in said


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/t0ken", "file:///etc/t0ken", "t0ken", "http://[t0ken"])
def test_address_where_nobody_listens_or_that_is_none_raises_nothing(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(WEBHOOK, url)
    notify(ENTRY)
    said = capsys.readouterr().err
    assert "this is in the ledger" in said
    assert "t0ken" not in said


def test_patience_is_a_few_seconds_and_nothing_is_sent_without_an_address(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(WEBHOOK, raising=False)
    notify(ENTRY)
    assert hook.received == []
    assert webhook._PATIENCE <= 3
