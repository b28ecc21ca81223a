"""Tests of the numbered lines of text files."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.corpora.lines import read_lines, read_text
from bioner.errors import DataError


def test_lines_end_at_line_feeds_only_and_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("\ufeffone \r\n\ntwo\u2028still two\x85\rand here\nlast".encode())
    assert list(read_lines(file)) == [(1, "one "), (2, ""), (3, "two\u2028still two\x85\rand here"), (4, "last")]
    assert read_text(file) == "one \n\ntwo\u2028still two\x85\rand here\nlast"


def test_a_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"good\nb\xffd\n")
    with pytest.raises(DataError) as caught:
        list(read_lines(file))
    assert caught.value.where == f"{file}:2"
    assert "iconv" in caught.value.mend


def test_a_missing_file_names_the_params_to_check(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        list(read_lines(tmp_path / "missing"))
    assert "missing" in caught.value.where
    assert "data_root" in caught.value.mend
