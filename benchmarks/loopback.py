"""An endpoint on loopback that costs next to nothing: it answers after a fixed time, whatever it is asked."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlsplit

LATENCY = 0.05
CONCURRENCY = 64
ENTITIES = ("metformin", "lactic acidosis", "Renal failure")  # the last one is in other letters than the texts have it

_LENGTH = b"content-length:"
_ABSENT = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"  # it has no list of models


@contextmanager
def server() -> Iterator[str]:
    """The address of an endpoint in a process of its own, which is gone when the block ends."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/v1"
    finally:
        process.terminate()
        process.join()


def bare(url: str, number: int) -> int:
    """Ask so often, always the same, and read nothing of the answers: what the server and the machine can."""
    return asyncio.run(_bare(url, number))


def _answer() -> bytes:
    entities = [{"id": n, "text": text, "type": "drug" if n == 0 else "disease"} for n, text in enumerate(ENTITIES)]
    message = {"role": "assistant", "content": json.dumps({"entities": entities})}
    value = {
        "id": "chat-0",
        "object": "chat.completion",
        "model": "invented",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 700, "completion_tokens": 60, "total_tokens": 760},
    }
    body = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class _Endpoint(asyncio.Protocol):
    """Reads no more of a request than where it ends; one request at a time on a connection, as HTTP/1.1 has it."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._received[:end]).lower()
        length = int(head.partition(_LENGTH)[2].partition(b"\r\n")[0] or 0)
        if len(self._received) >= end + 4 + length:
            asked = head.startswith(b"post")
            self._received.clear()
            asyncio.get_running_loop().call_later(LATENCY if asked else 0, self._say, asked)

    def _say(self, asked: bool) -> None:
        self._transport.write(self._answer if asked else _ABSENT)


def _serve(parent: Connection) -> None:
    async def run() -> None:
        answer = _answer()
        listening = await asyncio.get_running_loop().create_server(lambda: _Endpoint(answer), "127.0.0.1", backlog=512)
        parent.send(listening.sockets[0].getsockname()[1])
        await listening.serve_forever()

    asyncio.run(run())


class _Bare(asyncio.Protocol):
    """Sends the next request when an answer is there."""

    def __init__(self, request: bytes, left: list[int], done: asyncio.Event) -> None:
        self._request, self._left, self._done = request, left, done

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"}"):
            self._next()

    def _next(self) -> None:
        if self._left[0]:
            self._left[0] -= 1
            self._transport.write(self._request)
        else:
            self._transport.close()
            self._left[1] -= 1
            if not self._left[1]:
                self._done.set()


async def _bare(url: str, number: int) -> int:
    address = urlsplit(url)
    body = b"x" * 3000
    request = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    left, done = [number, CONCURRENCY], asyncio.Event()
    loop = asyncio.get_running_loop()
    for _ in range(CONCURRENCY):
        await loop.create_connection(lambda: _Bare(request, left, done), address.hostname, address.port)
    await done.wait()
    return number
