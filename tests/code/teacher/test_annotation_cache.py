"""The cache of annotations: what went in comes out, and a kill in the middle of a write leaves it whole."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.documents import Span
from bioner.errors import DataError
from bioner.teacher.annotation import Annotation
from bioner.teacher.budget import Spent
from bioner.teacher.cache import open_cache

FRAGMENT = st.tuples(st.integers(0, 99), st.integers(100, 999))
SPANS = st.builds(
    Span, st.lists(FRAGMENT, min_size=1, max_size=3).map(tuple), st.text(min_size=1), st.none() | st.floats(0, 1)
)
ANNOTATIONS = st.builds(
    Annotation, st.lists(SPANS, max_size=3).map(tuple), st.dictionaries(st.text(), st.integers(1, 9), max_size=2)
) | st.builds(Annotation, failure=st.text(min_size=1))
WHOLE = [Annotation((Span.of(0, 3, "drug", 0.25),))]

WRITE_AND_DIE = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA cache_size = 1")  # pages reach the file before the transaction ends
connection.execute("INSERT INTO chunks VALUES ('torn', ?)", ("x" * 1_000_000,))
os.kill(os.getpid(), signal.SIGKILL)
"""


@settings(max_examples=25, deadline=None)
@given(annotations=st.lists(ANNOTATIONS, max_size=4))
def test_returns_what_was_stored(tmp_path_factory: pytest.TempPathFactory, annotations: list[Annotation]) -> None:
    path = tmp_path_factory.mktemp("cache") / "deep/cache.sqlite"
    with open_cache(path) as cache:
        assert cache.spent() == Spent()
        cache.put("key", annotations, Spent(1, 20, 300))
        cache.put("other key", [])
    with open_cache(path) as cache:
        assert cache.spent() == Spent(1, 20, 300)
        assert cache.get("key") == annotations
        assert cache.get("another key") is None
        assert len(cache) == 2


def test_a_kill_in_the_middle_of_a_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    with open_cache(path) as cache:
        cache.put("whole", WHOLE)
    before = path.stat().st_size
    killed = subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.stat().st_size > before, "the write did not reach the file: nothing was torn"
    with open_cache(path) as cache:
        assert cache.get("torn") is None
        assert cache.get("whole") == WHOLE
        cache.put("torn", [Annotation()])
        assert cache.get("torn") == [Annotation()]


def test_a_damaged_file_is_an_error_with_a_mend(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(DataError, match="cannot be used") as caught, open_cache(path):
        pass
    assert str(path) in caught.value.where
    assert "delete the file" in caught.value.mend
