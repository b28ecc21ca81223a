"""Processes that change aliases at once and are killed at random: the ledger stays whole, and the registry agrees.

`BIONER_LEDGER_CHANGES=1000` makes as many changes instead of forty.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from alias_changes import NAMES, change_for_ever, make_versions
from killing import forkserver
from projects import Project

from bioner.tracking.ledger import Entry
from bioner.tracking.ledger_changes import settle
from bioner.tracking.ledger_state import pending
from bioner.tracking.ledger_store import Ledger
from bioner.tracking.ledger_verify import verify

CHANGES = int(os.environ.get("BIONER_LEDGER_CHANGES", "40"))
PROCESSES = 4


@pytest.mark.slow
def test_chain_is_whole_and_registry_agrees_after_kills(bare_project: Project) -> None:
    store = make_versions(bare_project.root)
    ledger, rng = Ledger(store), random.Random(3)
    kills = run_and_kill(bare_project.root, ledger, rng)
    left = pending(ledger.entries())
    settled = settle(store)
    assert len(settled) == len(left)
    found = verify(store)
    assert found.problems == ()
    assert found.outside == ()
    entries = ledger.entries()
    kinds = Counter(entry.kind for entry in entries)
    print(f"{kills} kills, {found.entries} entries: {dict(kinds)}, {len(left)} left by the last ones")
    assert kinds["intended"] == kinds["done"] + kinds["void"]
    assert kinds["done"] >= CHANGES
    assert {entry.change.model for entry in entries} == set(NAMES)


def run_and_kill(root: Path, ledger: Ledger, rng: random.Random) -> int:
    """Let processes change aliases, killing one after the other, until there are enough changes by enough of them."""
    server = forkserver(["alias_changes", "mlflow", "mlflow.store.model_registry.sqlalchemy_store"])
    seeds = iter(range(1_000_000))

    def start() -> Any:
        process = server.Process(target=change_for_ever, args=(str(root), next(seeds)))
        process.start()
        return process

    workers, kills = [start() for _ in range(PROCESSES)], 0
    try:
        while not _enough(ledger.entries()):
            time.sleep(rng.uniform(0.5, 1.5 + CHANGES / 250))  # a new process takes a second until it changes anything
            victim = rng.randrange(PROCESSES)
            workers[victim].kill()
            workers[victim].join()
            assert workers[victim].exitcode == -9, "a worker ended by itself"
            workers[victim], kills = start(), kills + 1
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    return kills


def _enough(entries: Sequence[Entry]) -> bool:
    """On a slow machine a new process may be killed before it changes anything."""
    writers = {entry.by.process for entry in entries}
    return sum(entry.kind == "done" for entry in entries) >= CHANGES and len(writers) > PROCESSES
