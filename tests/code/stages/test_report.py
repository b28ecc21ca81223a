"""Stage report: it finds what the other stages left, in a real workspace, and refuses what does not fit."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from html_page import Element, parse

from bioner.config import load_params
from bioner.documents import Document, read_documents, write_documents
from bioner.errors import DataError
from bioner.evaluation.pairing import pool
from bioner.evaluation.score import score_documents
from bioner.files import write_json
from bioner.stages import layout, report
from bioner.stages.context import Context, write_curve
from bioner.training import Point

ROOT = Path(__file__).parents[3]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with the test documents of the sample; one model finds all but the first mention of each."""
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
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / layout.PARAMS, layout.PARAMS)
    assert len(made().all("p", class_="empty")) >= 6


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
