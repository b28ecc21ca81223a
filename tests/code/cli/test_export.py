"""`bioner export` keeps an export that is as good and faster, and leaves nothing of any other."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bioner.cli import export
from bioner.cli.app import build
from bioner.config import Variant
from bioner.documents import Document, Span, write_documents
from bioner.entity_types import EntityTypes
from bioner.errors import BionerError, ConfigError, DataError, GateError, ModelError
from bioner.files import write_json
from bioner.gliner import onnx_model
from bioner.gliner.backbone import open_base
from bioner.gliner.folder import Manifest, write_folder
from bioner.gliner.model import Gliner, save
from bioner.gliner.overlap import Overlap
from bioner.predictors import load_predictor
from bioner.seeds import seed_torch

TYPES = EntityTypes.of_words(["disease"])
GOLD = [Document(str(n), "Asthma and flu.", "en", [Span.of(0, 6, "disease")]) for n in range(3)]


@pytest.fixture
def workspace(tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a model that predicts every span, and a dev split."""
    seed_torch(7, 1)
    model = tmp_path / "model"
    variant = Variant(encoder=f"path:{tiny_encoder}", max_width=4, max_words=30, max_types=5, dropout=0.1)
    model.mkdir()
    write_folder(model, open_base(variant), Manifest("path:encoder", TYPES, 0.0, Overlap.NESTED, 30, 5))
    (tmp_path / "data" / "dev").mkdir(parents=True)
    write_documents(tmp_path / "data" / "dev" / "own.jsonl", GOLD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands in for the exporter, which takes ten seconds: the \"export\" is the network itself."""

    def load(folder: Path, max_words: int, max_types: int) -> Gliner:
        from bioner.gliner.model import read_model

        return read_model(folder, max_words, max_types)

    monkeypatch.setitem(onnx_model.KINDS, "onnx", save)
    monkeypatch.setattr("bioner.gliner.folder.read_exported", load)


def _clock(monkeypatch: pytest.MonkeyPatch, original: float, other: float) -> None:
    """Seconds that each call takes, in the order of the rounds."""
    taken = itertools.cycle([original, other, other, original])
    ticks = itertools.accumulate(itertools.chain.from_iterable((0.0, seconds) for seconds in taken))
    monkeypatch.setattr(export.time, "perf_counter", lambda: next(ticks))


def _run(*arguments: str) -> tuple[str, BionerError | None]:
    done = CliRunner().invoke(build(), ["export", *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        assert isinstance(done.exception, BionerError), done.exception
        return done.stdout, done.exception
    assert done.exit_code == 0, done.output
    return done.stdout, None


@pytest.mark.usefixtures("same")
def test_a_faster_export_is_kept_with_its_figures(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _clock(monkeypatch, 2.0, 1.0)
    output, error = _run("path:model", "--format", "onnx", "--out", "exported", "--json")
    assert error is None
    record = json.loads(output)
    assert record == json.loads((workspace / "exported" / "export.json").read_text())
    assert record["accepted"] is True
    assert record["original"] == {"strict_f1": record["export"]["strict_f1"], "sentences_per_second": 1.5}
    assert record["export"]["sentences_per_second"] == 3.0
    assert list(record["documents"]) == ["data/dev/own.jsonl"]
    assert json.loads((workspace / "exported" / "bioner.json").read_text())["runtime"] == "onnx"
    assert [one.id for one in load_predictor("path:exported").predict(GOLD)] == ["0", "1", "2"]
    _, error = _run("path:exported", "--out", "again")
    assert isinstance(error, ModelError)
    assert "an export already" in error.what
    _, error = _run("path:model", "--out", "exported")
    assert isinstance(error, ConfigError)


@pytest.mark.usefixtures("same")
def test_a_slower_export_leaves_nothing(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _clock(monkeypatch, 1.0, 2.0)
    before = sorted(workspace.rglob("*"))
    _, error = _run("path:model", "--out", "exported", "--documents", "data/dev/own.jsonl")
    assert isinstance(error, GateError)
    assert error.exit_code == 6
    assert "3.0 sentences a second before, 1.5 after (0.50 times)" in error.what
    assert sorted(workspace.rglob("*")) == before


def test_what_cannot_be_exported_is_told_before_any_work(workspace: Path) -> None:
    write_json(workspace / "encoder" / "bioner.json", {"family": "tagger"})
    _, error = _run("path:encoder", "--out", "exported")
    assert isinstance(error, ModelError)
    _, error = _run("path:model", "--out", "exported", "--documents", "nowhere.jsonl")
    assert isinstance(error, DataError)
    shutil.rmtree(workspace / "data")
    _, error = _run("path:model", "--out", "exported")
    assert isinstance(error, DataError)
    assert not (workspace / "exported").exists()


@pytest.mark.slow
def test_a_real_int8_export_either_way_keeps_its_word(workspace: Path) -> None:
    _, error = _run("path:model", "--format", "int8", "--out", "exported")
    assert (workspace / "exported").is_dir() is (error is None)
    assert error is None or isinstance(error, GateError)
    assert not list(workspace.glob(".exported*"))


def test_formats_are_those_that_can_be_written() -> None:
    assert [kind.value for kind in export.Format] == list(onnx_model.KINDS)
    assert isinstance(build(), typer.Typer)
