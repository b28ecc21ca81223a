"""A stage does not outlive the run that submitted it."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from bioner.processes import OWNER, mark

_STAGE = """
import time
from bioner.stages.guard import die_with_owner
die_with_owner()
print("up", flush=True)
time.sleep(float({seconds}))
print("done", flush=True)
"""


def _stage(seconds: float, owner: str | None) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name != OWNER}
    environment |= {OWNER: owner} if owner else {}
    command = [sys.executable, "-c", _STAGE.format(seconds=seconds)]
    stage = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert stage.stdout is not None
    assert stage.stdout.readline() == "up\n"
    return stage


@pytest.mark.slow
def test_a_stage_ends_within_seconds_of_its_killed_owner() -> None:
    owner = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
    stage = _stage(600, mark(owner.pid))
    time.sleep(0.7)
    assert stage.poll() is None
    owner.kill()  # and not waited for: a zombie is no owner either
    killed = time.monotonic()
    assert stage.wait(timeout=120) == 75
    assert time.monotonic() - killed < 60  # it would go on for ten minutes
    owner.wait()


def test_a_stage_whose_owner_was_gone_before_it_began_ends_at_once() -> None:
    dead = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)
    environment = os.environ | {OWNER: mark(dead.pid)}
    dead.communicate(b"\n")
    command = [sys.executable, "-c", _STAGE.format(seconds=600)]
    assert subprocess.run(command, env=environment, timeout=120, capture_output=True).returncode == 75


@pytest.mark.slow
def test_a_stage_with_a_living_owner_or_none_ends_by_itself() -> None:
    for owner in (mark(), None):
        stage = _stage(0.8, owner)
        assert stage.communicate(timeout=120)[0] == "done\n"
        assert stage.returncode == 0
