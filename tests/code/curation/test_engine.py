"""Tests of where chunks of work are done: everywhere with the same results, in order, and not all at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from bioner.config import Engine
from bioner.curation.engine import ordered
from bioner.errors import ConfigError

CHUNKS = [[number, number + 1] for number in range(40)]


def _total(chunk: list[int]) -> tuple[int, int]:
    return sum(chunk), os.getpid()


def _fail(chunk: list[int]) -> int:
    raise ConfigError(f"chunk {chunk[0]}", where="there", mend="this")


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order(workers: int) -> None:
    found = list(ordered(_total, CHUNKS, "processes", workers))
    assert [total for total, _ in found] == [sum(chunk) for chunk in CHUNKS]
    assert ({pid for _, pid in found} == {os.getpid()}) is (workers == 1)


@pytest.mark.slow
def test_chunks_are_taken_as_they_are_needed() -> None:
    taken = 0

    def chunks() -> Iterator[list[int]]:
        nonlocal taken
        for chunk in CHUNKS:
            taken += 1
            yield chunk

    results = ordered(_total, chunks(), "processes", 2)
    next(results)
    assert taken <= 5
    assert len(list(results)) == len(CHUNKS) - 1


def test_an_error_of_a_worker_comes_back() -> None:
    with pytest.raises(ConfigError, match="chunk 0") as caught:
        list(ordered(_fail, CHUNKS, "processes", 2))
    assert caught.value.mend == "this"


@pytest.mark.slow
def test_workers_end_with_a_process_that_is_killed() -> None:
    code = (
        "import time; from bioner.curation.engine import ordered;list(ordered(time.sleep, [300, 300], 'processes', 2))"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as owner:
        children: list[psutil.Process] = []
        while len(children) < 3 and owner.poll() is None:  # two workers, and the tracker of their semaphores
            time.sleep(0.1)
            children = psutil.Process(owner.pid).children(recursive=True)
        time.sleep(1)
        owner.kill()
    _, alive = psutil.wait_procs(children, timeout=120)
    for process in alive:
        process.kill()
    assert len(children) == 3
    assert not alive


def test_without_ray_the_mend_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    engine: Engine = "ray"
    with pytest.raises(ConfigError, match="Ray is not installed") as caught:
        list(ordered(_total, CHUNKS, engine, 1))
    assert "bioner-foundry[ray]" in caught.value.mend


@pytest.mark.slow
def test_ray_gives_the_same_results() -> None:
    def total(chunk: list[int]) -> tuple[int, int]:  # Ray sends it whole: its workers do not know this module
        return sum(chunk), os.getpid()

    found = list(ordered(total, CHUNKS, "ray", 2))
    assert [total for total, _ in found] == [sum(chunk) for chunk in CHUNKS]
    assert os.getpid() not in {pid for _, pid in found}
