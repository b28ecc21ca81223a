"""A file stands for itself, a folder for the files of a kind below it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.corpora.reading import Reading
from bioner.corpora.sources import files
from bioner.errors import DataError


def test_a_file_is_itself_and_a_folder_its_files_by_name(tmp_path: Path) -> None:
    for name in ("b.xml", "a/c.XML", "a/d.txt", "e.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    folder, file = Reading(tmp_path, "en", "mine", "skip"), Reading(tmp_path / "e.json", "en", "mine")
    assert [reading.path.name for reading in files(folder, ".xml", ".json")] == ["c.XML", "b.xml", "e.json"]
    assert all(reading.touched is folder.touched for reading in files(folder, ".xml"))
    assert list(files(file, ".xml")) == [file]


def test_a_folder_without_such_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no file \.xml or \.json") as caught:
        list(files(Reading(tmp_path, "en", "mine"), ".xml", ".json"))
    assert caught.value.where == str(tmp_path)


def test_folders_that_are_linked_in_a_circle_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a.xml").touch()
    assert [reading.path for reading in files(Reading(tmp_path, "en", "mine"), ".xml")] == [tmp_path / "a.xml"]
