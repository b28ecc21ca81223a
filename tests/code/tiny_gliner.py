"""The folder of a GLiNER that is real but tiny, and the service around it as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tiny_encoder import make_tiny_encoder

from bioner.config import Variant
from bioner.entity_types import EntityTypes
from bioner.gliner.backbone import open_base
from bioner.gliner.folder import Manifest, write_folder
from bioner.gliner.overlap import Overlap

TYPES = EntityTypes.of_words(["disease", "drug"])


def make_tiny_gliner(
    folder: Path, threshold: float = 0.0, overlap: Overlap = Overlap.FLAT, seed: int = 7, types: EntityTypes = TYPES
) -> Path:
    """Write a model with random weights into an existing folder; at threshold 0 it finds something in every text."""
    encoder = make_tiny_encoder(folder / "encoder", seed)
    settings = {"max_width": 6, "max_words": 30, "max_types": 5, "dropout": 0.1}
    model = open_base(Variant(encoder=f"path:{encoder}", **settings))
    target = folder / "model"
    target.mkdir()
    write_folder(target, model, Manifest("path:base", types, threshold, overlap, 30, 5))
    return target


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        """The body, which is JSON."""
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.raw)


@dataclass(frozen=True, slots=True)
class Running:
    """A service that runs."""

    process: subprocess.Popen[str]
    host: str
    port: int
    log: Path

    def ask(
        self, path: str, body: Any = None, method: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own; a body that is not bytes is sent as JSON."""
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = HTTPConnection(self.host, self.port, timeout=120)
        try:
            connection.request(method or ("GET" if body is None else "POST"), path, raw, dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def wait(self, seconds: float = 120) -> None:
        """Until the model is loaded."""
        until = time.monotonic() + seconds
        while self.ask("/ready").status != 200:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until
            time.sleep(0.1)


@contextmanager
def served(model: str, log: Path, *options: str, token: str | None = None) -> Iterator[Running]:
    """`bioner serve` on a free port, as a process; killed at the end if it still runs."""
    environment = {name: value for name, value in os.environ.items() if name != "BIONER_SERVE_TOKEN"}
    if token is not None:
        environment["BIONER_SERVE_TOKEN"] = token
    with running(log, "serve", "--model", model, *options, environment=environment) as service:
        yield service


@contextmanager
def running(log: Path, *command: str, environment: Mapping[str, str] = os.environ) -> Iterator[Running]:
    """A verb of `bioner` that serves, on a free port and as a process; killed at the end if it still runs."""
    program = [sys.executable, "-c", "from bioner.cli import main; main()", *command, "--port", "0", "--json"]
    with log.open("w") as errors:
        process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
    with process:
        try:
            assert process.stdout is not None
            said = "".join(iter(process.stdout.readline, "}\n")) + "}"
            host, _, port = json.loads(said)["url"].removeprefix("http://").rpartition(":")
            yield Running(process, host.replace("0.0.0.0", "127.0.0.1"), int(port), log)
        finally:
            if process.poll() is None:
                process.kill()
