"""Faults under way: worker, servers, disk and clock fail, or somebody presses a button, in the middle of a run.

Some of them are tried by default, `BIONER_FAULTS=all` tries all; docs/faults.md has what came of it. A run that is
cancelled is in `test_scheduled.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from jumping_clock import Clock, can_be_made
from team_at_work import AtWork, at_work, wait_until
from team_servers import start_team

pytestmark = pytest.mark.slow

_RETRAIN, _UPDATE, _EVALUATE = "scheduled-retrain/weekly", "scheduled-update/distill", "scheduled-update/evaluate"
_ONCE = {"ingest": 1, "report": 1}
_AFTER_A_KILL = (1, {"KILLED": 1, "FINISHED": 1}, 0, {"ingest": 1, "report": 2})  # as `Facts.since` has it
_HOUR = 3600

only_if_asked = pytest.mark.skipif(os.environ.get("BIONER_FAULTS") != "all", reason="BIONER_FAULTS=all tries it")


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """A file system of 200 MB; `None` where only root may mount one."""
    folder = tmp_path_factory.mktemp("disk")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "none", folder], capture_output=True)
    yield None if done.returncode else folder
    if done.returncode == 0:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(scope="module")
def work(disk: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AtWork]:
    """The team at work."""
    place = tmp_path_factory.mktemp("at-work")
    with start_team(place) as team, at_work(team, (disk or place) / "project", place) as made:
        yield made


@pytest.fixture(autouse=True)
def _cleared(work: AtWork) -> Iterator[None]:
    """A test that fails leaves nothing that the next one would wait for."""
    yield
    work.clear()


def test_a_killed_worker_takes_its_run_with_it_and_the_next_run_resumes(work: AtWork) -> None:
    before = work.change_data("before the worker was killed")
    with work.worker() as worker, work.under_way(_UPDATE) as run:
        worker.kill()
        assert work.end_of(run)[0] == "CRASHED"
        wait_until(lambda: not work.processes(), "all that it had started has ended")
    with work.worker():
        work.completes(work.start(_UPDATE))
    assert work.facts().since(before) == _AFTER_A_KILL
    work.assert_whole()


def test_of_a_machine_that_dies_the_next_run_there_tells_the_server(work: AtWork) -> None:
    before = work.change_data("before the machine died")
    with work.worker(), work.under_way(_UPDATE) as run:
        work.kill_all()
    assert work.state(run)["type"] == "RUNNING"  # nobody was left to say so
    with work.worker():
        work.completes(work.start(_EVALUATE))  # another one of `distill` would wait for the place of the dead one
    assert work.end_of(run) == ("CRASHED", "its process was killed")
    assert work.facts().since(before) == _AFTER_A_KILL
    work.assert_whole()


def test_a_restart_of_prefect_is_ridden_out(work: AtWork) -> None:
    before, server = work.change_data("before Prefect was restarted"), work.team.prefect_server
    with work.worker():
        with work.under_way(_UPDATE) as run:
            lease = work.state(run)["state_details"]["deployment_concurrency_lease_id"]
            server.stop()
        time.sleep(15)
        server.start()
        server.wait()
        with work.api as api:  # as the run does every four minutes; it ends itself if the server has forgotten it
            renewed = api.post(f"v2/concurrency_limits/leases/{lease}/renew", json={"lease_duration": 300})
        assert renewed.is_success, renewed.text
        work.completes(run)
    assert work.facts().since(before) == (1, {"FINISHED": 1}, 0, _ONCE)
    work.assert_whole()


@only_if_asked
def test_a_full_disk_is_named_and_the_next_run_resumes(work: AtWork, disk: Path | None) -> None:
    if disk is None:
        pytest.skip("mounting a file system needs root")
    before = work.change_data("before the disk was full")
    filler = disk / "filler"
    with work.worker():
        with work.under_way(_UPDATE) as run:
            _fill(filler)
        kind, message = work.end_of(run)
        assert kind == "FAILED"
        assert "No space left on device" in message
        filler.unlink()
        work.completes(work.start(_UPDATE))
    assert work.facts().since(before) == (1, {"FAILED": 1, "FINISHED": 1}, 0, {"ingest": 1, "report": 2})
    work.assert_whole()


def _fill(file: Path) -> None:
    """Write until nothing more fits."""
    with file.open("wb", buffering=0) as out:
        try:
            while out.write(b"\0" * 4096):
                pass
        except OSError:
            return


@only_if_asked
def test_of_runs_that_are_asked_for_at_once_one_works_and_the_others_find_it_done(work: AtWork) -> None:
    before = work.change_data("before several runs were asked for")
    with work.worker():
        with work.held("stage"):
            runs = [work.start(name) for name in (_UPDATE, _EVALUATE, _UPDATE)]
            work.reached("stage", *runs)
            wait_until(lambda: _types(work, runs) == ["RUNNING", "RUNNING", "SCHEDULED"], "one waits for its turn")
        for run in runs:
            work.completes(run)
    assert work.facts().since(before) == (1, {"FINISHED": 1}, 0, _ONCE)
    work.assert_whole()


def _types(work: AtWork, runs: list[str]) -> list[str]:
    """The types of the states of some runs, sorted."""
    return sorted(work.state(run)["type"] for run in runs)


def test_a_schedule_is_paused_and_resumed_by_the_documented_commands(work: AtWork) -> None:
    def schedule(*command: str) -> str:
        call = [sys.executable, "-m", "prefect", "--no-prompt", "deployment", "schedule", *command]
        return subprocess.run(call, env=work.variables, capture_output=True, text=True, check=True).stdout

    schedule("create", _RETRAIN, "--interval", "3600")
    (known,) = work.schedules(_RETRAIN)
    assert known in schedule("ls", _RETRAIN)
    wait_until(lambda: work.planned(_RETRAIN) > 0, "runs are planned")
    schedule("pause", _RETRAIN, known)
    assert work.planned(_RETRAIN) == 0
    schedule("resume", _RETRAIN, known)
    wait_until(lambda: work.planned(_RETRAIN) > 0, "runs are planned again")
    schedule("delete", _RETRAIN, known, "--accept-yes")


@only_if_asked
def test_a_suspended_run_ends_after_its_stage_and_goes_on_when_resumed(work: AtWork) -> None:
    before = work.change_data("before the run was suspended")
    with work.worker():
        with work.under_way(_UPDATE) as run:
            work.press_suspend(run)
        wait_until(lambda: not work.processes(but="worker"), "the process of the run ends")
        assert work.facts().since(before) == (0, {"FINISHED": 1}, 0, _ONCE)
        work.completes(work.start(_UPDATE))  # it keeps no place, and is not taken for one that was killed
        assert work.state(run)["name"] == "Suspended"
        work.press_resume(run)
        work.completes(run)
    assert "CRASHED" not in work.states(run)
    assert work.facts().since(before) == (1, {"FINISHED": 1}, 0, _ONCE)
    work.assert_whole()


@only_if_asked
def test_a_run_that_is_resumed_before_its_stage_is_done_works_once(work: AtWork) -> None:
    before = work.change_data("before the run was suspended and resumed")
    with work.worker():
        with work.under_way(_UPDATE) as run:
            work.press_suspend(run)
            work.press_resume(run)
            wait_until(lambda: len(work.engines()) == 2, "a second process of the run waits for its turn")
            time.sleep(10)
        wait_until(lambda: not work.processes(but="worker"), "both processes of the run end")
        work.completes(run)
    assert "CRASHED" not in work.states(run)
    assert work.facts().since(before) == (1, {"FINISHED": 1}, 0, _ONCE)
    work.assert_whole()


@only_if_asked
def test_the_retry_of_a_run_whose_machine_died_resumes_it(work: AtWork) -> None:
    before = work.change_data("before the machine died and the run was retried")
    with work.worker(), work.under_way(_UPDATE) as run:
        work.kill_all()
    with work.worker():
        work.press_retry(run)
        work.completes(run)
    assert "CRASHED" not in work.states(run)
    assert work.facts().since(before) == _AFTER_A_KILL
    work.assert_whole()


@only_if_asked
def test_a_killed_run_ends_with_all_that_it_started(work: AtWork) -> None:
    before = work.change_data("before the run was killed")
    with work.worker():
        with work.under_way(_UPDATE) as run:
            (engine,) = work.engines()
            engine.kill()
            assert work.end_of(run)[0] == "CRASHED"
            wait_until(lambda: not work.processes(but="worker"), "all that it had started has ended")
        work.completes(work.start(_UPDATE))
    assert work.facts().since(before) == _AFTER_A_KILL
    work.assert_whole()


@only_if_asked
def test_mlflow_away_for_thirty_seconds_is_ridden_out(work: AtWork) -> None:
    server = work.team.mlflow_server

    def back() -> None:
        server.start()
        server.wait()

    _retrain_through(work, "before MLflow was away", server.stop, back, 30)


@only_if_asked
def test_s3_overloaded_for_twenty_seconds_is_ridden_out(work: AtWork) -> None:
    sign = work.team.overloaded
    _retrain_through(work, "before S3 was overloaded", sign.touch, sign.unlink, 20)


@only_if_asked
def test_a_restart_of_postgres_is_ridden_out(work: AtWork) -> None:
    server = work.team.postgres
    _retrain_through(work, "before PostgreSQL was restarted", server.stop, server.start, 5)


@only_if_asked
@pytest.mark.skipif(not can_be_made(), reason="this test needs a C compiler")
def test_a_clock_that_jumps_harms_nothing(work: AtWork, tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    ahead, behind = partial(clock.set, 2 * _HOUR), partial(clock.set, -_HOUR)
    _retrain_through(work, "before the clock jumped", ahead, behind, 2, **clock.variables)


def _retrain_through(
    work: AtWork, what: str, away: Callable[[], object], back: Callable[[], object], seconds: float, **variables: str
) -> None:
    """A retraining during which something goes away twice, in a stage and before a version is registered."""
    before = work.change_data(what)
    with work.worker(**variables):
        with work.held("pushed"):
            with work.under_way(_RETRAIN) as run:
                away()
            time.sleep(seconds)
            back()
            work.reached("pushed", run)
            away()
        time.sleep(seconds)
        back()
        work.completes(run)
    versions = 1 if before.versions else 2  # the tagger stays what it is
    assert work.facts().since(before) == (1, {"FINISHED": 1}, versions, _ONCE)
    work.assert_whole()
