"""Tests of the importer of patents, on invented rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.corpora import patents
from bioner.corpora.reading import Reading
from bioner.corpora.sections import SECTIONS
from bioner.errors import DataError

HEAD = "id,title,abstract,description\n"


def _write(folder: Path, text: str) -> Path:
    file = folder / "patents.csv"
    file.write_bytes(text.encode())
    return file


def test_a_patent_is_its_title_abstract_and_description(tmp_path: Path) -> None:
    file = _write(tmp_path, f'{HEAD}P1,A spoon,"Stirs, and ""tastes"".","First line.\nSecond line."\n\nP2,A fork,,\n')
    spoon, fork = patents.read(Reading(file, "en", "patents"))
    assert spoon.text == 'A spoon\nStirs, and "tastes".\nFirst line.\nSecond line.'
    assert [(part["label"], spoon.text[part["start"] : part["end"]]) for part in spoon.meta[SECTIONS]] == [
        ("title", "A spoon"),
        ("abstract", 'Stirs, and "tastes".'),
        ("description", "First line.\nSecond line."),
    ]
    assert (fork.id, fork.text) == ("P2", "A fork")


def test_columns_have_other_names_too_and_others_are_ignored(tmp_path: Path) -> None:
    file = _write(tmp_path, "\ufeffpatent_abstract,kind,Patent_ID\r\nStirs.,B1,77\r\n")
    (document,) = patents.read(Reading(file, "en", "patents"))
    assert (document.id, document.text) == ("77", "Stirs.")


def test_a_description_may_be_longer_than_the_csv_module_allows(tmp_path: Path) -> None:
    (document,) = patents.read(Reading(_write(tmp_path, HEAD + "P1,A,B," + "long " * 50_000), "en", "patents"))
    assert len(document.text) > 200_000


@pytest.mark.parametrize("head", ["", "title,abstract\n", "id,inventor\n"])
def test_the_columns_that_are_known_are_named(tmp_path: Path, head: str) -> None:
    with pytest.raises(DataError, match="names no column") as caught:
        list(patents.read(Reading(_write(tmp_path, head), "en", "patents")))
    assert "publication_number" in caught.value.mend


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("P1,A spoon\n", "2 columns, the first row names 4"),
        (",A spoon,B,C\n", "has no id"),
        ('P1,"A "spoon",B,C\n', "lines 2 to 2 are not CSV"),
        ("P1,A\0spoon,B,C\n", "NUL"),
    ],
)
def test_a_wrong_row_is_named_and_the_next_one_is_read(tmp_path: Path, row: str, words: str) -> None:
    file = _write(tmp_path, f"{HEAD}{row}P2,A,B,C\n")
    with pytest.raises(DataError, match=words) as caught:
        list(patents.read(Reading(file, "en", "patents")))
    assert caught.value.where == f"{file}:2"
    assert caught.value.mend
    reading = Reading(file, "en", "patents", "skip")
    assert [document.id for document in patents.read(reading)] == ["P2"]
    assert len(reading.touched) == 1


def test_a_quote_that_is_never_closed_is_one_wrong_row(tmp_path: Path) -> None:
    reading = Reading(_write(tmp_path, f'{HEAD}P1,A,B,C\nP2,"A,B,C\nP3,A,B,C\n'), "en", "patents", "skip")
    assert [document.id for document in patents.read(reading)] == ["P1"]
    assert [touched.what for touched in reading.touched] == ["lines 3 to 4 are not CSV: unexpected end of data"]
