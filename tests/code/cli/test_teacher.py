"""`bioner teacher status`: the figures of a cache, as a table and as JSON, while it is filled and after."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bioner.cli.app import build
from bioner.documents import Span
from bioner.errors import DataError
from bioner.teacher.annotation import Annotation
from bioner.teacher.budget import Spent
from bioner.teacher.cache import RecordCache, open_cache
from bioner.teacher.cache_rows import Record
from bioner.teacher.chunks import key_of

TEACHER = {"model": "invented-7b", "sampling": {"task": "open_ner"}}
SAID = [
    Annotation((Span.of(0, 3, "drug"), Span.of(4, 9, "drug")), {"item repeated": 2}),
    Annotation(mismatches={"item repeated": 1, "blanks": 1}),
    Annotation(failure="answer cut off"),
]


def run(*arguments: str) -> str:
    """Run the command line in this process; errors are raised as they are."""
    result = CliRunner().invoke(build(), ["teacher", "status", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[RecordCache]:
    """A cache in the midst of a run: of ten texts one was known and three more are gone through."""
    with open_cache(tmp_path / "cache.sqlite", TEACHER) as cache:
        cache.put([Record(key_of(9), Annotation())])
        cache.ask(map(key_of, range(10)))
        with cache.run((1.0, 10.0)):
            cache.put([Record(key_of(n), said) for n, said in enumerate(SAID)], Spent(3, 1_000_000, 100_000))
            yield cache


def test_while_a_run_is_on_it_says_how_far_and_how_long(filled: RecordCache, tmp_path: Path) -> None:
    status = json.loads(run(str(tmp_path / "cache.sqlite"), "--json"))
    assert (status["annotated"], status["with_spans"], status["spans"]) == (3, 1, 2)
    assert status["yield"] == pytest.approx(1 / 3)
    assert status["failed"] == {"answer cut off": 1}
    assert status["mismatches"] == {"item repeated": 3, "blanks": 1}
    assert status["spent"] == {"replies": 3, "prompt_tokens": 1_000_000, "completion_tokens": 100_000}
    assert status["cost"] == 2.0
    progress = status["progress"]
    assert (progress["running"], progress["wanted"], progress["done"]) == (True, 10, 4)
    assert progress["seconds_left"] == pytest.approx(6 / progress["per_second"])
    filled.put([Record(key_of(4), Annotation())])
    assert json.loads(run(str(tmp_path / "cache.sqlite"), "--json"))["progress"]["done"] == 5


def test_the_table_has_it_all(filled: RecordCache, tmp_path: Path) -> None:
    assert len(filled) == 4
    shown = run(str(tmp_path / "cache.sqlite"))
    for part in (
        "invented-7b (open_ner)",
        "under way: 4 of 10",
        "33.3%",
        "1,000,000 asked",
        "2.0000",
        "answer cut off",
    ):
        assert part in shown


def test_after_a_run_nothing_is_left(tmp_path: Path) -> None:
    with open_cache(tmp_path / "cache.sqlite", TEACHER) as cache:
        cache.ask(map(key_of, range(3)))
        with cache.run():
            cache.put([Record(key_of(n), said) for n, said in enumerate(SAID)])
    status = json.loads(run(str(tmp_path / "cache.sqlite"), "--json"))
    assert status["cost"] is None
    assert (status["progress"]["running"], status["progress"]["seconds_left"]) == (False, None)
    assert "not running: 3 of 3" in run(str(tmp_path / "cache.sqlite"))


def test_what_is_not_there_or_no_cache_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no cache"):
        run(str(tmp_path / "nothing.sqlite"))
    (tmp_path / "other.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(DataError, match="cannot be used"):
        run(str(tmp_path / "other.sqlite"))


def test_by_default_it_is_the_cache_that_was_written_to_last(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".dvc").mkdir()
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(repository / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="no teacher has annotated"):
        run()
    for name in ("b-first", "a-last"):
        with open_cache(Path(f".bioner/cache/records/{name}.sqlite"), {"model": name}):
            pass
    assert json.loads(run("--json"))["teacher"]["model"] == "a-last"
