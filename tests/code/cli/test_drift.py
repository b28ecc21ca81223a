"""`bioner drift`: what is printed and kept, the page, and the exit code that says whether it is an alarm."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from drift_material import documents
from html_page import parse
from projects import Project
from typer.testing import CliRunner

from bioner.cli.app import build
from bioner.documents import Document, write_documents
from bioner.drift import run as drift_run
from bioner.errors import DataError, GateError
from bioner.tracking.store import connect

OTHER = range(900, 1300)


def run(*arguments: object) -> str:
    """Run `bioner drift` in this process, without a model; errors are raised as they are."""
    command = ["drift", *map(str, arguments), "--text-only", "--model", "path:none"]
    return CliRunner().invoke(build(), command, catch_exceptions=False, env={"COLUMNS": "200"}).stdout


@pytest.fixture
def trained(bare_project: Project) -> Path:
    """A project with training text; new text of its kind is `same.jsonl`, of another kind the folder `other`."""
    root = bare_project.root
    write_documents(root / "data/train/a.jsonl", documents(200, 1))
    write_documents(root / "data/dev/a.jsonl", documents(60, 2))
    write_documents(root / "same.jsonl", documents(60, 3))
    (root / "other").mkdir()
    for number in range(2):
        texts = [document.text for document in documents(30, 4 + number, words=OTHER)]
        (root / f"other/{number}.txt").write_text("\n".join(texts), encoding="utf-8")
    return root


@pytest.mark.slow
def test_text_of_the_same_kind_is_no_alarm(trained: Path) -> None:
    printed = run("same.jsonl")
    assert "60 documents against the train text of the workspace" in printed
    assert printed.count("as before") == 3
    assert "labels: not compared, since no model has read the text" in printed
    assert not json.loads(run("same.jsonl", "--json"))["alarm"]
    assert trained.is_dir()


def test_a_folder_of_other_text_is_one(trained: Path) -> None:
    with pytest.raises(GateError, match="unknown words") as caught:
        run("other", "--html", "page.html", "--record", "--json")
    assert caught.value.exit_code == 6
    page = (trained / "page.html").read_text(encoding="utf-8")
    assert len(page) < 50_000
    assert "http" not in page.replace("http-equiv", "")
    root = parse(page)
    assert [cell.text for cell in root.all("td", class_="bad")] == ["drift"]
    assert "Alarm: unknown words." in root.text
    store = connect(trained)
    (kept,) = store.client.search_runs([store.experiment], "tags.`bioner.drift.alarm` = 'true'")
    assert kept.info.status == "FINISHED"
    assert kept.data.metrics["unknown_words.effect"] > 0.08
    assert kept.data.metrics["documents"] == 60
    assert {file.path for file in store.client.list_artifacts(kept.info.run_id, "drift")} == {
        "drift/drift.html",
        "drift/drift.json",
    }


class _Blind:
    """A model that finds nothing in what is new, and one entity in every document that it knows."""

    def predict(self, given: Iterable[Document], **_options: object) -> Iterator[Document]:
        for document in given:
            known = document.id.startswith("2-")
            yield document.with_spans(document.spans if known else ())


def test_a_model_reads_both_sides_the_reference_being_what_it_has_not_learnt(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift_run, "load_predictor", lambda _: _Blind())
    command = ["drift", str(trained / "same.jsonl"), "--model", "path:model"]
    with pytest.raises(GateError, match=r"drifted from the train text of .*: density"):
        CliRunner().invoke(build(), command, catch_exceptions=False)


def test_nothing_to_compare_is_one_message(trained: Path) -> None:
    (trained / "empty").mkdir()
    with pytest.raises(DataError, match="there is no new text"):
        run("empty")
    with pytest.raises(DataError, match="no such file"):
        run("nowhere.txt")
    with pytest.raises(DataError, match="unlabelled text"):
        run("same.jsonl", "--against", "unlabelled")
    with pytest.raises(DataError, match="too little text"):
        run("same.jsonl", "--reference-language", "zh")
