"""Files are annotated as a stream, and what is written is whole or not there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bioner.cli.app import build
from bioner.documents import Document, Span, read_documents, write_documents
from bioner.entity_types import EntityTypes
from bioner.errors import BionerError, ConfigError, DataError
from bioner.predictors import at_threshold, load_predictor
from bioner.serving.files import Annotation, plan, read
from bioner.words import Words

TYPES = EntityTypes.of_words(["word"])


@dataclass(frozen=True)
class Eager:
    """A model that marks the first word, and notes how many documents it holds at most."""

    types: EntityTypes = TYPES
    threshold: float = 0.5
    given: list[int] = field(default_factory=list)

    def predict(
        self, documents: Iterable[Document], types: EntityTypes | None = None, *, batch_size: int = 16
    ) -> Iterator[Document]:
        held: list[Document] = []
        for document in documents:
            held.append(document)
            self.given.append(int(document.id))
            if len(held) == batch_size:
                yield from (_marked(one, (types or self.types).keys[0]) for one in held)
                held = []
        yield from (_marked(one, (types or self.types).keys[0]) for one in held)


def _marked(document: Document, label: str) -> Document:
    return document.with_spans([Span.of(0, document.text.index(" "), label, 0.7)])


def _source(path: Path, count: int, text: str = "fever and rash") -> Path:
    gold = (Span.of(0, 5, "sign"),)
    write_documents(path, (Document(str(n), text, "en", gold, "mine", {"n": n}) for n in range(count)))
    return path


def test_documents_stream_through_and_keep_what_they_had(tmp_path: Path) -> None:
    source, model = _source(tmp_path / "in.jsonl", 100), Eager()
    stream = model.predict(read(source), batch_size=8)
    next(stream)
    assert len(model.given) == 8
    one = Annotation(source, tmp_path / "new" / "out.jsonl")
    assert one.run(model, None, 8, one.count()) == 100
    documents = list(read_documents(one.target))
    assert [(d.id, d.source, d.meta["n"]) for d in documents] == [(str(n), "mine", n) for n in range(100)]
    assert {d.spans for d in documents} == {(Span.of(0, 5, "word", 0.7),)}


def test_a_failure_in_the_middle_leaves_what_was_there(tmp_path: Path) -> None:
    source = _source(tmp_path / "in.jsonl", 20)
    with source.open("a") as more:
        more.write('{"id": "20", "text": "noblanks", "language": "en"}\n')
    target = tmp_path / "out.jsonl"
    target.write_text("before")
    one = Annotation(source, target)
    with pytest.raises(ValueError, match="substring"):
        one.run(Eager(), None, 4, 21)
    assert target.read_text() == "before"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_a_wrong_record_at_the_end_is_told_before_any_work(tmp_path: Path) -> None:
    source = _source(tmp_path / "in.jsonl", 3)
    with source.open("a") as more:
        more.write("{}\n")
    with pytest.raises(DataError, match="missing") as caught:
        Annotation(source, tmp_path / "out.jsonl").count()
    assert ":4" in caught.value.where


def test_a_text_is_one_document_named_like_its_file(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("患者咳嗽。\n")
    (document,) = read(tmp_path / "note.txt")
    assert (document.id, document.text, document.language) == ("note", "患者咳嗽。\n", "zh")
    (tmp_path / "note.txt").write_bytes(b"\xff")
    with pytest.raises(DataError, match="UTF-8"):
        list(read(tmp_path / "note.txt"))


def test_a_folder_becomes_a_folder(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.txt", "c.md"):
        (tmp_path / name).write_text("")
    planned = plan(tmp_path, tmp_path / "out")
    assert [(one.source.name, one.target.name) for one in planned] == [("a.jsonl", "a.jsonl"), ("b.txt", "b.jsonl")]
    (tmp_path / "b.jsonl").write_text("")
    with pytest.raises(DataError, match="two files"):
        plan(tmp_path, tmp_path / "out")


def test_what_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    source = _source(tmp_path / "in.jsonl", 1)
    (tmp_path / "out.jsonl").write_text("")
    (tmp_path / "empty").mkdir()
    for args in ((source, tmp_path / "out.jsonl"), (source, source), (source, tmp_path), (tmp_path / "empty", source)):
        with pytest.raises(DataError) as caught:
            plan(*args)
        assert caught.value.mend
    assert plan(source, tmp_path / "out.jsonl", force=True)
    with pytest.raises(DataError):
        plan(source, source, force=True)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["a text", "--out", "x.jsonl"], ConfigError),
        (["--file", "nowhere.jsonl", "--out", "x.jsonl"], DataError),
        (["--file", "nowhere.jsonl"], DataError),
    ],
)
def test_mistakes_are_named_before_the_model_is_loaded(
    arguments: list[str], error: type[BionerError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error) as caught:
        CliRunner().invoke(build(), ["predict", "--model", "path:nowhere", *arguments], catch_exceptions=False)
    assert caught.value.mend or caught.value.where
    assert not list(tmp_path.iterdir())


def test_a_threshold_is_a_share() -> None:
    with pytest.raises(ConfigError, match="between 0 and 1"):
        at_threshold(Eager(), 1.2)
    assert at_threshold(Eager(), 0.9).threshold == 0.9
    model = Eager()
    assert at_threshold(model, None) is model


@pytest.mark.slow
def test_the_command_annotates_files_and_prints_lists(tiny_model: Path, tmp_path: Path) -> None:
    source, target = _source(tmp_path / "in.jsonl", 5), tmp_path / "out.jsonl"
    common = ["predict", "--model", f"path:{tiny_model}", "--file", str(source), "--json"]
    told = CliRunner().invoke(build(), [*common, "--out", str(target)], catch_exceptions=False)
    assert json.loads(told.stdout) == [{"file": str(source), "out": str(target), "documents": 5}]
    printed = json.loads(CliRunner().invoke(build(), common, catch_exceptions=False).stdout)
    written = list(read_documents(target))
    assert [one["id"] for one in printed] == [document.id for document in written] == list("01234")
    assert [len(one["spans"]) for one in printed] == [len(document.spans) for document in written]
    none = CliRunner().invoke(build(), [*common, "--threshold", "1"], catch_exceptions=False)
    assert all(one["spans"] == [] for one in json.loads(none.stdout))


@pytest.mark.slow
def test_a_killed_command_leaves_nothing_and_runs_again(tiny_model: Path, tmp_path: Path) -> None:
    source, out = _source(tmp_path / "in.jsonl", 4000), tmp_path / "out"
    code = "from bioner.cli import main; main()"
    command = [sys.executable, "-c", code, "predict", "--model", f"path:{tiny_model}", "--file", str(source)]
    command += ["--out", str(out / "out.jsonl"), "--batch-size", "4"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        until = time.monotonic() + 60
        while not (out.is_dir() and any(file.stat().st_size for file in out.iterdir())):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        assert "run the same again" in process.stderr.read()
    assert not (out / "out.jsonl").exists()
    _source(source, 5)
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert [file.name for file in out.iterdir()] == ["out.jsonl"]
    assert len(list(read_documents(out / "out.jsonl"))) == 5


_MEMORY = """
import sys
from pathlib import Path
from bioner.predictors import load_predictor
from bioner.serving.files import Annotation

def peak():
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))

model, target = load_predictor(sys.argv[1]), Path(sys.argv[2])
for source in map(Path, sys.argv[3:]):
    one = Annotation(source, target)
    one.run(model, None, 16, one.count())
    print(peak())
"""


@pytest.mark.slow
def test_a_large_file_takes_no_more_memory_than_a_small_one(tiny_model: Path, tmp_path: Path) -> None:
    text = "fever and rash" + " " * 7500 + "after"  # large files in little time: blanks are read, but are no words
    small, large = (_source(tmp_path / f"{n}.jsonl", n, text) for n in (1000, 4000))
    assert large.stat().st_size > 30 * 10**6
    command = [sys.executable, "-c", _MEMORY, f"path:{tiny_model}", str(tmp_path / "out.jsonl"), str(small), str(large)]
    peaks = [int(line) for line in subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.split()]
    assert len(peaks) == 2
    assert peaks[1] - peaks[0] < 6_000, f"{peaks} KiB; the large file has 22 MB more than the small one"
    assert sum(1 for _ in read_documents(tmp_path / "out.jsonl")) == 4000


@pytest.mark.slow
def test_a_document_of_two_hundred_thousand_words_is_annotated_whole(tiny_model: Path) -> None:
    words = ["fever", "cough", "of", "aspirin", "患者", "𝛼", "severe-asthma", "."]
    text = " ".join(words[(7 * n + n // 11) % len(words)] for n in range(200_000))
    model = at_threshold(load_predictor(f"path:{tiny_model}"), 0.98)
    list(model.predict([Document("warm-up", "fever", "en")]))
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _peak()
    (document,) = model.predict([Document("long", text, "en")])
    assert _peak() - before < 400_000, f"{before} KiB before, {_peak()} at most"
    assert document.text == text
    places = {place for offset in Words.of(text).offsets for place in offset}
    assert all(span.start in places and span.end in places for span in document.spans)
    tenths = {10 * span.start // len(text) for span in document.spans}
    assert tenths == set(range(10))
    assert document.spans[-1].end > len(text) - 500


def _peak() -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
