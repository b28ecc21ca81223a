"""What each kind of protocol teaches and asks: equal updates, equal shots, no seen type, no leak."""

from __future__ import annotations

from dataclasses import replace

import pytest
from protocol_material import PHASE, TYPES, document, documents, protocol

from bioner.config import Protocol
from bioner.errors import ConfigError, DataError
from bioner.gliner.shots import mentions
from bioner.protocols.contrasts import contrasts
from bioner.protocols.material import Material
from bioner.protocols.trial import Outcome, check_equal_compute
from bioner.protocols.trials import asked_types, trials_of

ABLATION = {"training": PHASE, "synthetic_steps": 1, "k": [1, 2]}


def test_every_trained_arm_of_an_ablation_has_the_same_steps(material: Material) -> None:
    trials = trials_of(protocol("ablation", **ABLATION), material)
    steps = {(t.arm, t.k): [(one.name, one.phase.steps) for one in t.lessons] for t in trials}
    assert steps == {
        ("neither", 0): [],
        ("synthetic", 0): [("synthetic", 4)],
        **{("gold", k): [("gold", 4)] for k in (1, 2)},
        **{("both", k): [("synthetic", 1), ("gold", 3)] for k in (1, 2)},
    }
    assert len(trials) == 2 * len(steps)
    assert {t.start for t in trials} == {None}


def test_arms_of_one_seed_see_the_same_shots_and_of_another_seed_others(material: Material) -> None:
    trials = trials_of(protocol("ablation", **ABLATION), material)
    shots = {(t.arm, t.k, t.seed): t.lessons[-1].documents for t in trials if t.arm in ("gold", "both")}
    assert all(shots["gold", k, seed] == shots["both", k, seed] for k in (1, 2) for seed in (1, 2))
    assert any(shots["gold", k, 1] != shots["gold", k, 2] for k in (1, 2))
    assert all(mentions(found, ["drug"])["drug"] >= k for (_, k, _), found in shots.items() if k)


def test_only_the_types_that_are_asked_for_are_taught(material: Material) -> None:
    for settings in (protocol("ablation", **ABLATION), protocol("supervised", start=["encoder"], training=PHASE)):
        for trial in trials_of(settings, material):
            taught = {span.label for lesson in trial.lessons for d in lesson.documents for span in d.spans}
            assert taught <= {"drug"}
            assert all(lesson.types.keys == ("drug",) for lesson in trial.lessons)


def test_zero_shot_from_a_model_that_saw_the_type_is_refused(material: Material) -> None:
    trials_of(protocol("zero-shot", start=["pretrain"]), material)
    with pytest.raises(ConfigError, match=r"not zero-shot: the model from finetune has seen 1 of 1 .*drug \(as drug\)"):
        trials_of(protocol("zero-shot", start=["pretrain", "finetune"]), material)
    with pytest.raises(ConfigError, match=r"gene \(as gene or protein\)"):
        trials_of(protocol("zero-shot", start=["pretrain"], types=["drug", "gene"]), material)


def test_a_zero_shot_training_is_given_every_type_but_those_that_are_asked_for(material: Material) -> None:
    trials = trials_of(protocol("zero-shot", start=["encoder"], training=PHASE), material)
    assert [t.seed for t in trials] == [1, 2]
    assert {span.label for d in trials[0].lessons[0].documents for span in d.spans} == {"disease", "gene"}
    alias = replace(material, types=type(TYPES)({**TYPES.types, "medicine": TYPES.types["drug"]}))
    seen = [d.with_spans([replace(s, label="medicine") for s in d.spans]) for d in documents("more", 2)]
    with pytest.raises(ConfigError, match="drug"):  # the same words under another key
        trials_of(protocol("zero-shot", start=["encoder"], training=PHASE), replace(alias, train=seen))


def test_a_model_that_is_not_trained_is_judged_once(material: Material) -> None:
    trials = trials_of(protocol("zero-shot", start=["encoder", "pretrain"]), material)
    assert [(t.arm, t.seed) for t in trials] == [("encoder", 1), ("pretrain", 1), ("encoder", 2)]


def test_few_shot_takes_every_k_and_no_dev_set(material: Material) -> None:
    settings = protocol("few-shot", start=["encoder", "pretrain"], k=[1, 2], training=PHASE)
    trials = trials_of(settings, material)
    assert len(trials) == 2 * 2 * 2
    assert not any(t.dev for t in trials)
    assert contrasts(settings) == [(("pretrain", 1), ("encoder", 1)), (("pretrain", 2), ("encoder", 2))]


def test_only_a_supervised_threshold_is_chosen_and_on_dev_alone(material: Material) -> None:
    settings = protocol("supervised", start=["encoder"], training=PHASE)
    (trial, _) = trials_of(settings, material)
    assert [d.id for d in trial.dev] == [d.id for d in material.dev]
    with pytest.raises(DataError, match="dev"):
        trials_of(settings, replace(material, dev=[]))


def test_forgetting_asks_for_the_other_types_before_and_after(material: Material) -> None:
    settings = protocol("forgetting", start=["pretrain"], training=PHASE)
    assert asked_types(settings, material).keys == ("disease", "gene")
    before, *after = trials_of(settings, material)
    assert (before.lessons, [t.seed for t in after]) == ((), [1, 2])
    assert after[0].lessons[0].types.keys == ("drug",)
    assert contrasts(settings) == [(("pretrain, after", None), ("pretrain, before", None))]


def test_training_documents_that_are_judged_are_left_out(material: Material) -> None:
    copy = replace(document("test", 1), id="x", text=document("test", 1).text.upper())
    clean, lost = replace(material, train=[*material.train, copy]).without_leaks()
    assert (clean.train, lost) == (material.train, 1)


def outcome(arm: str, *steps: int, batch_size: int = 2) -> Outcome:
    return Outcome(arm, 1, 1, 0.5, tuple({"steps": n, "batch_size": batch_size} for n in steps), ())


def test_unequal_compute_is_refused() -> None:
    arms = [outcome("neither"), outcome("gold", 4), outcome("both", 1, 3)]
    assert check_equal_compute(arms) == 4
    for wrong in (outcome("long", 5), outcome("wide", 4, batch_size=3)):
        with pytest.raises(ConfigError, match="different numbers of updates"):
            check_equal_compute([*arms, wrong])


@pytest.mark.parametrize(
    ("kind", "settings", "problem"),
    [
        ("few-shot", {"start": ["encoder"], "training": PHASE}, "needs k"),
        ("ablation", {"training": PHASE, "k": [1]}, "needs synthetic_steps"),
        ("supervised", {"start": ["encoder"], "training": PHASE, "k": [1]}, "no use of k"),
        ("forgetting", {"start": ["encoder"], "training": PHASE}, "nothing to forget"),
        ("ablation", {**ABLATION, "synthetic_steps": 4}, "fewer"),
    ],
)
def test_settings_that_do_not_fit_the_kind_are_refused(kind: str, settings: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        protocol(kind, **settings)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="kind"):
        Protocol.model_validate({"kind": "one-shot"})
