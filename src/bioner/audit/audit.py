"""The audit of a registered version: every item of its chain against every other that says the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bioner.audit.card import check_card
from bioner.audit.decision import check_decision
from bioner.audit.evidence import check_evidence
from bioner.audit.findings import Audit, Finding, State
from bioner.audit.history import check_history
from bioner.audit.registry import check_registry
from bioner.audit.scores import check_scores
from bioner.audit.storage import check_storage
from bioner.audit.subject import Subject, find
from bioner.audit.workspace import check_workspace
from bioner.lineage.objects import open_storage


def audit(reference: str, start: Path | None = None) -> Audit:
    """Look at everything that speaks for a version.

    Args:
        reference: `bioner-gliner@champion`, `bioner-gliner/3`, or the same after `models:/` or `mlflow:models:/`.
        start: a folder in the project; the current one by default.

    Raises:
        ModelError: the registry has no such version.
    """
    subject = find(reference, start or Path.cwd())
    return Audit(subject.name, tuple(_findings(subject)))


def _findings(subject: Subject) -> Iterator[Finding]:
    yield from check_registry(subject)
    yield from check_card(subject)
    yield from check_evidence(subject)
    yield from check_scores(subject)
    with open_storage(subject.project) as storage:
        present = list(check_workspace(subject))
        yield from present
        sound = {finding.item for finding in present if finding.state is State.RIGHT}
        yield from check_storage(subject, storage, sound)
    yield from check_history(subject)
    yield from check_decision(subject)
