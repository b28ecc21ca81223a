"""Tests of the numbered lines of text files."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.config import OnError
from bioner.corpora import text
from bioner.corpora.lines import read_lines, read_text
from bioner.corpora.reading import Reading, Touched
from bioner.errors import DataError

BAD = b"good\nb\xffd\nn\0l\nlast\n"


def _reading(file: Path, on_error: OnError = "fail") -> Reading:
    return Reading(file, "en", "mine", on_error)


def test_lines_end_at_line_feeds_only_and_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("\ufeffone \r\n\ntwo\u2028still two\x85\rand here\nlast".encode())
    lines = [(line.number, line.text) for line in read_lines(_reading(file))]
    assert lines == [(1, "one "), (2, ""), (3, "two\u2028still two\x85\rand here"), (4, "last")]
    assert read_text(_reading(file)) == "one \n\ntwo\u2028still two\x85\rand here\nlast"


def test_a_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"good\nb\xffd\n")
    with pytest.raises(DataError) as caught:
        list(read_lines(_reading(file)))
    assert caught.value.where == f"{file}:2"
    assert "iconv" in caught.value.mend


def test_a_missing_file_names_the_params_to_check(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        list(read_lines(_reading(tmp_path / "missing")))
    assert "missing" in caught.value.where
    assert "data_root" in caught.value.mend


def test_lines_that_cannot_be_read_are_skipped_or_repaired_on_request(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(BAD)
    with pytest.raises(DataError, match="not UTF-8"):
        list(text.read(_reading(file)))
    skipping = _reading(file, "skip")
    assert [document.text for document in text.read(skipping)] == ["good", "last"]
    assert [touched.where for touched in skipping.touched] == [f"{file}:2", f"{file}:3"]
    repairing = _reading(file, "repair")
    assert [document.text for document in text.read(repairing)] == ["good", "bÿd", "n l", "last"]
    assert repairing.touched[0] == Touched(
        f"{file}:2", "not UTF-8: invalid start byte", "read the line as windows-1252"
    )
    assert len(repairing.touched) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_another_encoding_is_told(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text("text", encoding=encoding)
    with pytest.raises(DataError, match="UTF-16"):
        list(read_lines(_reading(file, "repair")))


def test_a_line_without_end_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    with file.open("wb") as out:
        out.write(b"first\n")
        out.truncate((1 << 26) + 7)
        out.seek(0, 2)
        out.write(b"\nlast\n")
    reading = _reading(file, "skip")
    assert [document.text for document in text.read(reading)] == ["first", "last"]
    assert "longer than" in reading.touched[0].what
