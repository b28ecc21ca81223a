"""Cores are lent to as many as there are for, and a stage that asks for more than all gets all."""

from __future__ import annotations

import threading
import time

import pytest

from bioner.pipeline.cores import Cores


@pytest.mark.parametrize(("asked", "most"), [(1, 4), (2, 2), (3, 1), (9, 1)])
def test_as_many_work_side_by_side_as_there_are_cores_for(asked: int, most: int) -> None:
    cores, lock, at_work, seen = Cores(4), threading.Lock(), 0, []

    def work() -> None:
        nonlocal at_work
        with cores.taking(asked):
            with lock:
                at_work += 1
                seen.append(at_work)
            time.sleep(0.02)
            with lock:
                at_work -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert max(seen) == most


def test_a_failure_gives_its_cores_back() -> None:
    cores = Cores(1)
    for _ in range(2):
        with pytest.raises(ValueError, match="no data"), cores.taking(1):
            raise ValueError("no data")


def test_the_machine_has_cores() -> None:
    assert Cores.of_machine().total >= 1
