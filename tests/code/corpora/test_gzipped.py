"""Files are read in chunks, packed or not; bombs and damaged streams are refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bioner.corpora.gzipped import unpacked
from bioner.errors import DataError


def _write(folder: Path, content: bytes) -> Path:
    file = folder / "file"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("size", [0, 1, 1 << 16, 200_001])
def test_a_file_and_its_packed_form_give_the_same_bytes(tmp_path: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert b"".join(unpacked(_write(tmp_path, content))) == content
    assert b"".join(unpacked(_write(tmp_path, gzip.compress(content, mtime=0)))) == content


def test_text_that_packs_well_is_no_bomb(tmp_path: Path) -> None:
    assert sum(map(len, unpacked(_write(tmp_path, gzip.compress(b"a" * 10_000_000, mtime=0))))) == 10_000_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(b"\0" * (1 << 27)), "more than 200 times its size"),
        (gzip.compress(b"text" * 1000, mtime=0)[:-4], "damaged"),
        (gzip.compress(b"text" * 1000, mtime=0)[:-4] + b"xxxx", "damaged"),
        (b"\x1f\x8bno", "damaged"),
    ],
)
def test_what_is_hostile_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    file = _write(tmp_path, content)
    with pytest.raises(DataError, match=words) as caught:
        list(unpacked(file))
    assert caught.value.where == str(file)
    assert caught.value.mend


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        list(unpacked(tmp_path))
