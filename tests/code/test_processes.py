"""Who owns a process, told after its owner was really killed, and that nobody else's process is touched."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bioner import processes
from bioner.processes import OWNER, alive, end_orphans, end_tree, mark

_SLEEP = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]

_RUN = """
import os, subprocess, sys, time
from bioner.processes import OWNER, mark
os.environ[OWNER] = mark()
child = [sys.executable, "-S", "-c", "import subprocess, sys, time; p = subprocess.Popen(sys.argv[1:]); "
         "print(p.pid, flush=True); time.sleep(600)", *sys.argv[1:]]
started = subprocess.Popen(child, start_new_session=True, stdout=subprocess.PIPE, text=True)
print(mark(), started.pid, started.stdout.readline().strip(), flush=True)
time.sleep(600)
"""


@pytest.fixture
def spare() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are ended when the test is over."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def start(spare: list[subprocess.Popen[str]], command: list[str], owner: str | None = None) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name != OWNER}
    environment |= {OWNER: owner} if owner else {}
    spare.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
    return spare[-1]


def wait_until_gone(pid: int, seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_a_mark_holds_as_long_as_its_process(spare: list[subprocess.Popen[str]]) -> None:
    assert alive(mark())
    process = start(spare, _SLEEP)
    owner = mark(process.pid)
    assert alive(owner)
    process.kill()
    assert wait_until_gone(process.pid)
    assert not alive(owner), "a zombie owns nothing"
    process.wait()
    assert not alive(owner)


def test_a_later_process_of_the_same_number_is_another() -> None:
    pid, _, began = mark().partition(":")
    assert not alive(f"{pid}:{float(began) - 60:.2f}")


def test_a_mark_does_not_move_with_the_clock() -> None:
    ticks = int(Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19])
    assert float(mark().partition(":")[2]) == pytest.approx(ticks / os.sysconf("SC_CLK_TCK"), abs=0.02)


@pytest.mark.parametrize("owner", ["", "none", "12", "x:1.0", f"{2**22 + 1}:1.00"])
def test_what_is_no_mark_of_a_process_is_not_alive(owner: str) -> None:
    assert not alive(owner)


@pytest.mark.slow
def test_what_a_killed_run_started_is_ended_and_nothing_else(spare: list[subprocess.Popen[str]]) -> None:
    unrelated = start(spare, _SLEEP)
    mine = start(spare, _SLEEP, owner=mark())
    run = start(spare, [sys.executable, "-c", _RUN, *_SLEEP])
    assert run.stdout is not None
    owner, *left = run.stdout.readline().split()
    child, grandchild = map(int, left)
    assert alive(owner)
    assert not {child, grandchild} & set(end_orphans()), "the run is still there"
    run.kill()
    run.wait()
    end_orphans()  # or a test beside this one does
    assert wait_until_gone(child)
    assert wait_until_gone(grandchild)
    assert unrelated.poll() is None
    assert mine.poll() is None
    assert psutil.pid_exists(os.getpid())


@pytest.mark.slow
def test_a_shell_that_a_dead_run_left_may_start_the_next_run(spare: list[subprocess.Popen[str]]) -> None:
    inner = f"{sys.executable} -c 'from bioner.processes import end_orphans; end_orphans()'"
    dead = start(spare, _SLEEP)
    owner = mark(dead.pid)
    dead.kill()
    dead.wait()
    shell = start(spare, ["sh", "-c", f"{inner}; echo survived"], owner=owner)
    assert shell.communicate(timeout=180)[0] == "survived\n"


@pytest.mark.slow
def test_ending_a_tree_spares_the_rest(spare: list[subprocess.Popen[str]]) -> None:
    other = start(spare, _SLEEP)
    run = start(spare, [sys.executable, "-c", _RUN, *_SLEEP])
    assert run.stdout is not None
    _, *below = run.stdout.readline().split()
    assert set(end_tree(run.pid)) == {run.pid, *map(int, below)}
    assert all(wait_until_gone(int(pid)) for pid in (run.pid, *below))
    assert other.poll() is None
    run.wait()
    assert end_tree(run.pid) == []


def test_a_process_that_will_not_end_is_killed(
    spare: list[subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_PATIENCE", 0.3)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(99)"
    process = start(spare, [sys.executable, "-S", "-c", deaf])
    assert process.stdout is not None
    process.stdout.readline()
    began = time.monotonic()
    assert end_tree(process.pid) == [process.pid]
    assert 0.3 <= time.monotonic() - began < 60  # it would go on for 99 s
    assert not psutil.pid_exists(process.pid)


@pytest.mark.slow
def test_a_process_can_end_all_that_it_started() -> None:
    script = f"""
import subprocess, sys, psutil
from bioner.processes import end_descendants
child = subprocess.Popen({_SLEEP!r})
shell = subprocess.Popen(["sh", "-c", "sleep 600; true"])
while not (below := psutil.Process(shell.pid).children()):
    pass
ended = end_descendants()
assert set(ended) == {{child.pid, shell.pid, below[0].pid}}, ended
print([psutil.pid_exists(pid) for pid in (child.pid, shell.pid)])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=180)
    assert done.stdout == "[False, False]\n", done.stderr


def test_a_process_without_children_ends_nothing() -> None:
    script = "from bioner.processes import end_descendants; print(end_descendants())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=180)
    assert done.stdout == "[]\n", done.stderr
