"""The audit finds each kind of tampering and names it, and finds nothing where nothing was changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import tampering as by
from audited import REFERENCE, built
from tampering import Tampering
from typer.testing import CliRunner

from bioner.audit.audit import audit
from bioner.audit.findings import State

pytestmark = pytest.mark.slow

CLEAN = int(os.environ.get("BIONER_CLEAN_AUDITS", "3"))  # the figures in docs/lineage.md are from 20
EVIDENCE = ".bioner/mlartifacts/**/evidence/*"
TRAINED, SYNTHETIC, MODEL = "data/train/sample-en.jsonl", "data/synthetic.jsonl", "models/finetune/mini"
RUN = "run_uuid IN (SELECT run_uuid FROM runs WHERE name = '{}')"
OTHER = "'0' || substr(replace({0}, '0', '1'), 2)"  # SQL of another value of the same length

# What is changed, how, and the item that has to be named.
KINDS: dict[str, tuple[Tampering, str]] = {
    "a byte of a corpus": (by.byte_of("data/sample/sample-en/text.txt"), "workspace: data/sample/sample-en"),
    "a byte of the training data": (by.byte_of(TRAINED), f"workspace: {TRAINED}"),
    "a byte of a quarantined row": (by.byte_of("data/quarantine.jsonl"), "workspace: data/quarantine.jsonl"),
    "a byte of the test data": (by.byte_of("data/test/sample-zh.jsonl"), "workspace: data/test/sample-zh.jsonl"),
    "a byte of the model": (by.byte_of(f"{MODEL}/model.safetensors"), f"workspace: {MODEL}"),
    "the prompt of the teacher": (
        by.text_of("models/teacher.json", "a hash", "b hash"),
        "workspace: models/teacher.json",
    ),
    "a metric of the pipeline": (
        by.text_of("metrics/evaluate/gliner-mini.json", '"right": 45', '"right": 55'),
        "workspace: metrics/evaluate/gliner-mini.json",
    ),
    "params of the workspace": (by.text_of("params.yaml", "seed: 13", "seed: 14"), "workspace: params.yaml: seed"),
    "a hash in dvc.lock": (by.hash_in_lock(SYNTHETIC), f"workspace: dvc.lock: {SYNTHETIC}"),
    "a size in dvc.lock": (by.text_of("dvc.lock", "size: 2", "size: 3"), "workspace: dvc.lock: "),
    "a torn dvc.lock": (by.text_of("dvc.lock", "schema", "{schema"), "workspace: dvc.lock"),
    "an object of the cache": (by.object_of(".dvc/cache", SYNTHETIC), f"cache: {SYNTHETIC}"),
    "a listing in the cache": (by.object_of(".dvc/cache", MODEL), f"cache: {MODEL}"),
    "an object of the remote": (by.object_of(".bioner/remote", TRAINED), f"remote: {TRAINED}"),
    "a file of the model in the remote": (
        by.object_of(".bioner/remote", MODEL, "model.safetensors"),
        f"remote: {MODEL}/model.safetensors",
    ),
    "the registered model": (by.byte_of(".bioner/mlartifacts/**/model.safetensors"), "registry: model folder"),
    "the registered manifest": (by.text_of(".bioner/mlartifacts/**/mini/bioner.json", "0.5", "0.1"), "(bioner.json)"),
    "code in the registered model": (
        by.byte_of(".bioner/mlartifacts/**/code/bioner/words.py"),
        "registry: model code code/bioner/words.py",
    ),
    "predictions of the evidence": (
        by.byte_of(f"{EVIDENCE}/predictions/sample-en.jsonl"),
        "evidence: predictions",
    ),
    "gold of the evidence": (by.byte_of(f"{EVIDENCE}/gold/sample-en.jsonl"), "evidence: gold/sample-en.jsonl"),
    "dvc.lock of the evidence": (by.byte_of(f"{EVIDENCE}/dvc.lock"), "evidence: dvc.lock"),
    "params of the evidence": (
        by.text_of(f"{EVIDENCE}/params.yaml", "seed: 13", "seed: 14"),
        "evidence: params.yaml: seed",
    ),
    "dvc.yaml of the evidence": (by.text_of(f"{EVIDENCE}/dvc.yaml", "cp -r", "cp -R"), "git: dvc.yaml"),
    "the prompt in the evidence": (by.byte_of(f"{EVIDENCE}/teacher.json"), "evidence: teacher.json"),
    "the gate's figures in the evidence": (by.byte_of(f"{EVIDENCE}/validate.json"), "evidence: validate.json"),
    "scores of the evidence": (
        by.text_of(f"{EVIDENCE}/evaluation.json", '"right": 45', '"right": 55'),
        "evidence: evaluation.json",
    ),
    "the tag of the content": (by.tag("bioner.content", OTHER.format("value")), "registry: tag bioner.content"),
    "the tag of the test set": (by.tag("bioner.test", OTHER.format("value")), "registry: tag bioner.test"),
    "the tag of the scores": (
        by.tag("bioner.scores", "replace(value, '\"f1\": 0.857143', '\"f1\": 0.957143')"),
        "registry: tag bioner.scores: schemes.strict.micro.f1",
    ),
    "the tag of the evidence": (by.tag("bioner.evidence", "'evidence/0'"), "registry: tag bioner.evidence"),
    "the tag of the lock": (by.tag("bioner.lock", OTHER.format("value")), "evidence: dvc.lock"),
    "the tag of the base": (by.tag("bioner.base", "'package:other/model'"), "registry: tag bioner.base"),
    "the tag of the model": (by.tag("bioner.model", "'tagger-selector'"), "registry: tag bioner.model"),
    "the tag of the workspace": (by.tag("bioner.workspace", "'other'"), "run: tag bioner.workspace"),
    "the tag of the commit": (by.tag("bioner.git.commit", OTHER.format("value")), "git: commit 0"),
    "the decision": (by.tag("bioner.decision", "'promoted over all others'"), "registry: tag bioner.decision"),
    "a rule of the decision": (
        by.tag("bioner.reasons", "replace(value, '0.857', '0.957')"),
        "registry: tag bioner.reasons",
    ),
    "the size in the registry": (by.tag("bioner.bytes", "'1'"), "registry: tag bioner.bytes"),
    "a param of the run": (
        by.row("params", "value", f"key = 'finetune.steps' AND {RUN.format('finetune-mini')}", "'201'"),
        "run: param finetune.steps",
    ),
    "a metric of the run": (
        by.row("latest_metrics", "value", "key = 'strict_f1'", "0.957143"),
        "run: metric strict_f1 of evaluate-gliner-mini",
    ),
    "an input of the run": (
        by.row("datasets", "digest", f"name = '{SYNTHETIC}'", OTHER.format("digest")),
        f"run: input {SYNTHETIC}",
    ),
    "the output of the run": (
        by.row("tags", "value", "key = 'bioner.output'", OTHER.format("value")),
        "run: tag bioner.output",
    ),
    "the end of the run": (by.row("runs", "status", "name = 'finetune-mini'", "'FAILED'"), "run: status"),
    "an entry of the ledger": (
        by.row(
            "params",
            "value",
            f"CAST(key AS INTEGER) = 2 AND {RUN.format('ledger')}",
            "replace(value, 'bioner-gliner', 'bioner-tagger')",
        ),
        "ledger: entry 2",
    ),
    "an alias, behind the ledger": (
        by.row("registered_model_aliases", "alias", "name = 'bioner-gliner'", "'production'"),
        "ledger: bioner-gliner@champion",
    ),
    "the history of git": (by.history, "git: commit "),
    "an object of git": (by.git_object, "git: objects"),
    "data that is nowhere any more": (
        by.lost("data/quarantine.jsonl", *(f"{place}/files/md5/**/*" for place in (".dvc/cache", ".bioner/remote"))),
        "storage: data/quarantine.jsonl",
    ),
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Iterator[Path]:
    """A workspace whose model was made, registered and promoted; tests leave it as it is."""
    with built(tmp_path_factory.mktemp("audited"), empty_store) as root:
        yield root


def named(reference: str = REFERENCE) -> list[str]:
    """What an audit finds wrong."""
    return [f"{finding.place}: {finding.item}" for finding in audit(reference).of(State.WRONG)]


def test_every_kind_of_tampering_is_found_and_named(workspace: Path) -> None:
    reference = "bioner-gliner/1"  # an alias may be what was tampered with
    missed = {}
    for kind, (plant, expected) in KINDS.items():
        with plant(workspace):
            found = named(reference)
        if not any(expected in item for item in found):
            missed[kind] = found
    assert not missed
    assert named() == []  # everything was undone


@pytest.mark.usefixtures("workspace")
def test_clean_audits_raise_no_alarm_and_say_what_they_could_not_see() -> None:
    for _ in range(CLEAN):
        result = audit(REFERENCE)
        assert not result.of(State.WRONG)
        assert [finding.what for finding in result.of(State.UNCHECKED)] == ["the commit is not signed"]
    assert result.counts["remote"]["right"] == result.counts["cache"]["right"] > 5


def test_what_is_not_there_is_said_and_no_fault(workspace: Path) -> None:
    with by.lost(".bioner/remote/files/md5/**/*", "data/train/*.jsonl")(workspace):
        result = audit(REFERENCE)
    assert not result.of(State.WRONG)
    unseen = {f"{finding.place}: {finding.item}" for finding in result.of(State.UNCHECKED)}
    assert {f"workspace: {TRAINED}", f"remote: {MODEL}", f"remote: {SYNTHETIC}"} <= unseen


def test_the_command_names_the_item_and_its_mend(workspace: Path) -> None:
    from bioner.cli.app import build as application

    run = CliRunner()
    assert run.invoke(application(), ["audit", REFERENCE]).exit_code == 0
    with by.byte_of(TRAINED)(workspace):
        failed = run.invoke(application(), ["audit", REFERENCE])
        as_json = run.invoke(application(), ["audit", REFERENCE, "--json"])
    error = failed.exception
    assert getattr(error, "exit_code", None) == 6
    assert f"workspace: {TRAINED}" in str(error)
    assert f"dvc checkout --force {TRAINED}" in str(error)
    assert '"passed": false' in as_json.stdout
