"""The params of models: the tagger with its selector, how a teacher is run, and the GLiNER variants and phases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from bioner.config.presets import PRESETS, TAGGER_PRESETS, Preset, TaggerPreset
from bioner.config.section import Count, Name, Natural, Rate, Section, Share

Precision = Literal["fp32", "bf16"]
Weight = Annotated[float, Field(ge=0.0)]


def _preset_first(value: Any, presets: Mapping[str, Mapping[str, Any]]) -> Any:
    """A section with what its preset says, and what it says itself over that."""
    return {**presets.get(str(value.get("preset")), {}), **value} if isinstance(value, dict) else value


class Optimisation(Section):
    """What every training has in common; one step is one update on `batch_size` examples."""

    steps: Count
    batch_size: Count
    warmup: Share


class EarlyStopping(Section):
    """How often (in steps) a training is scored on dev, and how many scores without a gain end it."""

    every: Count
    patience: Count


class Tagger(Optimisation):
    """Training and decoding of the LLM tagger; what it does not say, its preset says."""

    preset: TaggerPreset | None = None
    base: str
    quantise: Literal["nf4"] | None = None  # of the base, on CUDA only
    definitions: bool = False  # whether the prompts have them, beside the names of the types
    lora_rank: Count
    lora_alpha: Count
    lora_dropout: Share
    layers: Count | Literal["all"]
    loss: Literal["decisions", "copy"]
    negative_types: Natural
    language_temperature: Annotated[float, Field(gt=0.0)] = 1.0
    learning_rate: Rate
    accumulate: Count = 1  # micro-batches of one step
    precision: Precision = "fp32"
    early_stopping: EarlyStopping | None = None
    max_words: Count
    dev_documents: Count
    opening_bias: Annotated[tuple[float, ...], Field(min_length=1)] = (0.0,)  # several: the best on dev is chosen

    @model_validator(mode="before")
    @classmethod
    def _with_preset(cls, value: Any) -> Any:
        return _preset_first(value, TAGGER_PRESETS)


class OwnErrors(Section):
    """Sentences of train that are annotated by a tagger that has not learnt from them; its errors are judged, too."""

    sentences: Count
    folds: Natural = 0  # 0: documents that the tagger's training did not reach; else as many taggers on the others
    steps: Annotated[float, Field(gt=0.0, le=1.0)] = 0.5  # of a fold's tagger: part of the tagger's

    @model_validator(mode="after")
    def _folds_leave_others(self) -> OwnErrors:
        if self.folds == 1:
            raise ValueError("folds: one fold leaves no documents to learn from; give 0, or 2 and more")
        return self


class Selector(Optimisation):
    """Training of the selector that judges the tagger's spans, and the choice of its threshold on dev."""

    learning_rate: Rate
    negatives: Count
    ranking: Weight = 0.0
    own_errors: OwnErrors | None = None
    dev_documents: Count
    aim: Literal["f1", "precision"] = "f1"
    caution: Weight = 0.0


class Distill(Section):
    """How the teacher is run over the unlabelled text."""

    batch_size: Count
    chunk: Count
    runner: Literal["threads", "dask", "ray"] = "threads"  # of Prefect, where shards are annotated by workers
    workers: Count = 1  # with one on threads, the stage annotates by itself


class Variant(Section):
    """One GLiNER: its encoders, its head and the limits of its windows; what it does not say, its preset says."""

    preset: Preset | None = None
    encoder: str
    labels_encoder: str | None = None  # reads the types apart from the text: a bi-encoder
    head: Literal["span", "token"] = "span"
    max_width: Count
    max_words: Count
    max_types: Count
    dropout: Share

    @model_validator(mode="before")
    @classmethod
    def _with_preset(cls, value: Any) -> Any:
        return _preset_first(value, PRESETS)

    @model_validator(mode="after")
    def _entity_fits(self) -> Variant:
        if self.max_words < self.max_width:
            raise ValueError(f"max_words ({self.max_words}) is less than max_width ({self.max_width})")
        return self


class Gliner(Section):
    """The GLiNER variants to train."""

    variants: dict[Name, Variant] = Field(min_length=1)


class LabelSampling(Section):
    """Which types a window of a GLiNER training is asked for, and by which words."""

    negatives: Natural  # types that the window lacks
    hard_negatives: Share  # of the negatives: drawn from the types most like those that occur
    label_dropout: Share  # probability that a type that occurs is not asked for
    synonyms: Share  # probability that a type with synonyms is asked for by one of them
    definitions: Share  # probability that a type with a definition is asked for by it

    @model_validator(mode="after")
    def _one_wording(self) -> LabelSampling:
        if self.synonyms + self.definitions > 1.0:
            raise ValueError(f"synonyms ({self.synonyms}) and definitions ({self.definitions}) exceed 1 together")
        return self


class GlinerPhase(Optimisation):
    """One phase (pre-training or fine-tuning) of a GLiNER training."""

    encoder_learning_rate: Rate
    head_learning_rate: Rate
    soft_labels: bool = False  # whether an entity counts in the loss by its score; without one, in full
    sampling: LabelSampling
    accumulate: Count = 1  # micro-batches of one step
    precision: Precision = "fp32"
    early_stopping: EarlyStopping | None = None
