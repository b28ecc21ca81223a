"""Tests of the choice of a reader by the format of a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from bioner.config import TABLES, Corpus, Format
from bioner.corpora.reading import Reading
from bioner.corpora.registry import reader_of


def _corpus(name: str, column: str | int | None = None) -> Corpus:
    return Corpus.model_validate(
        {"path": "x", "format": name, "language": "en", "splits": {"train": "."}, "column": column}
    )


@pytest.mark.parametrize("name", get_args(Format))
def test_every_format_has_a_reader(name: str) -> None:
    assert callable(reader_of(_corpus(name, "text" if name in TABLES else None)))


@pytest.mark.parametrize(("name", "separator"), [("csv", ","), ("tsv", "\t")])
def test_tables_are_read_at_their_column(tmp_path: Path, name: str, separator: str) -> None:
    file = tmp_path / "file"
    file.write_text(f"a{separator}b\n1{separator}Some text\n", encoding="utf-8")
    (document,) = reader_of(_corpus(name, "b"))(Reading(file, "en", "mine"))
    assert document.text == "Some text"


@pytest.mark.parametrize(
    ("name", "column"), [("csv", None), ("text", "a"), ("tsv", 0), ("json", 1), ("jsonl", 1), ("parquet", 2)]
)
def test_tables_alone_have_a_column(name: str, column: str | int | None) -> None:
    with pytest.raises(ValidationError, match="column"):
        _corpus(name, column)
