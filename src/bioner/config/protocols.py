"""The params of protocols: experiments that judge a recipe, and do not make a model to be used."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from bioner.config.models import GlinerPhase
from bioner.config.section import Count, Name, Section

Kind = Literal["zero-shot", "few-shot", "supervised", "forgetting", "ablation"]
Start = Literal["encoder", "pretrain", "finetune"]

# kind -> what it needs, and what it may have besides
_KEYS: dict[Kind, tuple[set[str], set[str]]] = {
    "zero-shot": ({"start"}, {"training", "saw"}),
    "few-shot": ({"start", "training", "k"}, set()),
    "supervised": ({"start", "training"}, set()),
    "forgetting": ({"start", "training"}, set()),
    "ablation": ({"training", "k", "synthetic_steps"}, set()),
}


class Protocol(Section):
    """One experiment.

    Attributes:
        kind: what is asked (see docs/architecture.md).
        variant: the GLiNER variant whose encoder, limits and trained folders are used.
        start: where trainings begin: the plain encoder, or the variant after pretraining or fine-tuning.
        corpora: whose gold annotations are learnt from and judged on.
        types: that are asked for; in `forgetting` those of the fine-tuning: the others are judged.
        k: mentions of each type that a training may see.
        seeds: how often a training is repeated, with other shots, batches and new weights.
        training: the training on gold annotations; its steps are those of a whole arm in an ablation.
        synthetic_steps: those of the steps that the arm `both` spends on synthetic data.
        saw: names of types that the encoder has seen, where that is itself a trained GLiNER.
    """

    kind: Kind
    variant: Name
    corpora: tuple[Name, ...] = Field(min_length=1)
    types: tuple[str, ...] = Field(min_length=1)
    seeds: Count
    start: tuple[Start, ...] = ()
    k: tuple[Count, ...] = ()
    training: GlinerPhase | None = None
    synthetic_steps: Count | None = None
    saw: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _fits_kind(self) -> Protocol:
        needed, possible = _KEYS[self.kind]
        values = {key: getattr(self, key) for key in ("start", "k", "training", "synthetic_steps", "saw")}
        given = {key for key, value in values.items() if value not in ((), None)}
        if missing := sorted(needed - given):
            raise ValueError(f"the kind {self.kind} needs {', '.join(missing)}")
        if unused := sorted(given - needed - possible):
            raise ValueError(f"the kind {self.kind} makes no use of {', '.join(unused)}")
        if self.kind == "forgetting" and "encoder" in self.start:
            raise ValueError("start: a plain encoder has nothing to forget yet; take pretrain or finetune")
        return self

    @model_validator(mode="after")
    def _steps_are_comparable(self) -> Protocol:
        if self.training and self.training.early_stopping:
            raise ValueError("training.early_stopping: every training of a protocol has the same number of steps")
        if self.training and self.synthetic_steps and self.synthetic_steps >= self.training.steps:
            raise ValueError("synthetic_steps are a part of training.steps, and so fewer")
        return self
