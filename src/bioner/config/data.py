"""The params of data: corpora, curation, and what synthetic annotations have to meet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from bioner.config.section import Count, Rate, Section, Share

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
Identifier = Literal["email", "phone", "resident_id", "social_security", "record_number"]
Split = Literal["train", "dev", "test", "unlabelled"]
SPLITS: tuple[Split, ...] = get_args(Split)
FORMATS: tuple[Format, ...] = get_args(Format)
IDENTIFIERS: tuple[Identifier, ...] = get_args(Identifier)
TABLES: tuple[Format, ...] = ("csv", "tsv", "json", "jsonl", "parquet")  # which need to be told the column of the text


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
    held_out: bool = False  # its train and dev documents are for `protocols` alone
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


class Validate(Section):
    """What synthetic annotations have to meet."""

    max_quarantined: Share
    min_rows: Count
    min_answered: Share
    min_yield: Share
    max_spans_per_word: Annotated[float, Field(gt=0.0)]
    max_entity_words: Count
    min_score: Share
    min_script_share: Share
    identifiers: tuple[Identifier, ...]
    density_ratio: tuple[float, float]
    max_label_drift: Share
    max_length_drift: Share
    min_types: Share

    @model_validator(mode="after")
    def _ordered(self) -> Validate:
        low, high = self.density_ratio
        if not 0.0 <= low < high:
            raise ValueError(f"density_ratio is a lower and an upper limit, found {low} and {high}")
        return self
