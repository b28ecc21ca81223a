"""`params.yaml` as typed, frozen objects: unknown keys are refused, and every error names the key and its mend."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bioner.entity_types import EntityTypes, TypeName
from bioner.errors import ConfigError

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=1, strict=True)]
Natural = Annotated[int, Field(ge=0, strict=True)]
Name = Annotated[str, Field(pattern=r"^\w[\w-]*$")]  # becomes part of stage, file and parameter names
Rate = Annotated[float, Field(gt=0.0, lt=1.0)]
Scheme = Literal["strict", "boundary", "overlap"]
Format = Literal[
    "documents",
    "text",
    "csv",
    "tsv",
    "json",
    "jsonl",
    "parquet",
    "conll",
    "conll_layers",
    "pubtator",
    "bioc_xml",
    "bioc_json",
    "brat",
    "bionlp_st",
    "cmeee_v1",
    "cmeee_v2",
    "token_spans",
    "character_spans",
    "gliner",
    "llmner",
    "pubmed_xml",
    "clinical_trials",
    "drug_labels",
    "patents",
]
OnError = Literal["fail", "skip", "repair"]
Engine = Literal["processes", "ray"]
Split = Literal["train", "dev", "test", "unlabelled"]
SPLITS: tuple[Split, ...] = get_args(Split)
FORMATS: tuple[Format, ...] = get_args(Format)
TABLES: tuple[Format, ...] = ("csv", "tsv", "json", "jsonl", "parquet")  # which need to be told the column of the text


class Section(BaseModel):
    """A part of the params: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, protected_namespaces=())


class Corpus(Section):
    """Where one corpus lies, how it is read, and which of its parts serve for what."""

    path: str
    format: Format
    language: str
    splits: dict[Split, str]
    licence: str = "not stated"
    source: str = "not stated"
    citation: str = "not stated"
    demonstration: bool = False  # its scores say nothing about real text; the report says so
    on_error: OnError = "fail"  # what happens to records that are wrong
    column: str | Count | None = None  # of the text in a table; csv and tsv without a row of names: its number from 1
    labels: dict[str, str] | None = None  # label in the file -> entity type; others are dropped and counted
    dev_fraction: Share = 0.0
    limit: dict[Split, Count] = Field(default_factory=dict)

    def file(self, data_root: Path, split: Split) -> Path:
        """The file or folder of a split; `..` in `path` goes up by name, as in DVC's own paths, also across links."""
        return Path(os.path.normpath(data_root / self.path / self.splits[split]))

    @model_validator(mode="after")
    def _column_of_table(self) -> Corpus:
        if (self.column is None) == (self.format in TABLES):
            raise ValueError(f"`column` is needed for the formats {', '.join(TABLES)}, and only there")
        if isinstance(self.column, int) and self.format not in ("csv", "tsv"):
            raise ValueError("`column` is a name in the formats json, jsonl and parquet")
        return self


class Thresholds(Section):
    """What unlabelled text of one language has to be like; the last six are judged sentence by sentence."""

    sentences: tuple[Count, Count]
    newlines: Annotated[float, Field(ge=0.0)]
    stop_words: Share
    words: tuple[Count, Count]
    special: Share
    capitals: Share
    diversity: Share
    repetition: Share

    @model_validator(mode="after")
    def _ordered(self) -> Thresholds:
        for name, (low, high) in (("sentences", self.sentences), ("words", self.words)):
            if low > high:
                raise ValueError(f"{name} is a lower and an upper limit, found {low} and {high}")
        return self


class Curate(Section):
    """Which unlabelled texts are kept for the teacher, and how much of the test sets may occur in training texts."""

    quality: dict[str, Thresholds] = Field(min_length=1)
    near_duplicate: Rate
    decontaminate_ngram: Count
    max_leakage: Share
    engine: Engine
    workers: Count
    limit: Count


class Optimisation(Section):
    """What every training has in common; one step is one update on `batch_size` examples."""

    steps: Count
    batch_size: Count
    warmup: Share


class Tagger(Optimisation):
    """Training and decoding of the LLM tagger."""

    base: str
    lora_rank: Count
    lora_alpha: Count
    lora_dropout: Share
    layers: Count
    loss: Literal["decisions", "copy"]
    negative_types: Natural
    learning_rate: Rate
    max_words: Count
    dev_documents: Count


class Selector(Optimisation):
    """Training of the selector that judges the tagger's spans."""

    learning_rate: Rate
    negatives: Count
    dev_documents: Count


class Teacher(Section):
    """Which model annotates the unlabelled text."""

    backend: Literal["tagger"]
    min_score: Share


class Distill(Section):
    """How the teacher is run over the unlabelled text."""

    batch_size: Count
    chunk: Count


class Validate(Section):
    """What synthetic annotations have to meet."""

    max_quarantined: Share
    min_rows: Count
    max_spans_per_word: Annotated[float, Field(gt=0.0)]
    min_score: Share
    min_script_share: Share
    density_ratio: tuple[float, float]
    min_types: Share

    @model_validator(mode="after")
    def _ordered(self) -> Validate:
        low, high = self.density_ratio
        if not 0.0 <= low < high:
            raise ValueError(f"density_ratio is a lower and an upper limit, found {low} and {high}")
        return self


class Variant(Section):
    """One GLiNER: its encoder and the limits of its windows."""

    encoder: str
    max_width: Count
    max_words: Count
    max_types: Count
    negative_types: Natural
    dropout: Share

    @model_validator(mode="after")
    def _entity_fits(self) -> Variant:
        if self.max_words < self.max_width:
            raise ValueError(f"max_words ({self.max_words}) is less than max_width ({self.max_width})")
        return self


class Gliner(Section):
    """The GLiNER variants to train."""

    variants: dict[Name, Variant] = Field(min_length=1)


class GlinerPhase(Optimisation):
    """One phase (pre-training or fine-tuning) of a GLiNER training."""

    encoder_learning_rate: Rate
    head_learning_rate: Rate


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


class Promotion(Section):
    """When a challenger becomes champion."""

    metric: Scheme
    min_gain: Share
    significance: Annotated[float, Field(gt=0.0, le=1.0)]
    min_f1: Share
    floor_per_type: Share
    floor_per_language: Share


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
    validate_: Validate = Field(alias="validate")
    gliner: Gliner
    pretrain: GlinerPhase
    finetune: GlinerPhase
    models: dict[Name, Model] = Field(min_length=1)
    evaluate: Evaluate
    report: Report
    registry: Registry
    promotion: Promotion

    @model_validator(mode="after")
    def _consistent(self) -> Params:
        for name, corpus in self.corpora.items():
            for label in (corpus.labels or {}).values():
                if label not in self.types:
                    raise ValueError(f"corpora.{name}.labels: {label!r} is not one of the types: {_known(self.types)}")
            for key, types in self.types.items():
                if corpus.language not in types:
                    raise ValueError(f"types.{key} has no name in {corpus.language!r}, the language of corpora.{name}")
            if "unlabelled" in corpus.splits and corpus.language not in self.curate.quality:
                raise ValueError(f"curate.quality has no {corpus.language!r}, the language of corpora.{name}")
        for family in ("gliner", "tagger"):
            model = getattr(self.registry, family).model
            if model not in self.models or self.models[model].family != family:
                raise ValueError(f"registry.{family}.model: {model!r} is no {family} of models: {_known(self.models)}")
        return self

    @property
    def references(self) -> tuple[str, ...]:
        """The models that a training starts from."""
        return (self.tagger.base, *(variant.encoder for variant in self.gliner.variants.values()))

    @property
    def entity_types(self) -> EntityTypes:
        """The entity types, in the order of the file."""
        return EntityTypes(self.types)


def _known(names: Mapping[str, Any]) -> str:
    return ", ".join(names)


def load_params(path: Path) -> Params:
    """Read and check a params file.

    Raises:
        ConfigError: the file is missing, is not YAML, or does not fit; every problem is listed with its key.
    """
    return parse_params(read_yaml(path), str(path))


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping.

    Raises:
        ConfigError: the file is missing or is not a YAML mapping.
    """
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        mend = "run in the project's folder, or restore the file"
        raise ConfigError(f"the file cannot be read: {error.strerror}", where=str(path), mend=mend) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"not YAML: {error}", where=str(path), mend="correct the syntax") from error
    if not isinstance(value, dict):
        raise ConfigError("not a mapping of keys to values", where=str(path))
    return value


def parse_params(value: Mapping[str, Any], where: str) -> Params:
    """Check a params mapping; `where` names its origin in errors."""
    try:
        return Params.model_validate(value)
    except ValidationError as error:
        problems = [_problem(dict(item)) for item in error.errors()]
        raise ConfigError("; ".join(problems), where=where, mend="correct the keys named above") from error


def _problem(item: Mapping[str, Any]) -> str:
    path = [part for part in item["loc"] if part != "[key]"]
    key = ".".join(str(part) for part in path)
    if item["type"] == "extra_forbidden":
        return f"unknown key {key}{_suggestion([str(part) for part in path])}"
    if item["type"] == "missing":
        return f"the key {key} is missing"
    found = f", found {item['input']!r}" if key and not isinstance(item["input"], Mapping) else ""
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{key}: {message}{found}" if key else message


def _suggestion(path: list[str]) -> str:
    """Which known key of the same section the unknown one resembles."""
    section: Any = Params
    for part in path[:-1]:
        section = _fields(section)[part] if _fields(section) else get_args(section)[-1]
    known = list(_fields(section))
    close = difflib.get_close_matches(path[-1], known, 1)
    return f" (did you mean {close[0]}?)" if close else f" (known: {', '.join(known)})"


def _fields(section: Any) -> dict[str, Any]:
    """Key -> type of the value; empty for what is no section, such as a mapping with names of the user's own."""
    if not (isinstance(section, type) and issubclass(section, BaseModel)):
        return {}
    return {field.alias or name: field.annotation for name, field in section.model_fields.items()}


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the keys of `over`: mappings are merged, anything else replaces; a null removes the key."""
    merged = dict(base)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            under = merged.get(key)
            merged[key] = merge(under if isinstance(under, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged
