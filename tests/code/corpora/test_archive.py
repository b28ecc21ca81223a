"""Tests of unpacking: what is well packed comes out, what leads elsewhere or is too much does not."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from bioner.corpora.archive import is_archive, unpack
from bioner.errors import DataError


def _zip(folder: Path, **files: str) -> Path:
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in files.items():
            out.writestr(name, text)
    return folder / "a.zip"


def _tar(folder: Path, *members: tarfile.TarInfo, mode: str = "w:gz") -> Path:
    with tarfile.open(folder / "a.tar.gz", mode) as out:
        for member in members:
            out.addfile(member, io.BytesIO(b"x" * member.size))
    return folder / "a.tar.gz"


def _member(name: str, size: int = 1, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = size, kind, "/etc/passwd"
    return info


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_zip_and_tar_come_out_as_they_were(tmp_path: Path, empty: Path) -> None:
    unpack(_zip(tmp_path, **{"a/b.txt": "one", "c.txt": ""}), empty)
    assert _files(empty) == {"a/b.txt": b"one", "c.txt": b""}
    unpack(_tar(tmp_path, _member("d", 0, tarfile.DIRTYPE), _member("d/e.txt", 3)), empty)
    assert _files(empty)["d/e.txt"] == b"xxx"


@pytest.mark.parametrize("name", ["../out.txt", "/out.txt", "a/../../out.txt", "a\\..\\out.txt", "n" * 2000])
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, empty: Path, name: str) -> None:
    for archive in (_zip(tmp_path, **{name: "x"}), _tar(tmp_path, _member(name))):
        with pytest.raises(DataError, match="leads elsewhere"):
            unpack(archive, empty)
    assert not _files(tmp_path).keys() - {"a.zip", "a.tar.gz"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, empty: Path, kind: bytes) -> None:
    with pytest.raises(DataError, match="a link or a device"):
        unpack(_tar(tmp_path, _member("a", 0, kind)), empty)


def test_a_link_in_a_zip_is_refused(tmp_path: Path, empty: Path) -> None:
    info = zipfile.ZipInfo("a")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr(info, "/etc/passwd")
    with pytest.raises(DataError, match="a link or a device"):
        unpack(tmp_path / "a.zip", empty)


def test_a_bomb_stops_at_the_limit_whatever_it_declares(tmp_path: Path, empty: Path) -> None:
    archive = _zip(tmp_path, big="0" * 5_000_000)
    with pytest.raises(DataError, match="more than 1,000 bytes"):
        unpack(archive, empty, most_bytes=1000)
    assert sum(map(len, _files(empty).values())) <= 1001
    with pytest.raises(DataError, match="more than 2 files"):
        unpack(_tar(tmp_path, *(_member(f"{n}.txt") for n in range(3))), empty, most_files=2)


def test_a_name_that_occurs_twice_is_refused(tmp_path: Path, empty: Path) -> None:
    with pytest.raises(DataError, match="holds a name twice"):
        unpack(_tar(tmp_path, _member("a.txt"), _member("a.txt")), empty)


@pytest.mark.parametrize("cut", [30, 60])
def test_damaged_archives_are_errors(tmp_path: Path, empty: Path, cut: int) -> None:
    for archive in (_zip(tmp_path, a="text" * 50), _tar(tmp_path, _member("a", 500))):
        archive.write_bytes(archive.read_bytes()[:-cut])
        with pytest.raises(DataError, match="the archive cannot be read"):
            unpack(archive, empty)
        (empty / "a").unlink(missing_ok=True)


def test_what_is_an_archive(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("Some text.\n" * 100)
    assert is_archive(_zip(tmp_path, a="x"))
    assert is_archive(_tar(tmp_path, _member("a")))
    assert not is_archive(tmp_path / "text.txt")
    assert not is_archive(tmp_path / "missing")
