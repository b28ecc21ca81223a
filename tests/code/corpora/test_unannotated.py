"""Tests of the readers of unannotated text, and of document files."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.corpora import jsonl, table, text
from bioner.corpora.reading import Reading
from bioner.documents import Document, Span, write_documents
from bioner.errors import DataError


def _write(folder: Path, content: str) -> Path:
    file = folder / "file"
    file.write_bytes(content.encode())
    return file


def test_text_is_one_document_a_line(tmp_path: Path) -> None:
    documents = list(text.read(Reading(_write(tmp_path, "One text. \n\n\t \n第二句。"), "en", "mine")))
    assert [(d.id, d.text, d.source, d.spans) for d in documents] == [
        ("file:1", "One text.", "mine", ()),
        ("file:4", "第二句。", "mine", ()),
    ]


def test_csv_column_by_name_with_quoted_commas_and_newlines(tmp_path: Path) -> None:
    file = _write(tmp_path, 'label,abstract\r\n1,"A, ""quoted"" text.\nSecond line. "\r\n\r\n2, \r\n3,Plain\r\n')
    documents = list(table.read_csv(Reading(file, "en", "mine"), "abstract"))
    assert [(d.id, d.text) for d in documents] == [("file:2", 'A, "quoted" text.\nSecond line.'), ("file:6", "Plain")]


def test_tsv_column_by_number_without_quoting(tmp_path: Path) -> None:
    file = _write(tmp_path, 'Age\t"年龄18岁\r\nSex\t性别"女"\r\n')
    assert [d.text for d in table.read_tsv(Reading(file, "zh", "mine"), 2)] == ['"年龄18岁', '性别"女"']


@pytest.mark.parametrize(
    ("content", "column", "line", "words"),
    [
        ("a,b\n1,2\n", "c", 1, "no column 'c'"),
        ("", "c", 1, "no column 'c'"),
        ("a,b\n1,2\n3\n", "b", 3, "has 1 column(s), the text is in column 2"),
        ("a,b\n1,2\n", 3, 1, "has 2 column(s), the text is in column 3"),
        ('a,b\n1,"open\n', "b", 2, "not CSV"),
    ],
)
def test_a_bad_table_is_named(tmp_path: Path, content: str, column: str | int, line: int, words: str) -> None:
    file = _write(tmp_path, content)
    with pytest.raises(DataError) as caught:
        list(table.read_csv(Reading(file, "en", "mine"), column))
    assert caught.value.where == f"{file}:{line}"
    assert words in caught.value.what


def test_a_missing_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        list(table.read_csv(Reading(tmp_path / "missing", "en", "mine"), 1))


def test_documents_are_read_as_they_are_under_the_name_of_the_corpus(tmp_path: Path) -> None:
    document = Document("a", "乙肝", "zh", (Span.of(0, 2, "disease"),), "elsewhere", {"page": 3})
    write_documents(tmp_path / "d.jsonl", [document])
    (read,) = jsonl.read(Reading(tmp_path / "d.jsonl", "zh", "mine"))
    assert (read.id, read.text, read.spans, read.meta, read.source) == (
        "a",
        "乙肝",
        document.spans,
        {"page": 3},
        "mine",
    )


def test_a_document_in_another_language_is_refused(tmp_path: Path) -> None:
    write_documents(tmp_path / "d.jsonl", [Document("a", "乙肝", "zh")])
    with pytest.raises(DataError) as caught:
        list(jsonl.read(Reading(tmp_path / "d.jsonl", "en", "mine")))
    assert "record a" in caught.value.where
