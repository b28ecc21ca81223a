"""The bench keeps each trial: a killed protocol repeats none of them, and ends as an undisturbed one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from protocol_material import PHASE, documents, protocol

from bioner.config import Variant
from bioner.protocols.bench import Bench
from bioner.protocols.material import Material, only
from bioner.protocols.teaching import Teaching
from bioner.protocols.trial import Outcome, Trial
from bioner.protocols.trials import asked_types, trials_of

pytestmark = pytest.mark.slow

ABLATION = protocol("ablation", training=PHASE, synthetic_steps=2, k=[1, 2])


class KilledError(Exception):
    """The process dies."""


def bench(variant: Variant, folder: Path, code: str = "1") -> Bench:
    types = [d.with_spans(s for s in d.spans if s.label == "drug") for d in documents("test", 5)]
    return Bench(variant, types, folder, code, batch_size=4, threads=1, seed=13)


@pytest.fixture
def learnt(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int | None, int, str]]:
    """Arm, k, seed and lesson of every training."""
    done: list[tuple[str, int | None, int, str]] = []
    learn = Teaching._learn

    def noted(self: Teaching, model: object, trial: Trial, lesson: object, number: int) -> object:
        done.append((trial.arm, trial.k, trial.seed, trial.lessons[number - 1].name))
        return learn(self, model, trial, lesson, number)  # type: ignore[arg-type]

    monkeypatch.setattr(Teaching, "_learn", noted)
    return done


def test_a_killed_protocol_repeats_nothing_and_loses_nothing(
    variant: Variant,
    material: Material,
    tmp_path: Path,
    learnt: list[tuple[str, int | None, int, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trials = trials_of(ABLATION, material)
    expected = list(bench(variant, tmp_path / "whole").run(trials))
    whole = list(learnt)
    learnt.clear()
    outcome, started = Bench._outcome, 0

    def killed(self: Bench, trial: Trial, teaching: Teaching) -> Outcome:
        nonlocal started
        started += 1
        if started % 3 == 0:
            raise KilledError
        return outcome(self, trial, teaching)

    monkeypatch.setattr(Bench, "_outcome", killed)
    found: list[Outcome] = []
    for _ in range(20):
        try:
            found = list(bench(variant, tmp_path / "killed").run(trials))
            break
        except KilledError:
            continue
    assert found == expected
    assert learnt == whole
    assert started > len(trials)


def test_arms_that_begin_alike_share_the_synthetic_training(
    variant: Variant, material: Material, tmp_path: Path, learnt: list[tuple[str, int | None, int, str]]
) -> None:
    outcomes = list(bench(variant, tmp_path).run(trials_of(ABLATION, material)))
    shared = [entry for entry in learnt if entry[0] == "both" and entry[3] == "synthetic"]
    assert shared == [("both", 1, 1, "synthetic"), ("both", 1, 2, "synthetic")]
    both = [o for o in outcomes if o.arm == "both"]
    assert all([lesson["steps"] for lesson in o.lessons] == [2, 2] for o in both)
    assert not list(tmp_path.glob("prepared*"))


def test_another_code_or_seed_is_another_trial(variant: Variant, material: Material, tmp_path: Path) -> None:
    trial = trials_of(ABLATION, material)[0]
    list(bench(variant, tmp_path).run([trial]))
    list(bench(variant, tmp_path).run([trial]))
    assert len(list(tmp_path.glob("*.json"))) == 1
    list(bench(variant, tmp_path, code="2").run([trial]))
    list(bench(variant, tmp_path).run([replace(trial, seed=5)]))
    assert len(list(tmp_path.glob("*.json"))) == 3


def test_the_threshold_is_fixed_without_dev_and_chosen_with_it(
    variant: Variant, material: Material, tmp_path: Path
) -> None:
    settings = protocol("supervised", start=["encoder"], training=PHASE.model_copy(update={"steps": 30}), seeds=1)
    (trial,) = trials_of(settings, material)
    gold = only(material.test, asked_types(settings, material))
    with_dev, without = bench(variant, tmp_path).run([trial, replace(trial, dev=())])
    assert without.threshold == 0.5
    assert with_dev.lessons == without.lessons
    assert [d.id for d in with_dev.predicted] == [d.id for d in gold]


def test_shots_teach_something(variant: Variant, material: Material, tmp_path: Path) -> None:
    phase = PHASE.model_copy(update={"steps": 60})
    settings = protocol("few-shot", start=["encoder"], training=phase, k=[4], seeds=1)
    (trial,) = trials_of(settings, material)
    taught, before = bench(variant, tmp_path).run([trial, replace(trial, lessons=())])
    gold = {d.id: set(d.spans) for d in bench(variant, tmp_path).documents}

    def right(outcome: Outcome) -> int:
        return sum(replace(s, score=None) in gold[d.id] for d in outcome.predicted for s in d.spans)

    assert right(taught) > right(before)
