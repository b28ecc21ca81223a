"""How many requests a service answers, and how fast: clients that ask without a pause, for some time.

Each client keeps one connection, as a program would. The texts are made up of words that the options do not change.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import numpy as np
from common import hardware
from rich.console import Console
from rich.table import Table

from bioner.files import write_json

_WORDS = (
    "the patient with severe chronic asthma was given low dose aspirin and developed acute gastric bleeding after "
    "mutations of a receptor gene in liver cells from two families were found to reduce binding of insulin"
)
_ANSWERED = 200


@dataclass(frozen=True, slots=True)
class Load:
    """What the service stood.

    Attributes:
        statuses: how many answers had which status; 0 is a connection that failed, -200 an answer that lacks documents.
        p50, p95, p99: seconds from request to answer.
        exit_code: of the service, after SIGTERM.
    """

    model: str
    hardware: str
    clients: int
    seconds: float
    documents: int
    requests_per_second: float
    p50: float
    p95: float
    p99: float
    statuses: dict[int, int]
    exit_code: int

    @property
    def errors(self) -> int:
        """Requests without an answer."""
        return sum(count for status, count in self.statuses.items() if status != _ANSWERED)


def main() -> None:
    """Start the service, ask, end it, print."""
    chosen = _options()
    command = [sys.executable, "-c", "from bioner.cli import main; main()", "serve"]
    command += ["--model", chosen.model, "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        try:
            said = "".join(iter(service.stdout.readline, "}\n")) if service.stdout else ""
            place = urlsplit(json.loads(said + "}")["url"]).netloc
            _wait(place, service)
            began = time.perf_counter()
            times, statuses = _ask(place, chosen)
            took = time.perf_counter() - began
            service.send_signal(signal.SIGTERM)
            code = service.wait(120)
        finally:
            if service.poll() is None:
                service.kill()
    p50, p95, p99 = (float(f"{p:.4g}") for p in np.percentile(times, (50, 95, 99)))
    rate = float(f"{len(times) / took:.4g}")
    load = Load(
        chosen.model, hardware(), chosen.clients, took, chosen.documents, rate, p50, p95, p99, dict(statuses), code
    )
    _show(load, chosen.json)
    sys.exit(bool(load.errors or code))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, metavar="REF", help="reference of the model")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--documents", type=int, default=1, help="sentences in each request")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result to this file as well")
    return parser.parse_args()


def _wait(place: str, service: subprocess.Popen[str]) -> None:
    """Until the model is loaded."""
    while service.poll() is None:
        connection = HTTPConnection(place)
        connection.request("GET", "/ready")
        if connection.getresponse().status == _ANSWERED:
            return
        time.sleep(0.1)
    raise SystemExit("the service ended by itself")


def _ask(place: str, chosen: argparse.Namespace) -> tuple[list[float], Counter[int]]:
    """Seconds of all answers, and their statuses; the clients share a few processes of their own."""
    workers = min(chosen.clients, max(1, (os.cpu_count() or 1) // 2))
    shares = [range(first, chosen.clients, workers) for first in range(workers)]
    with ProcessPoolExecutor(workers) as pool:
        found = list(pool.map(partial(_clients, place, chosen.seconds, chosen.documents), shares))
    return [one for times, _ in found for one in times], sum((statuses for _, statuses in found), Counter())


def _clients(place: str, seconds: float, documents: int, numbers: Sequence[int]) -> tuple[list[float], Counter[int]]:
    """The clients of one process, each a thread."""
    answers: list[tuple[float, int]] = []
    until = time.perf_counter() + seconds

    def client(number: int) -> None:
        rng = random.Random(number)
        connection = HTTPConnection(place, timeout=120)
        while time.perf_counter() < until:
            texts = [" ".join(rng.choices(_WORDS.split(), k=rng.randint(10, 40))) for _ in range(documents)]
            began = time.perf_counter()
            try:
                connection.request("POST", "/predict", json.dumps({"texts": texts}))
                answer = connection.getresponse()
                whole = len(json.loads(answer.read()).get("documents", ())) == documents
                status = answer.status if whole else -answer.status
            except (OSError, HTTPException):
                status = 0
                connection.close()
            answers.append((time.perf_counter() - began, status))

    threads = [Thread(target=client, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [took for took, _ in answers], Counter(status for _, status in answers)


def _show(load: Load, file: Path | None) -> None:
    table = Table("", "", title=f"{load.clients} clients for {load.seconds:.0f} s", caption=load.hardware)
    table.add_row("requests a second", f"{load.requests_per_second:g}")
    table.add_row("seconds: p50, p95, p99", f"{load.p50:g}, {load.p95:g}, {load.p99:g}")
    table.add_row("answers by status", ", ".join(f"{status}: {n}" for status, n in sorted(load.statuses.items())))
    table.add_row("errors", str(load.errors))
    table.add_row("exit code after SIGTERM", str(load.exit_code))
    Console().print(table)
    if file:
        write_json(file, asdict(load))


if __name__ == "__main__":
    main()
