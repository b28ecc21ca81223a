"""Which stages a rebuild runs: all behind the model, or those after what is given."""

from __future__ import annotations

import pytest

from bioner.errors import ConfigError
from bioner.lineage.pipeline import File, Stage
from bioner.rebuild.plan import make_plan


def stage(name: str, *parents: str) -> Stage:
    return Stage(name, "", {}, (), (), (File(f"{name}.txt", "0"),), parents)


# each stage after those that read from it, as `lineage.pipeline.upstream` gives them
STAGES = (
    stage("evaluate@m", "finetune@m", "ingest@a"),
    stage("finetune@m", "pretrain@m", "ingest@a"),
    stage("pretrain@m", "distill"),
    stage("distill", "curate"),
    stage("curate", "ingest@a", "ingest@b"),
    stage("ingest@b"),
    stage("ingest@a"),
)


def names(*given: str) -> tuple[list[str], list[str]]:
    plan = make_plan(STAGES, given)
    return [stage.name for stage in plan.run], [stage.name for stage in plan.given]


def test_every_stage_runs_after_those_that_it_reads_from() -> None:
    run, given = names()
    assert run == [stage.name for stage in reversed(STAGES)]
    assert not given


def test_what_only_a_given_stage_needs_is_left_out() -> None:
    assert names("pretrain@m") == (["ingest@a", "finetune@m", "evaluate@m"], ["pretrain@m"])
    assert names("distill", "ingest") == (["pretrain@m", "finetune@m", "evaluate@m"], ["ingest@a", "distill"])


def test_a_stage_that_is_none_and_a_plan_of_nothing_are_refused() -> None:
    with pytest.raises(ConfigError, match="'tagger'") as caught:
        names("tagger")
    assert "evaluate@m" in caught.value.mend
    with pytest.raises(ConfigError, match="nothing is left"):
        names("evaluate")
