"""What a lineage says: the records from an alias back to the bytes of the sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bioner.lineage.pipeline import Corpus, File, Stage


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """The registered version, and why it has its alias; times are ISO 8601 in UTC."""

    name: str
    version: str
    created: str
    aliases: tuple[str, ...]
    model: str
    content: str
    decision: str
    rules: tuple[Mapping[str, Any], ...]
    scores: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunInfo:
    """The MLflow run that made the model; times are ISO 8601 in UTC, and empty where there is none."""

    id: str
    name: str
    status: str
    started: str
    ended: str
    host: str
    workspace: str
    inputs: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """The code: the commit, whether tracked files differed from it, and the hashes of what the stages depend on."""

    commit: str
    state: str
    changed: tuple[str, ...]
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """A registered version that something went into, and as what (see `bioner.lineage.index`)."""

    name: str
    version: str
    aliases: tuple[str, ...]
    roles: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Everything behind a version, a run, a file or a document.

    Attributes:
        subject: what was asked for, in words.
        version: the registered version; `None` for what is none.
        run: the run that made it, if one is known.
        stages: the stage that made it first, each stage after those that read from it; empty if no `dvc.lock` was kept.
        evaluation: the stage that made the predictions a model was judged by, if known.
        teacher: the manifest of the teacher (model, prompt, sampling, types); empty if there was none.
        validation: the figures of the gate for synthetic data, quarantined rows by reason too; likewise.
        environment: Python and the packages at their versions; empty if none were kept.
        uses: the versions that a file or document went into.
    """

    subject: str
    version: VersionInfo | None
    run: RunInfo | None
    stages: tuple[Stage, ...]
    evaluation: Stage | None
    corpora: tuple[Corpus, ...]
    code: CodeInfo
    teacher: Mapping[str, Any]
    validation: Mapping[str, Any]
    environment: tuple[str, ...]
    uses: tuple[Use, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """The lineage as a JSON object."""
        return asdict(self)
