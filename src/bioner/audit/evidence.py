"""The evidence of a version: its files against each other, and against the tags of the version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bioner.audit.findings import RESTORE, Finding
from bioner.audit.subject import Subject
from bioner.audit.values import alike, short, value_at
from bioner.files import hash_file
from bioner.tracking.evidence import GOLD, PREDICTIONS, TEACHER, TEST_DOCUMENTS, evidence_id
from bioner.tracking.policy_findings import RECORDS
from bioner.tracking.provenance import dvc_hash
from bioner.tracking.registry import CONTENT, EVIDENCE, TEST

_PLACE = "evidence"


def check_evidence(subject: Subject) -> Iterator[Finding]:
    """Every file of the evidence, by as many witnesses as there are."""
    if subject.evidence is None:
        named = subject.version.tags.get(EVIDENCE)
        what = f"it names {named}, which its run does not have" if named else "the version has no evidence"
        yield Finding.wrong("registry", f"tag {EVIDENCE}", what, RESTORE)
        return
    yield from _lock(subject)
    yield from _params(subject)
    yield from _copies(subject)
    yield from _name(subject)


def _lock(subject: Subject) -> Iterator[Finding]:
    file, expected = subject.file("dvc.lock"), subject.version.tags.get("bioner.lock", "none")
    if file is None:
        yield Finding.unchecked(_PLACE, "dvc.lock", "it was not kept: stages and hashes of data are unknown")
        return
    found = hash_file(file)
    what = f"its SHA-256 is {found}, the tag bioner.lock of the version says {expected}"
    yield Finding.judged(_PLACE, "dvc.lock", holds=found == expected, what=what, mend=RESTORE)


def _params(subject: Subject) -> Iterator[Finding]:
    """`dvc.lock` repeats every value that a stage read."""
    if subject.file("params.yaml") is None:
        yield Finding.unchecked(_PLACE, "params.yaml", "it was not kept")
        return
    if not subject.params:
        yield Finding.wrong(_PLACE, "params.yaml", "it cannot be read", RESTORE)
        return
    wrong = {
        key: (value_at(subject.params, key), value)
        for stage in subject.stages
        for key, value in stage.params.items()
        if not alike(value_at(subject.params, key), value)
    }
    for key, (found, value) in wrong.items():
        what = f"it is {short(found)}, the stages ran with {short(value)} (dvc.lock)"
        yield Finding.wrong(_PLACE, f"params.yaml: {key}", what, RESTORE)
    if not wrong:
        yield Finding.right(_PLACE, "params.yaml")


def _copies(subject: Subject) -> Iterator[Finding]:
    """What was copied from outputs of the pipeline, against the hashes of these."""
    copies = {
        "evaluation.json": f"metrics/evaluate/{subject.key}.json",
        PREDICTIONS: f"predictions/{subject.key}",
        Path(TEACHER).name: TEACHER,
    }
    copies |= {name: f"metrics/{name}" for name in RECORDS}
    gold = subject.file(GOLD)
    for part in sorted(gold.glob("*.jsonl")) if gold else ():
        copies[f"{GOLD}/{part.name}"] = (TEST_DOCUMENTS / part.name).as_posix()
    for name, path in copies.items():
        file, output = subject.file(name), subject.output(path)
        if output is None:
            continue
        if file is None:
            yield Finding.unchecked(_PLACE, name, f"{path} was not kept with the version")
            continue
        found = dvc_hash(file)
        what = f"its MD5 is {found}, that of {path} was {output.hash} (dvc.lock)"
        yield Finding.judged(_PLACE, name, holds=found == output.hash, what=what, mend=RESTORE)


def _name(subject: Subject) -> Iterator[Finding]:
    """The folder is named by the hash of model, test documents, predictions and what the stages noted."""
    tags, predictions = subject.version.tags, subject.file(PREDICTIONS)
    if predictions is None:
        return
    try:
        made = evidence_id(tags.get(CONTENT), tags.get(TEST), predictions, predictions.parent)[:16]
    except ValueError:
        made = f"nothing, since one of {', '.join(RECORDS)} is no JSON any more"
    what = f"it is {tags[EVIDENCE]}, but model, test documents and predictions of the tags and files give {made}"
    mend = f"one of the tags {CONTENT}, {TEST}, {EVIDENCE} or the predictions was changed: see the other findings"
    yield Finding.judged("registry", f"tag {EVIDENCE}", holds=tags[EVIDENCE].endswith(made), what=what, mend=mend)
