"""The record cache: what went in comes out, once; through kills, a second writer, a full disk, and another teacher."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.documents import Span
from bioner.errors import DataError
from bioner.teacher.annotation import Annotation
from bioner.teacher.budget import Spent
from bioner.teacher.cache import open_cache
from bioner.teacher.cache_rows import Record
from bioner.teacher.chunks import key_of
from bioner.teacher.tasks.problems import Problem

FRAGMENT = st.tuples(st.integers(0, 99), st.integers(100, 999))
SPANS = st.builds(
    Span, st.lists(FRAGMENT, min_size=1, max_size=3).map(tuple), st.text(min_size=1), st.none() | st.floats(0, 1)
)
PROBLEMS = st.builds(Problem, st.text(min_size=1), st.text())
ANNOTATIONS = st.builds(
    Annotation,
    spans=st.lists(SPANS, max_size=3).map(tuple),
    mismatches=st.dictionaries(st.text(), st.integers(1, 9), max_size=2),
    lost=st.lists(PROBLEMS, max_size=2).map(tuple),
) | st.builds(Annotation, failure=st.text(min_size=1))
ANSWERS = st.tuples(st.text(st.characters()), st.sampled_from(["stop", "length"]))
TEACHER = {"model": "m", "prompt": "p" * 64, "sampling": {"samples": 1, "temperature": 0.0}, "types": ["drug"]}
WHOLE = Annotation((Span.of(0, 3, "drug", 0.25),))

# Writes records (number, then what the writer says of it) until it is told to stop, or the process is killed.
WRITER = """
import pathlib, resource, sys
from bioner.documents import Span
from bioner.errors import DataError
from bioner.teacher.annotation import Annotation
from bioner.teacher.budget import Spent
from bioner.teacher.cache import open_cache
from bioner.teacher.cache_rows import Record
from bioner.teacher.chunks import key_of

path, name, number, most = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if most:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
try:
    with open_cache(path, {"who": "me"}) as cache:
        print("open", flush=True)
        sys.stdin.readline()
        for n in range(number):
            cache.put([Record(key_of(n), Annotation((Span.of(0, 1, name),), {name: 1}))], Spent(1, 10, 1))
            print(n, flush=True)
except DataError as error:
    print(f"error: {error}", flush=True)
"""


def start(path: Path, name: str, number: int, most: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(number), str(most)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def go(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def said(path: Path, number: int) -> Iterator[str]:
    """Who was first with each record."""
    with open_cache(path, {"who": "me"}) as cache:
        assert len(cache) == number
        for n in range(number):
            yield cache.said(key_of(n)).spans[0].label


@settings(max_examples=25, deadline=None)
@given(annotations=st.lists(ANNOTATIONS, max_size=4), answers=st.lists(ANSWERS, max_size=2).map(tuple))
def test_returns_what_was_stored(
    tmp_path_factory: pytest.TempPathFactory, annotations: list[Annotation], answers: tuple[tuple[str, str], ...]
) -> None:
    path = tmp_path_factory.mktemp("cache") / "deep/cache.sqlite"
    with open_cache(path, TEACHER, "old") as cache:
        assert cache.spent() == Spent()
        cache.put([Record(key_of(n), said, answers) for n, said in enumerate(annotations)], Spent(1, 20, 300))
        cache.put([], Spent(1, 1, 1))
    with open_cache(path, TEACHER, "new") as cache:
        assert cache.spent() == Spent(2, 21, 301)
        assert [cache.said(key_of(n)) for n in range(len(annotations))] == annotations
        with pytest.raises(KeyError):
            cache.said(key_of("another"))
        assert len(cache) == len(annotations)
        usable = [n for n, said in enumerate(annotations) if said.failure is None]
        assert all(cache.stale(key_of(n)) == list(answers) for n in usable)


def test_what_is_usable_stays_and_what_failed_is_replaced(tmp_path: Path) -> None:
    with open_cache(tmp_path / "cache", TEACHER) as cache:
        for annotation in (Annotation(failure="no"), WHOLE, Annotation(), Annotation(failure="no")):
            cache.put([Record(key_of(1), annotation)])
        assert cache.said(key_of(1)) == WHOLE
        assert len(cache) == 1


def test_figures_are_of_what_is_wanted(tmp_path: Path) -> None:
    with open_cache(tmp_path / "cache", TEACHER, "code") as cache:
        wrong = Annotation(mismatches={"blanks": 2, "additions": 1})
        cache.put([Record(key_of(n), wrong) for n in range(5)])
        cache.put([Record(key_of(7), Annotation(failure="no"))])
        cache.ask([key_of(n) for n in (1, 2, 2, 7, 8)])
        assert (cache.wanted, cache.usable, cache.outdated) == (4, 2, 0)
        assert cache.mismatches() == {"blanks": 4, "additions": 2}
        assert cache.take([key_of(n) for n in (1, 7, 8, 8, 9)]) == [key_of(7), key_of(8)]
        assert cache.take([key_of(7)]) == [], "taken twice"
    with open_cache(tmp_path / "cache", TEACHER, "other code") as cache:
        cache.ask([key_of(n) for n in (1, 2, 7)])
        assert (cache.usable, cache.outdated) == (0, 2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prompt": "q" * 64}, 'prompt was "ppp'),
        ({"sampling": {"samples": 1, "temperature": 0.7}}, "sampling.temperature was 0.0, is 0.7"),
        ({"types": ["gene"]}, 'types was ["drug"], is ["gene"]'),
        ({"types": ["gene" * 30]}, "in another way: types"),
        ({"seed": 3}, "seed was null, is 3"),
    ],
)
def test_a_file_of_another_teacher_is_refused_and_says_what_differs(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    path = tmp_path / "cache"
    with open_cache(path, TEACHER) as cache:
        cache.put([Record(key_of(1), WHOLE)])
    with pytest.raises(DataError) as caught, open_cache(path, {**TEACHER, **change}):
        pass
    assert said in caught.value.what
    assert ";" not in caught.value.what, "more differs than was changed"
    with open_cache(path, json.loads(json.dumps(TEACHER))) as cache:
        assert cache.said(key_of(1)) == WHOLE


@pytest.mark.slow
def test_two_writers_of_one_file_store_every_record_once(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    writers = [start(path, name, 150) for name in ("one", "two")]
    go(*writers)
    assert all(writer.communicate()[0].splitlines()[-1] == "149" for writer in writers)
    assert set(said(path, 150)) <= {"one", "two"}
    with open_cache(path, {"who": "me"}) as cache:
        assert cache.spent() == Spent(300, 3000, 300), "what one writer spent was lost"


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_nothing_that_was_stored(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    for goal in (1, 7, 40):
        writer = start(path, "victim", 10_000)
        assert writer.stdout is not None
        go(writer)
        while int(writer.stdout.readline()) < goal:
            pass
        writer.kill()
        stored = [goal, *map(int, writer.communicate()[0].split())][-1] + 1
        assert writer.returncode == -signal.SIGKILL
        with open_cache(path, {"who": "me"}) as cache:
            assert len(cache) >= stored
            assert all(cache.said(key_of(n)).spans[0].label == "victim" for n in range(stored))


@pytest.mark.slow
def test_a_full_disk_is_one_clear_error_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    writer = start(path, "first", 10_000, most=60_000)
    go(writer)
    (*stored,) = writer.communicate()[0].split("error: ")
    numbers, error = stored
    assert writer.returncode == 0
    assert "cannot be used" in error
    assert "make room on the disk" in error
    done = len(numbers.split())
    assert 0 < done < 10_000, "the disk never was full: the test shows nothing"
    assert set(said(path, done)) == {"first"}
    again = start(path, "second", done + 20)
    go(again)
    assert again.communicate()[0].splitlines()[-1] == str(done + 19)
    assert list(said(path, done + 20)) == ["first"] * done + ["second"] * 20


def test_a_write_that_was_cut_off_is_undone(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    with open_cache(path, TEACHER) as cache:
        cache.put([Record(key_of(1), WHOLE)])
    torn = (
        "import os, signal, sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA cache_size = 1'); "
        "c.execute('UPDATE records SET annotation = ?', ('x' * 1_000_000,)); os.kill(os.getpid(), signal.SIGKILL)"
    )
    before = path.stat().st_size
    killed = subprocess.run([sys.executable, "-c", torn, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.stat().st_size > before, "the write did not reach the file: nothing was torn"
    with open_cache(path, TEACHER) as cache:
        assert cache.said(key_of(1)) == WHOLE


def test_a_damaged_file_is_an_error_with_a_mend(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(DataError, match="cannot be used") as caught, open_cache(path, TEACHER):
        pass
    assert str(path) in caught.value.where
    assert "move the file away" in caught.value.mend


def test_a_folder_that_cannot_be_made_is_an_error_with_a_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be made"), open_cache(tmp_path / "file" / "cache", TEACHER):
        pass


def test_a_file_that_is_held_by_another_process_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bioner.teacher.cache._PATIENCE", 0.05)
    with open_cache(tmp_path / "cache", TEACHER):
        pass
    holder = sqlite3.connect(tmp_path / "cache", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DataError) as caught, open_cache(tmp_path / "cache", TEACHER):
        pass
    holder.close()
    assert "another process holds the file" in caught.value.mend
