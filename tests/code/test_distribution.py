"""Who trains and who writes: alone without a launcher, the first of several with one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bioner.distribution import Alone, first_process, open_team
from bioner.tracking.runs import stage_run


def test_without_a_launcher_a_process_is_alone_and_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")  # some schedulers set it
    assert isinstance(open_team(), Alone)
    assert first_process()


@pytest.mark.parametrize("rank", [0, 1])
def test_of_several_the_first_writes(monkeypatch: pytest.MonkeyPatch, rank: int) -> None:
    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setenv("RANK", str(rank))
    assert first_process() == (rank == 0)


def test_a_helper_records_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setenv("RANK", "1")
    monkeypatch.chdir(tmp_path)
    with stage_run(None) as run:
        run.metric("loss", 1.0, 1)
        run.metrics({"loss": 1.0}, 2)
        run.tag("name", "value")
        run.artifact(tmp_path)
    assert not list(tmp_path.iterdir())


def test_every_layout_is_one_that_the_launcher_reads(repository: Path) -> None:
    from accelerate.commands.config.config_args import ClusterConfig

    files = list((repository / "launch").glob("*.yaml"))
    assert {file.stem for file in files} == {"cpu", "gpu", "ddp-cpu", "ddp", "fsdp"}
    for file in files:
        config = ClusterConfig.from_yaml_file(file)
        assert config.mixed_precision == "no"  # it is a param
        assert yaml.safe_load(file.read_text(encoding="utf-8"))["num_processes"] == config.num_processes
