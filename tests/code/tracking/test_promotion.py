"""Registering and promoting, on a real store: versions by content, aliases, reasons, evidence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import SIZES, Project, gold

from bioner.documents import Document, Span, write_documents
from bioner.entity_types import EntityTypes
from bioner.errors import ModelError, RegistryError
from bioner.tracking import registry
from bioner.tracking.promotion import Outcome, promote, register_and_promote
from bioner.tracking.registry import alias_map, registered_in_step, versions
from bioner.tracking.store import Store, connect

pytestmark = pytest.mark.slow

NAME = "bioner-gliner"


def judge(project: Project, **rules: object) -> Outcome:
    """Register and judge the GLiNER alone, which takes half the time of both families."""
    params = project.with_promotion(**rules)
    return promote(connect(project.root), project.root, params, params.registry.gliner)


@pytest.fixture
def store(project: Project) -> Store:
    return connect(project.root)


def test_first_model_of_each_family_becomes_champion(project: Project, store: Store) -> None:
    outcomes = register_and_promote(project.root, project.params)
    assert [(o.name, o.version, o.created, o.alias) for o in outcomes] == [
        (NAME, "1", True, "champion"),
        ("bioner-tagger", "1", True, "champion"),
    ]
    assert alias_map(store, NAME) == {"champion": "1"}
    version = store.client.get_model_version(NAME, "1")
    assert version.tags["bioner.decision"] == "promoted: the first champion"
    assert version.tags["bioner.base"] == "package:base/model"
    assert json.loads(version.tags["bioner.reasons"])["promote"] is True
    assert "min_f1: passed" in version.description


def test_unchanged_model_makes_no_new_version(project: Project) -> None:
    first = register_and_promote(project.root, project.params)
    second = register_and_promote(project.root, project.params)
    assert [o.created for o in second] == [False, False]
    assert [(o.version, o.alias, o.decision, o.reasons) for o in second] == [
        (o.version, o.alias, o.decision, o.reasons) for o in first
    ]
    assert len(versions(NAME)) == 1


def test_better_model_takes_the_alias_over(project: Project, store: Store, challenge: Callable[..., None]) -> None:
    judge(project)
    challenge("better", en=40, zh=20)
    outcome = judge(project)
    assert (outcome.version, outcome.created, outcome.alias) == ("2", True, "champion")
    assert alias_map(store, NAME) == {"champion": "2"}
    assert [rule.split(":")[0] for rule in outcome.reasons] == ["min_f1", "validation", "min_gain", "significance"]


def test_worse_equal_and_barely_better_models_stay_challengers(
    project: Project, challenge: Callable[..., None]
) -> None:
    judge(project)
    cases = (("worse", 20, 10, "min_gain"), ("equal", 30, 15, "min_gain"), ("barely better", 31, 15, "significance"))
    for version, (weights, en, zh, failed) in enumerate(cases, 2):
        challenge(weights, en=en, zh=zh)
        outcome = judge(project)
        assert (outcome.version, outcome.alias) == (str(version), "challenger")
        assert outcome.decision.startswith(f"stays challenger: {failed}")
        assert alias_map(connect(project.root), NAME) == {"champion": "1", "challenger": str(version)}


def test_floor_per_language_keeps_a_lopsided_model_out(project: Project, challenge: Callable[..., None]) -> None:
    challenge("english only", en=40, zh=0)
    outcome = judge(project, floor_per_language=0.2)
    assert outcome.alias == "challenger"
    assert any(rule.startswith("floor_per_language: FAILED: zh") for rule in outcome.reasons)


def test_another_policy_decides_again_without_a_new_version(project: Project) -> None:
    strict = project.with_promotion(min_f1=0.9)
    assert register_and_promote(project.root, strict)[0].alias == "challenger"
    assert registered_in_step(project.root, strict)
    assert not registered_in_step(project.root, project.params)
    outcome = judge(project)
    assert (outcome.version, outcome.created, outcome.alias) == ("1", False, "champion")


@pytest.mark.slow
def test_champion_is_run_again_on_changed_test_documents(
    project: Project, challenge: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The champion here finds every mention of the new documents, more than it did of the old ones."""
    judge(project)
    loaded: list[str] = []
    monkeypatch.setattr("bioner.predictors.load_predictor", lambda reference: Oracle(reference, loaded))
    project.write_tests("changed")
    project.write_model("tagger-selector", "tagger-selector 1", right={"en": 30, "zh": 15}, note="changed")
    challenge("better than before", en=38, zh=19, note="changed")
    outcome = judge(project)
    assert len(loaded) == 1
    assert (Path(loaded[0].removeprefix("path:")) / "model.safetensors").read_text() == "gliner-mini 1"
    assert (outcome.version, outcome.alias) == ("2", "challenger")
    assert "over the champion's 1.000" in outcome.decision


class Oracle:
    """Stands for a trained champion: loading real weights is what `tests/model/test_registry.py` does."""

    def __init__(self, reference: str, loaded: list[str]) -> None:
        loaded.append(reference)

    def predict(self, documents: list[Document], types: EntityTypes, *, batch_size: int) -> list[Document]:
        assert set(types.keys) >= {"drug", "disease", "gene"}
        assert batch_size > 0
        assert not any(document.spans for document in documents)
        answers = {d.text: d.spans for language in SIZES for d in gold(language, "changed")}
        return [document.with_spans(answers[document.text]) for document in documents]


@pytest.mark.slow
def test_champion_is_not_run_where_its_predictions_were_kept(
    project: Project, challenge: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(project)
    monkeypatch.delattr("bioner.predictors.load_predictor")
    shutil.rmtree(project.root / "predictions" / "gliner-mini")
    challenge("better", en=40, zh=20)
    assert judge(project).alias == "champion"


@pytest.mark.slow
def test_older_content_that_comes_back_is_the_old_version(project: Project, challenge: Callable[..., None]) -> None:
    judge(project)
    challenge("better", en=40, zh=20)
    judge(project)
    challenge("gliner-mini 1", en=30, zh=15)
    outcome = judge(project)
    assert (outcome.version, outcome.created, outcome.alias) == ("1", False, "challenger")


def test_version_without_an_alias_is_judged_again(project: Project, store: Store) -> None:
    """A kill between the version and its decision leaves one."""
    register_and_promote(project.root, project.params)
    store.client.delete_registered_model_alias(NAME, "champion")
    store.client.delete_model_version_tag(NAME, "1", "bioner.basis")
    assert not registered_in_step(project.root, project.params)
    assert judge(project).alias == "champion"


def test_version_is_linked_to_the_run_that_trained_it(project: Project, store: Store) -> None:
    from bioner.files import hash_tree

    run = store.client.create_run(
        store.experiment, tags={"bioner.output": hash_tree(project.root / "models/finetune/mini")}
    )
    store.client.set_terminated(run.info.run_id)
    register_and_promote(project.root, project.params)
    assert store.client.get_model_version(NAME, "1").run_id == run.info.run_id
    other = store.client.get_run(store.client.get_model_version("bioner-tagger", "1").run_id)
    assert other.data.tags["bioner.stage"] == "register"
    assert other.info.status == "FINISHED"


def test_evidence_is_kept_with_the_run(project: Project, store: Store) -> None:
    judge(project)
    version = store.client.get_model_version(NAME, "1")
    kept = {
        Path(item.path).name for item in store.client.list_artifacts(version.run_id, version.tags["bioner.evidence"])
    }
    assert kept == {"predictions", "gold", "dvc.lock", "dvc.yaml", "params.yaml", "validate.json"}
    scores = json.loads(version.tags["bioner.scores"])
    assert scores["documents"] == 60
    assert scores["schemes"]["strict"]["languages"] == {"en": pytest.approx(0.857143), "zh": pytest.approx(0.857143)}


def test_in_step_follows_models_tests_and_store(project: Project, challenge: Callable[..., None]) -> None:
    assert not registered_in_step(project.root, project.params)
    register_and_promote(project.root, project.params)
    assert registered_in_step(project.root, project.params)
    write_documents(project.root / "data/test" / "empty.jsonl", [])
    assert registered_in_step(project.root, project.params)
    write_documents(project.root / "data/test" / "new.jsonl", [Document("1", "ABC", "en", (Span.of(0, 3, "gene"),))])
    assert not registered_in_step(project.root, project.params)
    (project.root / "data/test" / "new.jsonl").unlink()
    challenge("another", en=1, zh=1)
    assert not registered_in_step(project.root, project.params)


def test_in_step_notices_a_store_that_is_gone(project: Project, empty_store: Path) -> None:
    register_and_promote(project.root, project.params)
    shutil.copy(empty_store, project.root / ".bioner" / "mlflow.db")
    assert not registered_in_step(project.root, project.params)


def test_versions_shows_aliases_and_scores_newest_first(project: Project, challenge: Callable[..., None]) -> None:
    judge(project)
    challenge("worse", en=4, zh=2)
    judge(project)
    assert [(v.version, v.aliases) for v in versions(NAME)] == [("2", ("challenger",)), ("1", ("champion",))]
    assert versions(NAME)[1].strict_f1 == pytest.approx(0.857143)
    assert versions("nothing") == []


def test_missing_model_is_one_clear_error(bare_project: Project) -> None:
    with pytest.raises(RegistryError, match="bioner run"):
        register_and_promote(bare_project.root, bare_project.params)


def test_reference_finds_the_model_folder_in_the_registry(project: Project) -> None:
    from bioner.references import locate

    judge(project)
    for reference in ("models:/bioner-gliner@champion", "models:/bioner-gliner/1", "bioner-gliner/latest"):
        folder = locate(f"mlflow:{reference}").folder
        assert folder is not None
        assert (folder / "model.safetensors").read_text() == "gliner-mini 1"
    for wrong in ("models:/bioner-gliner@nobody", "models:/bioner-gliner/7", "models:/else@champion", "models:/x"):
        with pytest.raises(ModelError):
            locate(f"mlflow:{wrong}")


def test_version_without_its_files_is_one_clear_error(project: Project) -> None:
    from bioner.references import locate

    judge(project)
    shutil.rmtree(project.root / ".bioner" / "mlartifacts")
    with pytest.raises(ModelError, match="register it again"):
        locate("mlflow:models:/bioner-gliner@champion")


def test_no_store_is_an_error_and_makes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bioner.references import locate

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="no model registry here"):
        locate("mlflow:models:/bioner-gliner@champion")
    assert list(tmp_path.iterdir()) == []


def test_families_are_those_of_the_params(project: Project) -> None:
    assert {family: entry.name for family, entry in registry.families(project.params).items()} == {
        "gliner": NAME,
        "tagger": "bioner-tagger",
    }
