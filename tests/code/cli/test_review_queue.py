"""`bioner review queue`: what waits is shown, and becomes a corpus by the command that is printed."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bioner.cli.app import build
from bioner.config import load_params
from bioner.documents import Document, Span, read_documents
from bioner.errors import DataError
from bioner.review.queue import Correction, Queue

MODEL = {"reference": "path:[bold]model[/]", "version": None, "sha256": "0" * 64}


def run(*arguments: str) -> str:
    """Run `bioner` in this process; errors are raised as they are."""
    result = CliRunner().invoke(build(), [*arguments], catch_exceptions=False, env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def project(tiny_project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in whose queue are two corrections of types that the params know, and one of another."""
    monkeypatch.chdir(tiny_project)
    queue = Queue(tiny_project)
    for text, end, asked in (
        ("aspirin [/] helps", 7, ("drug",)),
        ("ibuprofen helps", 9, ("drug", "organ")),
        ("kidneys", 7, ("organ",)),
    ):
        predicted = Document("text", text, "en", (Span.of(0, 5, asked[0], 0.5),))
        queue.append(Correction(predicted, (Span.of(0, end, asked[0]),), asked, MODEL, "now"))
    return tiny_project


@pytest.mark.usefixtures("project")
def test_the_queue_is_shown() -> None:
    printed = run("review", "queue")
    assert "aspirin [/] helps" in printed
    assert "path:[bold]model[/]" in printed
    assert [one["meta"]["asked"] for one in json.loads(run("review", "queue", "--json"))] == [
        *(["drug"], ["drug", "organ"], ["organ"])
    ]


@pytest.mark.slow
def test_the_queue_becomes_a_corpus(project: Path) -> None:
    printed = run("review", "queue", "out here")
    assert "out here/playground-en-drug.jsonl: 2 documents, complete in drug" in printed
    assert "left out: organ (2); documents of no other type: 1" in printed
    written = list(read_documents(Path("out here/playground-en-drug.jsonl")))
    assert [document.spans[0].mention(document.text) for document in written] == ["aspirin", "ibuprofen"]
    (command,) = (line.strip() for line in printed.splitlines() if line.startswith("  bioner "))
    run(*shlex.split(command)[1:])
    corpus = load_params(project / "params.yaml").corpora["playground-en-drug"]
    assert (corpus.format, corpus.language, set(corpus.splits)) == ("documents", "en", {"train"})


def test_an_empty_queue_is_told(tiny_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny_project)
    assert json.loads(run("review", "queue", "--json")) == []
    with pytest.raises(DataError, match="queue is empty") as caught:
        run("review", "queue", "out")
    assert "bioner playground" in caught.value.mend
