"""The index of documents: what it holds, however often and by whomever it is written."""

from __future__ import annotations

import io
import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.errors import RegistryError
from bioner.lineage.index import key_of, need, open_index, role_of


def lines(*records: dict[str, object]) -> io.BytesIO:
    return io.BytesIO("".join(f"{json.dumps(record)}\n" for record in records).encode())


def test_a_version_that_is_noted_again_replaces_what_was_known(tmp_path: Path) -> None:
    with open_index(tmp_path / "index.sqlite") as index:
        index.add_version(
            "m", "1", "evidence/a", {"data/train/x.jsonl": "h1", "models/m": "h9", "data/curated.jsonl": "h8"}
        )
        assert index.unread() == {"h1": "data/train/x.jsonl"}
        index.add_file("h1", lines({"id": "d", "source": "x"}))
        assert index.unread() == {}
        index.add_version("m", "1", "evidence/b", {"data/test/x.jsonl": "h1"})
        assert index.versions() == {("m", "1"): "evidence/b"}
        assert index.uses_of("d") == {("m", "1"): {"judged on": 1}}
        index.forget("m", "1")
        assert (index.versions(), index.uses_of("d")) == ({}, {})


def test_a_file_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with open_index(tmp_path / "index.sqlite") as index:
        with pytest.raises(ValueError, match="Expecting"):
            index.add_file("h", io.BytesIO(b'{"id": "d"}\n{"id": '))
        assert not index.has_file("h")
        assert index.files_of("d") == set()


def test_what_was_written_is_there_for_others_and_other_formats_are_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "index.sqlite"
    with open_index(file) as one, open_index(file) as other:
        one.add_file("h", lines({"id": "d", "source": "x"}, {"id": "e", "source": "x"}))
        assert other.files_of("e") == other.files_of_corpus("x") == {"h"}
        other.add_file("h", lines({"id": "not read again"}))
        assert one.files_of("not read again") == set()
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with open_index(file) as index:
        assert not index.has_file("h")


def test_a_damaged_index_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "index.sqlite").write_bytes(b"no database at all, but long enough to be looked at" * 9)
    with pytest.raises(RegistryError, match="not a database"), open_index(tmp_path / "index.sqlite"):
        pass


def test_no_id_is_in_the_file(tmp_path: Path) -> None:
    with open_index(tmp_path / "index.sqlite") as index:
        index.add_file("h", lines({"id": "patient-4711", "source": "x", "meta": {"document": "visit-4712"}}))
        assert index.files_of("visit-4712") == {"h"}
    data = (tmp_path / "index.sqlite").read_bytes()
    assert b"4711" not in data
    assert b"4712" not in data


@given(st.text(), st.text())
def test_keys_are_of_64_bits_and_tell_ids_apart(one: str, other: str) -> None:
    assert -(1 << 63) <= key_of(one) < 1 << 63
    assert (key_of(one) == key_of(other)) == (one == other)


def test_roles_decide_what_has_to_be_done() -> None:
    paths = ("data/train/a.jsonl", "data/dev/a.jsonl", "data/synthetic.jsonl", "data/curated.jsonl")
    assert [role_of(path) for path in paths] == ["trained on", "chosen by", "trained on", ""]
    assert need({"judged on", "chosen by"}) == "train again"
    assert need({"judged on", "read"}) == "evaluate again"
    assert need({"read", "quarantined"}) == "nothing"
