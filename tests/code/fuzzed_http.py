"""Requests that no client of ours would send, to an endpoint of a service that runs."""

from __future__ import annotations

import json
import os
import re
import socket
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_gliner import Running

COUNT = int(os.environ.get("BIONER_FUZZ", "200"))  # requests to each endpoint
_FUZZED = settings(
    max_examples=COUNT,
    deadline=None,
    database=None,
    derandomize="BIONER_FUZZ" not in os.environ,  # always the same few, unless more are asked for
    suppress_health_check=list(HealthCheck),
)
_PATIENCE = 300.0  # seconds; who answers no sooner hangs, on the slowest machine too
_STATUS = re.compile(rb"^HTTP/1\.1 (\d{3}) ", re.MULTILINE)
_TOKEN = string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~"  # what a method and a header's name are made of
_NAMES = ["accept", "authorization", "content-type", "content-encoding", "cookie", "origin", "range", "upgrade", "x-a"]
_METHODS = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "PROPFIND"]

_values = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)
_headers = st.lists(
    st.tuples(st.one_of(st.sampled_from(_NAMES), st.text(_TOKEN, min_size=1, max_size=12)), _values), max_size=4
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def bombard(
    running: Running, method: str, path: str, body: st.SearchStrategy[bytes], token: str, *, open_to_all: bool = False
) -> None:
    """Send `COUNT` requests: no 5xx, no hang, a refusal to every stranger, and the process goes on.

    Args:
        method: the right one.
        path: of the endpoint.
        body: what is sent to it.
        token: the header that strangers do not know.
        open_to_all: whether strangers are not refused.
    """
    seen: Counter[int] = Counter()

    @_FUZZED
    @given(_requests(method, path, body, token))
    def send(request: _Raw) -> None:
        answered = _statuses(running.host, running.port, request)
        assert answered or not request.whole
        assert max(answered, default=0) < 500
        if not request.known and not open_to_all:
            assert min(answered, default=400) >= 400
        seen.update(answered)

    send()
    assert running.process.poll() is None
    assert "Traceback" not in running.log.read_text()
    assert seen[200] > seen.total() // 20  # it was asked in earnest, too
    print(path, dict(sorted(seen.items())))


@dataclass(frozen=True, slots=True)
class _Raw:
    """A request as bytes.

    Attributes:
        whole: its body is as long as it says; of any other, the answer is not waited for, as there may be none.
        known: it shows the token.
    """

    data: bytes
    whole: bool
    known: bool


def bodies(right: st.SearchStrategy[dict[str, Any]], keys: Sequence[str]) -> st.SearchStrategy[bytes]:
    """Bodies: right ones, such with something else in some keys, any JSON, parts of all these, and any bytes."""
    wrong = st.builds(lambda good, bad: good | bad, right, st.dictionaries(st.sampled_from([*keys, "x"]), _json))
    objects = _mostly(right, wrong | _json).map(lambda value: json.dumps(value).encode())
    torn = st.builds(lambda body, at: body[: at % (len(body) + 1)], objects, st.integers(0, 1 << 10))
    return _mostly(objects, torn | st.binary(max_size=200))


def _mostly(often: st.SearchStrategy[Any], seldom: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The one in five of six draws, else the other."""
    return st.integers(0, 5).flatmap(lambda drawn: seldom if drawn == 1 else often)


@st.composite
def _requests(draw: st.DrawFn, method: str, path: str, body: st.SearchStrategy[bytes], token: str) -> _Raw:
    """A request to an endpoint, most of them with the method and the path that it has, and with the token's header."""
    way = draw(_mostly(st.just(method), st.sampled_from(_METHODS) | st.text(_TOKEN, min_size=1)))
    target = path + draw(_mostly(st.just(""), _tails()))
    known = draw(_mostly(st.just(True), st.just(False)))
    lines = [f"{way} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [token] if known else []
    taken = token.partition(":")[0].lower()
    lines += [f"{name}: {value}" for name, value in draw(_headers) if not known or name.lower() != taken]
    content = draw(body)
    framing = draw(_mostly(st.sampled_from(["length", "chunks"]), st.sampled_from(["none", "more", "no number"])))
    match framing:
        case "length":
            lines.append(f"Content-Length: {len(content)}")
        case "more":
            lines.append(f"Content-Length: {len(content) + 1 + draw(st.integers(0, 1 << 40))}")
        case "no number":
            lines.append(f"Content-Length: {draw(st.sampled_from(['-1', '1e3', '0x10', '', '1, 2', '9' * 40]))}")
        case "chunks":
            lines.append("Transfer-Encoding: chunked")
            content = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (content[:7], content[7:]) if part)
            content += b"0\r\n\r\n"
    data = "\r\n".join([*lines, "", ""]).encode("latin-1") + content
    return _Raw(data, framing in {"length", "chunks"}, known)


def _tails() -> st.SearchStrategy[str]:
    """What may stand after a path: queries, escapes, dots, and what is no path at all."""
    printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
    odd = st.sampled_from(["/", "//", "/../model", "%00", "%2e%2e/", "?", "?a=1&a=2", "#x", ";a", "%zz", "%ff"])
    return st.one_of(odd, printable, printable.map(lambda text: f"?{text}"))


def _statuses(host: str, port: int, request: _Raw) -> list[int]:
    """The statuses of all that is answered to a request until the server closes the connection.

    Raises:
        TimeoutError: it hangs.
    """
    answer = b""
    with socket.create_connection((host, port), timeout=_PATIENCE) as line:
        try:
            line.sendall(request.data)
            while request.whole and (part := line.recv(1 << 16)):
                answer += part
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has answered, and reads no more of what it refused
    return [int(status) for status in _STATUS.findall(answer)]
