"""When a version counts as reproduced, and what is named when it does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bioner.rebuild.verdict import Output, ScoreDifference, Verdict, compare_scores
from bioner.rebuild.weights import Difference

SAME, OTHER = Output("curate", "data/c.jsonl", "1", "1"), Output("finetune", "models/m", "2", "3")
MODEL = Difference("w.safetensors", "a", "the largest difference is 0.5", 0.5)


def verdict(*outputs: Output, weights: tuple[Difference, ...] = (), apart: float = 0.0, **more: Any) -> Verdict:
    score = ScoreDifference("strict.f1", 0.5, 0.5 + apart, apart)
    settings: dict[str, Any] = {"tolerance": None, "score": score, "warnings": (), "folder": None} | more
    return Verdict("m/1", "c0ffee", outputs, (), "models/m", weights, **settings)


def test_the_same_bytes_pass_and_others_do_not() -> None:
    assert verdict(SAME).passed
    assert verdict(SAME).sentence == "every byte is the same"
    found = verdict(SAME, OTHER, weights=(MODEL,), apart=0.125)
    assert not found.passed
    assert found.sentence == (
        "stage finetune: models/m is 3, was 2; "
        "model: w.safetensors, tensor a: the largest difference is 0.5; "
        "score strict.f1 was 0.5, is 0.625"
    )


def test_a_tolerance_takes_other_bytes_for_near_scores() -> None:
    assert verdict(OTHER, weights=(MODEL,), apart=0.01, tolerance=0.01).passed
    assert not verdict(OTHER, weights=(MODEL,), apart=0.011, tolerance=0.01).passed
    assert not verdict(OTHER, weights=(MODEL,), tolerance=1.0, score=None).passed


def test_a_registered_model_that_is_not_the_one_of_its_lock_never_passes() -> None:
    found = verdict(SAME, weights=(MODEL,), tolerance=1.0)
    assert not found.passed
    assert "the registered model is not the one of its dvc.lock" in found.sentence


def test_scores_are_compared_wherever_they_stand_and_counts_are_not() -> None:
    def evaluation(f1: float | None, right: int, **corpora: float) -> dict[str, Any]:
        return {"scores": {"strict": {"f1": f1, "right": right}}, "corpora": {k: {"f1": v} for k, v in corpora.items()}}

    same = compare_scores(evaluation(None, 1, a=0.5), evaluation(None, 9, a=0.5))
    assert same is not None
    assert same.apart == 0.0
    assert compare_scores(evaluation(0.5, 1, a=0.5), evaluation(0.5, 1, a=0.75)) == ScoreDifference(
        "corpora.a.f1", 0.5, 0.75, 0.25
    )
    lost = compare_scores(evaluation(0.5, 1, a=0.5), evaluation(0.5, 1))
    assert lost is not None
    assert (lost.name, lost.apart) == ("corpora.a.f1", float("inf"))
    assert compare_scores({}, {}) is None


@pytest.mark.parametrize("apart", [0.0, 0.5, float("inf")])
def test_the_record_is_json(apart: float) -> None:
    record = json.loads(json.dumps(verdict(SAME, OTHER, apart=apart).to_record(), allow_nan=False))
    assert record["outputs"][1]["same"] is False
    assert record["passed"] is False
