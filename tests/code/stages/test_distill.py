"""Stages teacher and distill: who annotates is fixed by a file, and a kill at any moment changes nothing."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bioner.config import load_params
from bioner.documents import Document, read_documents, write_documents
from bioner.errors import DataError, ModelError
from bioner.files import read_json, write_json
from bioner.stages import distill, layout, teacher
from bioner.stages.context import Context

ROOT = Path(__file__).parents[3]
TEXTS = [f"Patient {n} was given {n * 37 % 101} mg of aspirin." for n in range(70)]
CHUNK = 8
OUTPUTS = (layout.DISTILLED, layout.metrics("distill"))

# Runs the stage with a tiny teacher in the place of the tagger: it notes every text that it annotates, its scores
# depend on the company of a text as those of a model do, and it can kill its own process after a number of texts.
STAGE = """
import os, pathlib, signal, sys, time
from bioner.config import load_params
from bioner.documents import Span
from bioner.files import hash_value
from bioner.stages import distill, distill_work
from bioner.stages.context import Context

patience, pause = int(sys.argv[1]), float(sys.argv[2])

class Tiny:
    done = 0
    def predict(self, documents, types=None, *, batch_size=16):
        company = hash_value([document.text for document in documents])
        for document in documents:
            if self.done == patience:
                os.kill(os.getpid(), signal.SIGKILL)
            self.done += 1
            time.sleep(pause)
            with open("annotated.log", "a") as log:
                log.write(document.text + "\\n")
            score = int(hash_value([company, document.text])[:6], 16) / 0xFFFFFF
            yield document.with_spans([Span.of(0, 7, "drug", score)])

distill_work.open_tagger = lambda manifest, seed, threads: Tiny()
distill.run(Context("distill", None, load_params(pathlib.Path("params.yaml"))))
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a workspace with params, curated texts (one of them twice), a model folder and the teacher's manifest."""

    def make(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        params = (ROOT / layout.PARAMS).read_text(encoding="utf-8")
        (folder / layout.PARAMS).write_text(params.replace("chunk: 32", f"chunk: {CHUNK}"), encoding="utf-8")
        texts = [Document(f"d{n}", text, "en", source="s", meta={"n": n}) for n, text in enumerate([*TEXTS, TEXTS[0]])]
        write_documents(folder / layout.CURATED, texts)
        write_json(folder / layout.SELECTOR / "bioner.json", {"family": "tagger", "base": "package:b", "prompt": "p"})
        in_folder(folder, lambda: teacher.run(context("teacher")))
        return folder

    return make


def in_folder(folder: Path, action: Callable[[], None]) -> None:
    before = Path.cwd()
    os.chdir(folder)
    try:
        action()
    finally:
        os.chdir(before)


def context(stage: str) -> Context:
    return Context(stage, None, load_params(layout.PARAMS))


def start(folder: Path, patience: int = -1, pause: float = 0.0) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", STAGE, str(patience), str(pause)]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)


def annotated(folder: Path) -> list[str]:
    log = folder / "annotated.log"
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def outputs(folder: Path) -> list[bytes]:
    return [(folder / path).read_bytes() for path in OUTPUTS]


def test_teacher_writes_the_same_bytes_again(workspace: Callable[[str], Path]) -> None:
    folder = workspace("one")
    first = (folder / layout.TEACHER).read_bytes()
    in_folder(folder, lambda: teacher.run(context("teacher")))
    assert (folder / layout.TEACHER).read_bytes() == first
    manifest = read_json(folder / layout.TEACHER)
    assert [item["key"] for item in manifest["types"]] == list(load_params(ROOT / layout.PARAMS).types)


@pytest.mark.slow
def test_killed_at_any_moment_and_run_again_gives_the_same(workspace: Callable[[str], Path]) -> None:
    undisturbed, disturbed = workspace("undisturbed"), workspace("disturbed")
    assert start(undisturbed).wait() == 0
    for patience in (0, 3, 13, 20):
        assert start(disturbed, patience).wait() == -signal.SIGKILL
        assert not (disturbed / layout.DISTILLED).exists()
    killed = start(disturbed, pause=0.02)
    deadline = time.monotonic() + 60
    goal = len(annotated(disturbed)) + 9
    while len(annotated(disturbed)) < goal and time.monotonic() < deadline:
        time.sleep(0.001)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert start(disturbed).wait() == 0
    assert outputs(disturbed) == outputs(undisturbed)
    assert sorted(annotated(undisturbed)) == sorted(TEXTS)
    times = Counter(annotated(disturbed))
    assert set(times) == set(TEXTS)
    assert sum(times.values()) - len(TEXTS) <= 5 * CHUNK, "more than the chunks in flight were annotated twice"
    assert sum(times.values()) > len(TEXTS), "no kill hit a chunk in flight: the test shows nothing"


@pytest.mark.slow
def test_another_least_score_asks_the_teacher_nothing(workspace: Callable[[str], Path]) -> None:
    folder = workspace("one")
    assert start(folder).wait() == 0
    params = folder / layout.PARAMS
    stricter = params.read_text(encoding="utf-8").replace("min_score: 0.5 # spans", "min_score: 0.9 # spans")
    params.write_text(stricter, encoding="utf-8")
    in_folder(folder, lambda: teacher.run(context("teacher")))
    before = read_json(folder / layout.metrics("distill"))
    assert start(folder, patience=0).wait() == 0, "the teacher was asked again"
    after = read_json(folder / layout.metrics("distill"))
    assert 0 < after["spans"] < before["spans"]
    assert after["spans"] + after["dropped"]["below_min_score"] == len(TEXTS) + 1


def test_no_room_for_the_documents_is_one_error(workspace: Callable[[str], Path]) -> None:
    folder = workspace("one")
    assert start(folder).wait() == 0
    before = (folder / layout.DISTILLED).read_bytes()
    stage = subprocess.run(
        [sys.executable, "-m", "bioner.stages", "distill"],
        cwd=folder,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
    )
    assert stage.returncode == DataError.exit_code, stage.stderr
    assert stage.stderr.startswith("error: what the teacher said cannot be written: ")
    assert "make room on the disk" in stage.stderr
    assert (folder / layout.DISTILLED).read_bytes() == before
    assert not list((folder / layout.DISTILLED).parent.glob(".*.part"))


def test_documents_carry_their_source_their_meta_and_the_teacher(workspace: Callable[[str], Path]) -> None:
    folder = workspace("one")
    assert start(folder).wait() == 0
    documents = list(read_documents(folder / layout.DISTILLED))
    manifests = {document.meta["teacher"] for document in documents}
    assert [document.meta["n"] for document in documents] == list(range(71))
    assert {document.source for document in documents} == {"s"}
    assert len(manifests) == 1
    assert documents[0].spans == documents[-1].spans
    assert read_json(folder / layout.metrics("distill"))["texts"] == 70


def test_refuses_a_changed_teacher(workspace: Callable[[str], Path]) -> None:
    folder = workspace("one")
    (folder / layout.SELECTOR / "more.safetensors").write_bytes(b"trained once more")
    with pytest.raises(ModelError, match="not the one that its manifest was written for"):
        in_folder(folder, lambda: distill.run(context("distill")))
    assert not (folder / layout.DISTILLED).exists()


def test_refuses_to_annotate_nothing(workspace: Callable[[str], Path]) -> None:
    folder = workspace("one")
    write_documents(folder / layout.CURATED, [])
    with pytest.raises(DataError, match="no text is left"):
        in_folder(folder, lambda: distill.run(context("distill")))
