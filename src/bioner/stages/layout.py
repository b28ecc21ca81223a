"""Where every stage finds its inputs and leaves its outputs, relative to the workspace; `dvc.yaml` says the same."""

from __future__ import annotations

from pathlib import Path

from bioner import project

PARAMS = Path("params.yaml")
STATE = project.STATE

CURATED = Path("data/curated.jsonl")
TAGGER = Path("models/tagger")
SELECTOR = Path("models/tagger-selector")  # a whole tagger with its selector
TEACHER = Path("models/teacher.json")
RECORDS = STATE / "cache" / "records"  # what each teacher said, a file a teacher
DISTILLED = Path("data/distilled.jsonl")
UNGROUNDED = Path("data/ungrounded.jsonl")  # what could not be taken of a teacher's answers, a sample
SYNTHETIC = Path("data/synthetic.jsonl")
QUARANTINE = Path("data/quarantine.jsonl")
DATA_DOCS = Path("reports/validation")  # the pages of Great Expectations
REPORT = Path("reports/report.html")
PLOTS = Path("reports/plots")  # the figures of the report as tables, for `dvc plots`


def split(name: str, corpus: str | None = None) -> Path:
    """The folder of a split (train, dev, test, unlabelled), or the file of one corpus in it."""
    folder = Path("data") / name
    return folder / f"{corpus}.jsonl" if corpus else folder


def pretrained(variant: str) -> Path:
    """The folder of a GLiNER variant after pre-training on synthetic data."""
    return Path("models/pretrain") / variant


def finetuned(variant: str) -> Path:
    """The folder of a GLiNER variant after fine-tuning on gold data."""
    return Path("models/finetune") / variant


def predictions(model: str) -> Path:
    """The folder of a model's predictions, one document file a test set."""
    return Path("predictions") / model


def suite_predictions(name: str) -> Path:
    """The folder of what every model predicted for a set of the suite, one document file a model."""
    return Path("predictions/suite") / name


def metrics(stage: str, item: str | None = None) -> Path:
    """The metrics file of a stage."""
    return Path("metrics") / stage / f"{item}.json" if item else Path("metrics") / f"{stage}.json"


def curve(stage: str, item: str | None = None) -> Path:
    """The training curve of a stage: a CSV of step, loss and learning rate."""
    return Path("metrics/curves") / (f"{stage}-{item}.csv" if item else f"{stage}.csv")
