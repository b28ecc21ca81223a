"""Tests of tables of unannotated text: what is skipped and repaired in CSV, JSON Lines, Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bioner.config import OnError
from bioner.corpora import json_table, parquet, table
from bioner.corpora.reading import Reading
from bioner.documents import Document
from bioner.errors import DataError


def _write(folder: Path, content: bytes) -> Path:
    (folder / "file").write_bytes(content)
    return folder / "file"


def _read(
    read: Callable[[Reading, str | int], Iterator[Document]], file: Path, on_error: OnError, column: str | int
) -> tuple[list[str], list[str]]:
    """The texts, and where something was touched."""
    reading = Reading(file, "en", "mine", on_error)
    texts = [document.text for document in read(reading, column)]
    return texts, [touched.where.removeprefix(f"{file}:") for touched in reading.touched]


def test_csv_rows_that_are_wrong_are_skipped_or_repaired(tmp_path: Path) -> None:
    file = _write(tmp_path, b'a,b\n1,one\n2\n3,caf\xe9\n4,"x"y\n5,"five\nlines"\n')
    assert _read(table.read_csv, file, "skip", "b") == (["one", "five\nlines"], ["3", "4", "5"])
    assert _read(table.read_csv, file, "repair", "b") == (["one", "café", "five\nlines"], ["3", "4", "5"])
    with pytest.raises(DataError):
        _read(table.read_csv, file, "fail", "b")


def test_a_quote_that_is_never_closed_says_how_far_it_reaches(tmp_path: Path) -> None:
    file = _write(tmp_path, b'a,b\n1,"open\n2,two\n3,three\n')
    reading = Reading(file, "en", "mine", "skip")
    assert list(table.read_csv(reading, "b")) == []
    (touched,) = reading.touched
    assert "lines 2 to 4" in touched.what


def test_long_fields_are_read(tmp_path: Path) -> None:
    text = "word " * 100_000
    file = _write(tmp_path, f'a\n"{text}"\n'.encode())
    assert _read(table.read_csv, file, "fail", "a") == ([text.strip()], [])


def test_tsv_lines_that_are_not_text_are_skipped(tmp_path: Path) -> None:
    file = _write(tmp_path, b"a\tone\nb\tcaf\xe9\n\nc\t \nd\ttwo\n")
    assert _read(table.read_tsv, file, "skip", 2) == (["one", "two"], ["2"])


def test_json_is_a_list_of_objects_or_an_object_of_them(tmp_path: Path) -> None:
    keyed = _write(tmp_path, b'{"7": {"t": ["One.", "Two."]}, "8": {"t": " "}, "9": {"u": 1}}')
    reading = Reading(keyed, "en", "mine", "skip")
    assert [(d.id, d.text) for d in json_table.read_json(reading, "t")] == [("7", "One.\nTwo.")]
    assert [touched.where for touched in reading.touched] == [f"{keyed}, record 9"]
    listed = _write(tmp_path, b'[{"t": "a"}, {"t": "b"}]')
    assert [(d.id, d.text) for d in json_table.read_json(Reading(listed, "en", "mine"), "t")] == [
        ("file#1", "a"),
        ("file#2", "b"),
    ]
    with pytest.raises(DataError, match="neither"):
        list(json_table.read_json(Reading(_write(tmp_path, b"3"), "en", "mine"), "t"))


def test_jsonl_takes_the_named_key(tmp_path: Path) -> None:
    lines = ['{"t": " one ", "n": 1}', '{"t": null}', '{"t": ""}', "", '{"t": "二"}']
    file = _write(tmp_path, "\n".join(lines).encode())
    documents = list(json_table.read_jsonl(Reading(file, "en", "mine"), "t"))
    assert [(document.id, document.text) for document in documents] == [("file:1", "one"), ("file:5", "二")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"u": "x"}', "no key 't'; it has u"),
        ('{"t": 3}', "'t' is not a string but int"),
        ("[1]", "no key"),
        ("{", "JSON"),
    ],
)
def test_a_bad_record_is_named_and_may_be_skipped(tmp_path: Path, line: str, words: str) -> None:
    file = _write(tmp_path, f'{{"t": "a"}}\n{line}\n{{"t": "b"}}\n'.encode())
    with pytest.raises(DataError, match=words) as caught:
        _read(json_table.read_jsonl, file, "fail", "t")
    assert caught.value.where == f"{file}:2"
    assert caught.value.mend
    assert _read(json_table.read_jsonl, file, "skip", "t") == (["a", "b"], ["2"])


TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])).map(str.strip), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS)
def test_every_text_comes_out_of_every_table(tmp_path: Path, texts: list[str]) -> None:
    import csv

    import pyarrow
    from pyarrow import parquet as format_

    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([["n", "text"], *([n, text] for n, text in enumerate(texts))])
    (tmp_path / "t.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in texts), encoding="utf-8")
    format_.write_table(pyarrow.table({"text": pyarrow.array(texts, pyarrow.string())}), tmp_path / "t.parquet")
    expected = [text for text in texts if text]
    for read, name in ((table.read_csv, "t.csv"), (json_table.read_jsonl, "t.jsonl"), (parquet.read, "t.parquet")):
        assert _read(read, tmp_path / name, "fail", "text")[0] == expected


def _parquet(file: Path, columns: dict[str, Any]) -> Path:
    import pyarrow
    from pyarrow import parquet as format_

    format_.write_table(pyarrow.table(columns), file, row_group_size=2)
    return file


def test_parquet_rows_have_numbers_and_blank_ones_are_left_out(tmp_path: Path) -> None:
    file = _parquet(tmp_path / "t.parquet", {"n": [1, 2, 3], "text": ["one", None, " three "]})
    documents = list(parquet.read(Reading(file, "en", "mine"), "text"))
    assert [(document.id, document.text) for document in documents] == [
        ("t.parquet#1", "one"),
        ("t.parquet#3", "three"),
    ]


def test_parquet_without_the_column_names_those_it_has(tmp_path: Path) -> None:
    file = _parquet(tmp_path / "t.parquet", {"n": [1], "text": ["one"]})
    for column in ("n", "missing"):
        with pytest.raises(DataError, match="no column of strings") as caught:
            list(parquet.read(Reading(file, "en", "mine"), column))
        assert "text" in caught.value.mend


def test_damaged_parquet_is_an_error(tmp_path: Path) -> None:
    file = _parquet(tmp_path / "t.parquet", {"text": [f"a text {n}" for n in range(50)]})
    whole = file.read_bytes()
    for content in (whole[:-20], b"PAR1", b"", whole[:4] + bytes(200) + whole[204:]):
        file.write_bytes(content)
        with pytest.raises(DataError, match="not a readable Parquet"):
            list(parquet.read(Reading(file, "en", "mine"), "text"))
    with pytest.raises(DataError, match="cannot be read"):
        list(parquet.read(Reading(tmp_path / "missing", "en", "mine"), "text"))
