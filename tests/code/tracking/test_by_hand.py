"""Promotion, rollback and comparison by a person, on a real store: judged from what was kept, recorded, reversible."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from alias_changes import NAMES, make_versions, move
from projects import Project

from bioner.errors import ConfigError, RegistryError
from bioner.tracking.by_hand import promote_version, rollback
from bioner.tracking.comparison import compare_versions
from bioner.tracking.evidence import find_evidence
from bioner.tracking.ledger_store import Ledger
from bioner.tracking.ledger_verify import verify
from bioner.tracking.promotion import Outcome, promote, register_and_promote
from bioner.tracking.registry import alias_map, registered_in_step
from bioner.tracking.store import Store, connect

pytestmark = pytest.mark.slow

NAME = "bioner-gliner"


def register(project: Project, **rules: object) -> Outcome:
    params = project.with_promotion(**rules)
    return promote(connect(project.root), project.root, params, params.registry.gliner)


@pytest.fixture
def two(project: Project, challenge: Callable[..., None]) -> Project:
    """A champion, and a worse challenger, whose workspace files are gone by now."""
    register(project)
    challenge("worse", en=20, zh=10)
    register(project)
    shutil.rmtree(project.root / "predictions")
    shutil.rmtree(project.root / "models")
    shutil.rmtree(project.root / "metrics")
    return project


@pytest.fixture
def store(two: Project) -> Store:
    return connect(two.root)


def test_dry_run_shows_every_rule_and_changes_nothing(two: Project, store: Store) -> None:
    before = Ledger(store).texts()
    judged = promote_version(two.root, two.params, f"{NAME}@challenger", dry_run=True)
    assert (judged.version, judged.champion, judged.promoted) == ("2", "1", False)
    assert judged.decision is not None
    assert {rule.name: rule.passed for rule in judged.decision.rules} == {
        "min_f1": True,
        "validation": True,
        "min_gain": False,
        "significance": False,
    }
    assert judged.sentence == "would be refused: min_gain, significance"
    assert Ledger(store).texts() == before
    json.dumps(judged.to_record())
    judged_by_everything(two)
    refused_or_forced(two, store)


def judged_by_everything(two: Project) -> None:
    """Types, size and leakage from what was kept."""
    params = two.with_promotion(type_significance=0.05, max_megabytes=1.0, max_leakage=0.1)
    decision = promote_version(two.root, params, f"{NAME}/2", dry_run=True).decision
    assert decision is not None
    said = [(rule.name, rule.passed, rule.figures.split(":")[0]) for rule in decision.rules]
    assert ("max_megabytes", True, "0.0 MB, at most 1 is asked for") in said
    assert ("max_leakage", False, "metrics/curate.json has no leakage") in said
    assert [rule for rule in said if rule[0] == "type_significance"] == [
        ("type_significance", False, name) for name in ("disease", "drug", "gene")
    ]


def refused_or_forced(two: Project, store: Store) -> None:
    """What fails is refused; what is forced is recorded as such."""
    assert not promote_version(two.root, two.params, f"{NAME}/2").promoted
    assert alias_map(store, NAME) == {"champion": "1", "challenger": "2"}
    with pytest.raises(ConfigError, match="needs a reason"):
        promote_version(two.root, two.params, f"{NAME}/2", force=True, reason=" ")
    forced = promote_version(two.root, two.params, f"{NAME}/2", force=True, reason="the other one leaks")
    assert forced.promoted
    assert alias_map(store, NAME) == {"champion": "2"}
    entry = Ledger(store).entries()[-1]
    assert (entry.change.action, entry.change.reason) == ("forced", "the other one leaks")
    assert entry.by.user in forced.sentence
    assert len(entry.change.evidence) == 64
    version = store.client.get_model_version(NAME, "2")
    assert version.tags["bioner.decision"] == forced.sentence
    assert "min_gain: FAILED" in version.description
    assert verify(store).problems == ()
    again = promote_version(two.root, two.params, f"{NAME}/2")
    assert (again.promoted, again.decision, again.sentence) == (True, None, "is the champion already")


def test_rolled_back_version_comes_back_by_hand_only(project: Project, challenge: Callable[..., None]) -> None:
    register_and_promote(project.root, project.params)
    challenge("better", en=40, zh=20)
    assert register(project).alias == "champion"
    entry = rollback(project.root, NAME, "users complain")
    store = connect(project.root)
    assert alias_map(store, NAME) == {"champion": "1", "challenger": "2"}
    assert (entry.change.action, entry.change.reason) == ("rolled back", "users complain")
    assert store.client.get_model_version(NAME, "2").tags["bioner.decision"].startswith("rolled back to version 1 by")
    assert registered_in_step(project.root, project.params)
    assert register(project).alias == "challenger"
    assert register(project, min_f1=0.01).alias == "challenger"  # also under another policy
    params = project.with_promotion(min_f1=0.01)
    assert params.registry.gliner.name == NAME
    judged = promote_version(project.root, params, f"{NAME}/2", dry_run=True)
    assert judged.decision is not None
    assert [rule.name for rule in judged.decision.rules if not rule.passed] == ["withdrawn"]
    with pytest.raises(RegistryError, match="no champion before"):
        rollback(project.root, NAME)
    assert promote_version(project.root, params, f"{NAME}/2", force=True, reason="mended").promoted
    assert promote_version(project.root, params, f"{NAME}/1", dry_run=True).promoted is False
    assert alias_map(store, NAME) == {"champion": "2"}


_ROLLBACK = """
import sys, time
from typer.testing import CliRunner
from bioner.cli.app import build
began = time.monotonic()
result = CliRunner().invoke(build(), ["rollback", "--reason", "too slow"], catch_exceptions=False)
assert result.exit_code == 0, result.output
loaded = {name.partition(".")[0] for name in sys.modules}
print(time.monotonic() - began, time.process_time(), *sorted(loaded & {"torch", "transformers", "gliner"}))
"""


def test_rollback_takes_seconds_loads_no_framework_and_the_alias_is_always_there(bare_project: Project) -> None:
    store = make_versions(bare_project.root, NAMES[:1])
    for before, after in ((None, "1"), ("1", "2")):
        move(store, "champion", before, after)
    seen: list[str] = []
    stop = threading.Event()

    def read() -> None:
        reader = connect(bare_project.root)
        while not stop.is_set():
            seen.append(str(reader.client.get_model_version_by_alias(NAME, "champion").version))
            time.sleep(0.01)

    poll = threading.Thread(target=read)
    poll.start()
    try:
        done = subprocess.run([sys.executable, "-c", _ROLLBACK], capture_output=True, text=True, check=True)
        time.sleep(0.2)
    finally:
        stop.set()
        poll.join()
    seconds, busy, *loaded = done.stdout.split()
    print(f"rolled back in {seconds} s ({busy} s of a processor, with all imports), {len(seen)} reads")
    assert loaded == []
    assert float(busy) < 8  # of its own time, for tests run beside this one; docs/promotion.md has what it takes alone
    assert len(seen) > 20
    assert seen == sorted(seen, reverse=True)
    assert {seen[0], seen[-1]} == {"2", "1"}


def test_two_promotions_at_once_one_wins(two: Project, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one is made while the first one's policy is at work."""
    from bioner.tracking import by_hand

    judge, won = by_hand.judge, []

    def slow(*arguments: object, **options: object) -> object:
        if not won:
            won.append("2")
            promote_version(two.root, two.params, f"{NAME}/2", force=True, reason="first")
        return judge(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(by_hand, "judge", slow)
    with pytest.raises(RegistryError, match=r"champion was changed meanwhile by .*version 2, and not 1") as refused:
        promote_version(two.root, two.params, f"{NAME}/2", force=True, reason="second")
    assert "forced" in refused.value.where
    assert alias_map(store, NAME) == {"champion": "2"}
    assert verify(store).problems == ()


def test_comparison_is_the_paired_test_on_what_was_kept(two: Project) -> None:
    found = compare_versions(two.root, two.params, (f"{NAME}/1", f"{NAME}@challenger"))
    assert (found.first, found.second, found.documents) == (f"{NAME}/1", f"{NAME}/2", 60)
    rows = {(row.kind, row.name): row for row in found.rows}
    assert {("all", ""), ("types", "drug"), ("languages", "zh"), ("shapes", "flat")} <= set(rows)
    assert rows["all", ""].test.difference == pytest.approx(2 * 30 / 90 - 2 * 45 / 105)
    assert all(row.corrected >= row.test.p_two_sided for row in found.rows)
    assert json.loads(json.dumps(found.to_record()))["rows"][0]["kind"] == "all"
    back = compare_versions(two.root, two.params, (f"{NAME}/2", f"{NAME}/1"))
    assert [row.test.difference for row in back.rows] == [-row.test.difference for row in found.rows]
    without_test_documents(two, connect(two.root))
    with_other_evidence(two, connect(two.root))


def without_test_documents(two: Project, store: Store) -> None:
    """A version of before they were kept needs those of the workspace."""
    shutil.rmtree(kept(two.root, store, "2") / "gold")
    assert promote_version(two.root, two.params, f"{NAME}/2", dry_run=True).decision is not None
    two.write_tests("changed")
    with pytest.raises(RegistryError, match="were not kept"):
        promote_version(two.root, two.params, f"{NAME}/2", dry_run=True)


def with_other_evidence(two: Project, store: Store) -> None:
    """Evidence that was changed, or is not there, is refused."""
    store.client.create_model_version(NAME, "file:///nowhere")
    with pytest.raises(RegistryError, match="has no evidence"):
        promote_version(two.root, two.params, f"{NAME}/3")
    file = kept(two.root, store, "2") / "predictions/sample-en.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace('"drug"', '"gene"'), encoding="utf-8")
    with pytest.raises(RegistryError, match="is not what was registered"):
        promote_version(two.root, two.params, f"{NAME}/2")


def test_versions_tested_on_other_documents_are_not_compared(
    project: Project, challenge: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    register(project)
    project.write_tests("changed")
    challenge("other", en=30, zh=15, note="changed")
    from bioner.tracking import policy_judge

    evidence = find_evidence(project.root, project.params, "gliner-mini")
    monkeypatch.setattr(policy_judge, "_champion_predictions", lambda *_: evidence.gold_documents())
    register(project)
    with pytest.raises(RegistryError, match="different documents"):
        compare_versions(project.root, project.params, (f"{NAME}/1", f"{NAME}/2"))


def kept(root: Path, store: Store, version: str) -> Path:
    """The folder of a version's evidence."""
    folder = store.client.get_model_version(NAME, version).tags["bioner.evidence"]
    return next(path.parent for path in (root / ".bioner").rglob("predictions") if folder in path.as_posix())
