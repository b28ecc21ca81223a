"""What else speaks for or against a model, beside its scores: what the stages and the registry noted of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioner.files import hash_value, read_json

RECORDS = ("validate.json", "curate.json", "review.json")  # of `metrics/`, kept with the evidence


@dataclass(frozen=True, slots=True)
class Findings:
    """What was noted; `None` is not noted.

    Attributes:
        validation: metrics of the gate that judged the synthetic data.
        leakage: pair of sets -> share of the judged one that occurs in the other.
        acceptance: share of the teacher's annotations that reviewers accepted.
        size: bytes of the model folder.
        withdrawn: how the version lost the alias `champion` by a rollback.
    """

    validation: dict[str, Any] | None = None
    leakage: dict[str, float] | None = None
    acceptance: float | None = None
    size: int | None = None
    withdrawn: str | None = None


def read_findings(folder: Path, size: int | None, withdrawn: str | None) -> Findings:
    """Read the records in a folder: `metrics/` of a workspace, or where they were kept with the evidence."""
    validation, curation, review = (_read(folder / name) for name in RECORDS)
    leakage = (curation or {}).get("leakage")
    return Findings(
        validation=validation,
        leakage=None if leakage is None else {pair: found["share"] for pair, found in leakage.items()},
        acceptance=(review or {}).get("acceptance", {}).get("all", {}).get("rate"),
        size=size,
        withdrawn=withdrawn,
    )


def hash_records(folder: Path) -> str | None:
    """Hash of the records in a folder; `None` without any."""
    found = {name: _read(folder / name) for name in RECORDS if (folder / name).is_file()}
    return hash_value(found) if found else None


def _read(file: Path) -> Any:
    return read_json(file) if file.is_file() else None
