"""All of `params.yaml`, and the parts about scores, report and registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from bioner.config.data import Corpus, Curate, Validate
from bioner.config.drift import Drift
from bioner.config.models import Distill, Gliner, GlinerPhase, Selector, Tagger
from bioner.config.promotion import Promotion
from bioner.config.protocols import Protocol
from bioner.config.review import Review
from bioner.config.section import Count, Name, Natural, Rate, Section
from bioner.config.suite import SuiteSet, check_suite
from bioner.config.teacher import Teacher
from bioner.entity_types import EntityTypes, TypeName


class Model(Section):
    """A model to evaluate: its family and the folder a stage writes it to."""

    family: Literal["gliner", "tagger"]
    path: str


class Evaluate(Section):
    """How models are scored."""

    batch_size: Count
    resamples: Count
    confidence: Rate


class Report(Section):
    """What the report shows."""

    worst: Count
    quarantined: Count


class Registered(Section):
    """A registered model's name, and which of `models` is put forward for it."""

    name: str
    model: str


class Registry(Section):
    """The registered model of each family."""

    gliner: Registered
    tagger: Registered


class Params(Section):
    """All of `params.yaml`."""

    seed: Natural
    threads: Count
    data_root: str
    code: str
    corpora: dict[Name, Corpus] = Field(min_length=1)
    types: dict[str, dict[str, TypeName]] = Field(min_length=1)
    curate: Curate
    tagger: Tagger
    selector: Selector
    teacher: Teacher
    distill: Distill
    review: Review = Field(default_factory=Review)
    validate_: Validate = Field(alias="validate")
    gliner: Gliner
    pretrain: GlinerPhase
    finetune: GlinerPhase
    models: dict[Name, Model] = Field(min_length=1)
    evaluate: Evaluate
    report: Report
    registry: Registry
    promotion: Promotion
    drift: Drift = Field(default_factory=Drift)
    protocols: dict[Name, Protocol]
    suite: dict[Name, SuiteSet] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Params:
        for language, synonym, key in self.entity_types.repeated():
            raise ValueError(f"types.{key}.{language}.synonyms: {synonym!r} is already the name or synonym of a type")
        for name, corpus in self.corpora.items():
            for label in (corpus.labels or {}).values():
                if label not in self.types:
                    raise ValueError(f"corpora.{name}.labels: {label!r} is not one of the types: {_known(self.types)}")
            for key, types in self.types.items():
                if corpus.language not in types:
                    raise ValueError(f"types.{key} has no name in {corpus.language!r}, the language of corpora.{name}")
            if "unlabelled" in corpus.splits and corpus.language not in self.curate.quality:
                raise ValueError(f"curate.quality has no {corpus.language!r}, the language of corpora.{name}")
        if self.pretrain.early_stopping:
            raise ValueError("pretrain.early_stopping: synthetic data has no dev part to score on; only finetune has")
        for family in ("gliner", "tagger"):
            model = getattr(self.registry, family).model
            if model not in self.models or self.models[model].family != family:
                raise ValueError(f"registry.{family}.model: {model!r} is no {family} of models: {_known(self.models)}")
        return self

    @model_validator(mode="after")
    def _protocols_know_their_parts(self) -> Params:
        for name, protocol in self.protocols.items():
            named = (
                ("variant", (protocol.variant,), self.gliner.variants),
                ("corpora", protocol.corpora, self.corpora),
                ("types", protocol.types, self.types),
            )
            for key, values, known in named:
                for value in values:
                    if value not in known:
                        raise ValueError(f"protocols.{name}.{key}: {value!r} is none of {_known(known)}")
        return self

    @model_validator(mode="after")
    def _suite_knows_its_parts(self) -> Params:
        check_suite(
            self.suite, {name: corpus.language for name, corpus in self.corpora.items()}, self.types, self.models
        )
        return self

    @property
    def references(self) -> tuple[str, ...]:
        """The models that a training starts from."""
        variants = self.gliner.variants.values()
        encoders = [name for variant in variants for name in (variant.encoder, variant.labels_encoder) if name]
        return (self.tagger.base, *dict.fromkeys(encoders))

    @property
    def entity_types(self) -> EntityTypes:
        """The entity types, in the order of the file."""
        return EntityTypes(self.types)


def _known(names: Mapping[str, Any]) -> str:
    return ", ".join(names)
