"""Tests of files of JSON objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bioner.corpora.object_records import others, parsed, read_objects, write_lines, write_list
from bioner.corpora.reading import Reading
from bioner.documents import Document
from bioner.errors import DataError


def _reading(folder: Path, content: str, on_error: str = "fail") -> Reading:
    file = folder / "file.json"
    file.write_text(content, encoding="utf-8")
    return Reading(file, "en", "mine", on_error)  # type: ignore[arg-type]


def _documents(reading: Reading) -> list[Document]:
    def make(record: dict[str, Any], identity: str, where: str) -> Document:
        return reading.document(identity, record["text"], (), where=where)

    return list(read_objects(reading, make))


def test_ids_are_those_of_the_objects_else_their_numbers(tmp_path: Path) -> None:
    content = '[{"text": "a"},\n {"id": 5, "text": "b"}, {"id": "x", "text": "c"},\n{"text": "d"}]'
    assert [d.id for d in _documents(_reading(tmp_path, content))] == ["file.json#1", "5", "x", "file.json#4"]


def test_a_record_that_is_left_out_keeps_its_number(tmp_path: Path) -> None:
    reading = _reading(tmp_path, '{"text": "a"}\n{"text": oops}\n{"text": "c"}\n', "skip")
    assert [document.id for document in _documents(reading)] == ["file.json#1", "file.json#3"]
    assert [touched.where for touched in reading.touched] == [f"{reading.path}:2, record file.json#2"]


@pytest.mark.parametrize("value", [True, 1.5, None, [], ""])
def test_other_ids_are_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(DataError, match="neither text nor a whole number"):
        _documents(_reading(tmp_path, json.dumps({"id": value, "text": "a"})))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_that_json_has_not_are_refused(tmp_path: Path, number: str) -> None:
    with pytest.raises(DataError, match="not JSON"):
        _documents(_reading(tmp_path, f'{{"text": "a", "n": {number}}}'))


def test_lists_and_lines_are_written_for_reading(tmp_path: Path) -> None:
    records = [{"text": "肺\u2028"}, {"text": "b"}]
    for write in (write_list, write_lines):
        write(tmp_path / "file.json", records)
        assert [d.text for d in _documents(Reading(tmp_path / "file.json", "en", "mine"))] == ["肺\u2028", "b"]
    write_list(tmp_path / "file.json", records)
    assert json.loads((tmp_path / "file.json").read_text(encoding="utf-8")) == records
    write_list(tmp_path / "file.json", [])
    assert json.loads((tmp_path / "file.json").read_text(encoding="utf-8")) == []


def test_what_is_beside_the_known_keys() -> None:
    assert others({"id": 1, "page": 2, "dropped": {}}, ("id",)) == {"page": 2}


def test_annotations_that_are_wrong_are_left_out_under_repair_only(tmp_path: Path) -> None:
    def whole(item: str) -> int:
        if not item.isdecimal():
            raise DataError("no number", where="here")
        return int(item)

    repairing = _reading(tmp_path, "", "repair")
    assert list(parsed(repairing, ["1", "x", "2"], whole)) == [1, 2]
    assert [touched.done for touched in repairing.touched] == ["left out the annotation"]
    with pytest.raises(DataError):
        list(parsed(_reading(tmp_path, "", "skip"), ["1", "x", "2"], whole))
