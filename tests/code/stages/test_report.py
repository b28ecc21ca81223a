"""Stage report: it finds what the other stages left, in a real workspace, and refuses what does not fit."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from html_page import Element, parse
from projects import Project

from bioner.config import load_params
from bioner.documents import Document, read_documents, write_documents
from bioner.errors import DataError
from bioner.evaluation.pairing import pool, read_pool
from bioner.evaluation.score import score_documents
from bioner.files import write_json
from bioner.stages import layout, report
from bioner.stages.context import Context, write_curve
from bioner.tracking.promotion import promote
from bioner.tracking.store import connect
from bioner.training import Point

ROOT = Path(__file__).parents[3]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with the test documents of the sample; one model finds all but the first mention of each."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / layout.PARAMS, layout.PARAMS)
    gold = {f"sample-{code}": list(read_documents(ROOT / f"data/sample/{code}/test.jsonl")) for code in ("en", "zh")}
    found = {corpus: [d.with_spans(d.spans[1:]) for d in documents] for corpus, documents in gold.items()}
    for corpus, documents in gold.items():
        write_documents(layout.split("test", corpus), documents)
        write_documents(layout.predictions("gliner-mini") / f"{corpus}.jsonl", found[corpus])
    write_documents(layout.split("test", "sample-text-en"), [])
    record = {
        "scores": score_documents(pool(gold), pool(found), resamples=20).to_record(),
        "corpora": {c: score_documents(gold[c], found[c], resamples=20).to_record() for c in gold},
    }
    write_json(layout.metrics("evaluate", "gliner-mini"), record)
    write_json(layout.metrics("curate"), {"kept": 300, "dropped": {"near-duplicate": 4}})
    write_curve(layout.curve("finetune", "mini"), [Point(0, 2.0, 1e-3), Point(1, 1.0, 1e-4)])
    write_documents(layout.QUARANTINE, [Document("q", "CRP raised", "en", (), "notes", {"reasons": ["density"]})])
    return tmp_path


def made() -> Element:
    report.run(Context("report", None, load_params(layout.PARAMS)))
    return parse(layout.REPORT.read_text(encoding="utf-8"))


@pytest.mark.usefixtures("workspace")
def test_report_holds_what_the_stages_left() -> None:
    page = made()
    text = {section.attributes["id"]: section.text for section in page.all("section")}
    assert "gliner-mini" in text["scores"] and "sample-zh" in text["scores"] and "laboratory test" in text["scores"]
    assert "missed" in text["errors"] and "finetune-mini" in text["training"]
    assert "near-duplicate" in text["data"] and "CRP raised" in text["quarantine"]
    assert page.all("div", role="note")


@pytest.mark.usefixtures("workspace")
def test_worst_documents_are_as_many_as_the_params_say() -> None:
    worst = load_params(layout.PARAMS).report.worst
    assert len(made().all("section", id="errors")[0].all("ul", class_="mistakes")) == worst


def test_same_inputs_give_the_same_bytes_without_date_or_place(workspace: Path) -> None:
    made()
    first = layout.REPORT.read_bytes()
    made()
    assert layout.REPORT.read_bytes() == first
    assert str(workspace).encode() not in first and str(ROOT).encode() not in first


@pytest.mark.usefixtures("workspace")
def test_models_of_an_earlier_run_are_left_out() -> None:
    shutil.copytree(layout.predictions("gliner-mini"), layout.predictions("old"))
    shutil.copy(layout.metrics("evaluate", "gliner-mini"), layout.metrics("evaluate", "old"))
    rows = made().all("table", class_="headline")[0].all("tbody")[0].all("th")
    assert [row.text for row in rows] == ["gliner-mini"]


def test_report_of_an_empty_workspace_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / layout.PARAMS, layout.PARAMS)
    assert len(made().all("p", class_="empty")) >= 6


@pytest.mark.usefixtures("workspace")
def test_plots_hold_what_the_page_shows() -> None:
    text = {section.attributes["id"]: section.text for section in made().all("section")}
    with (layout.PLOTS / "confusion" / "gliner-mini.csv").open(encoding="utf-8") as lines:
        missed = sum(row["predicted"] == "not found" for row in csv.DictReader(lines))
    assert missed == json.loads(layout.metrics("evaluate", "gliner-mini").read_text())["scores"]["errors"]["missed"]
    assert not (layout.PLOTS / "thresholds").exists() and "have no scores" in text["confidence"]


@pytest.mark.usefixtures("workspace")
def test_without_a_registry_the_champion_is_left_out_and_no_store_is_made(workspace: Path) -> None:
    assert "Left out: there is no model registry here." in made().text
    assert not (workspace / ".bioner").exists()


def _evaluated(project: Project) -> None:
    """What the stage evaluate writes of the GLiNER."""
    gold, found = (read_pool(project.root / name) for name in ("data/test", "predictions/gliner-mini"))
    record = {"scores": score_documents(gold, found, resamples=20).to_record(), "corpora": {}}
    write_json(layout.metrics("evaluate", "gliner-mini"), record)


@pytest.mark.slow
def test_champion_and_figures_come_from_and_go_to_the_registry(
    project: Project, challenge: Callable[..., None]
) -> None:
    _evaluated(project)
    assert "Left out: bioner-gliner has no champion yet." in made().text
    promote(connect(project.root), project.root, project.params, project.params.registry.gliner)
    assert "Both predict exactly the same" in made().text
    challenge("other", en=25, zh=20)
    _evaluated(project)
    section = made().all("section", id="champion")[0]
    assert "bioner-gliner, version 1" in section.text
    rows = [[cell.text for cell in row.children] for row in section.all("tbody")[0].all("tr")]
    assert rows[0] == ["gold mentions found", "40", "5", "5", "10"]
    client = connect(project.root).client
    runs = client.search_runs([connect(project.root).experiment], "tags.`bioner.stage` = 'report'")
    assert [run.data.metrics["gliner-mini/errors/missed"] for run in runs] == [15.0, 15.0, 15.0]
    kept = {item.path for item in client.list_artifacts(runs[0].info.run_id, "plots")}
    assert kept == {"plots/confusion"}  # neither scores nor wrong boundaries


def test_champion_that_was_tested_on_other_documents_is_left_out(project: Project) -> None:
    _evaluated(project)
    promote(connect(project.root), project.root, project.params, project.params.registry.gliner)
    project.write_tests("another note")
    for model in ("gliner-mini", "tagger-selector"):
        project.write_model(model, f"{model} 1", right={"en": 30, "zh": 15}, note="another note")
    _evaluated(project)
    assert "was tested on other documents or types" in made().text


@pytest.mark.usefixtures("workspace")
def test_unreachable_server_leaves_the_section_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    assert "Left out: the registry cannot be reached." in made().text


@pytest.mark.usefixtures("workspace")
def test_predictions_of_other_documents_are_refused() -> None:
    file = layout.predictions("gliner-mini") / "sample-en.jsonl"
    write_documents(file, [replace(document, id=f"other {document.id}") for document in read_documents(file)])
    with pytest.raises(DataError, match="has no prediction"):
        made()


@pytest.mark.usefixtures("workspace")
def test_broken_curve_is_refused_by_name() -> None:
    layout.curve("tagger").write_text("step,loss\n0,much\n")
    with pytest.raises(DataError, match=r"tagger\.csv"):
        made()
