"""Whatever is wrong with a file: documents or an error of ours that names it, in time, and nothing lost in silence.

The real corpora lie beside the repository; without them the tests of mutated real files are skipped. Every mutation can
be made again: its number is in the message, and with the name of the file it is the seed.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree

import pytest
from hostile_samples import CORPORA, Sample, invented_samples, real_samples
from mutations import mutate

from bioner.config import Format, OnError
from bioner.corpora.archive import unpack
from bioner.corpora.detect import detect
from bioner.corpora.reading import SKIPPED, Reading
from bioner.corpora.registry import FORMATS
from bioner.documents import Document
from bioner.errors import DataError

REAL = 2000  # mutated real files, in the slow tests
FAST = 2  # mutations of each sample in the fast tests
SECONDS = 10  # to read a file of some kB, mutated
MODES = get_args(OnError)

needs_corpora = pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the real corpora are not at {CORPORA}")


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    return list(invented_samples(tmp_path_factory.mktemp("invented")))


@pytest.fixture(scope="module")
def real() -> list[Sample]:
    return list(real_samples())


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise within the block when the time is over."""

    def over(*_: object) -> None:
        raise TimeoutError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


# ------------------------------------------------------------------------------- how many records a spoilt file has


def _texts(data: bytes) -> list[str]:
    """The lines of a file, as well as they can be read."""
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").replace("\r\n", "\n").split("\n")


def _lines(data: bytes) -> int | None:
    return sum(1 for text in _texts(data) if text.strip())


def _blocks(data: bytes) -> int | None:
    """Blocks between blank lines; not where a line begins a document, or makes no block."""
    texts = _texts(data)
    if any(text.startswith("-DOCSTART-") for text in texts):
        return None
    return sum(1 for before, text in zip(["", *texts], texts, strict=False) if text.strip() and not before.strip())


def _articles(data: bytes) -> int | None:
    texts = [text for text in _texts(data) if text.strip()]
    titles = [bool(re.match(r"[^|\t]+\|t\|", text)) for text in texts]
    return sum(titles) + bool(titles and not titles[0])


def _rows(data: bytes) -> int | None:
    """Rows of a table whose second column is not blank, or that have none."""
    fields = [text.split("\t") for text in _texts(data) if text.strip()]
    return sum(1 for row in fields if len(row) < 2 or row[1].strip())


def _objects(data: bytes) -> int | None:
    """Objects of a JSON list, or of the `documents` of an object; `None`, if it is malformed."""
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode()
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and isinstance(value.get("documents"), list):
        return len(value["documents"])
    whole = isinstance(value, list) and all(isinstance(item, dict) and "documents" not in item for item in value)
    return len(value) if whole else None


def _articles_in_xml(data: bytes) -> int | None:
    found = _children(data)
    return None if found is None else len(found) - found.count("DeleteCitation")


def _documents_in_xml(data: bytes) -> int | None:
    found = _children(data)
    return None if found is None else found.count("document")


def _children(data: bytes) -> list[str] | None:
    """The names of the elements within the root; `None`, if the file is not XML, or not to be opened."""
    if b"<!ENTITY" in data:
        return None
    try:
        return [child.tag for child in ElementTree.fromstring(data)]  # noqa: S314  (no entities)
    except (ElementTree.ParseError, ValueError, LookupError):
        return None


COUNTS: Mapping[str, Callable[[bytes], int | None]] = {
    "documents": _lines,
    "text": _lines,
    "cmeee_v1": _lines,
    "token_spans": _lines,
    "conll": _blocks,
    "conll_layers": _blocks,
    "pubtator": _articles,
    "tsv": _rows,
    "cmeee_v2": _objects,
    "bioc_json": _objects,
    "character_spans": _objects,
    "gliner": _objects,
    "bioc_xml": _documents_in_xml,
    "pubmed_xml": _articles_in_xml,
}


def _repaired(data: bytes) -> bytes:
    """The bytes as lines are repaired: NUL characters are blanks, what is not UTF-8 is Windows-1252."""
    lines = data.replace(b"\0", b" ").split(b"\n")
    return b"\n".join(line if _is_utf_8(line) else line.decode("cp1252", "replace").encode() for line in lines)


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _records(sample: Sample, files: Mapping[str, bytes], mode: OnError) -> int | None:
    """How many records the files hold, counted without the reader; `None` where that cannot be said."""
    if sample.folder:
        return len({name.rpartition(".")[0] for name in files})
    if isinstance(sample.column, str):
        return None  # there is a row of names
    count = COUNTS.get(sample.form)
    (data,) = files.values()
    return count(_repaired(data) if mode == "repair" else data) if count else None


# -------------------------------------------------------------------------------------------------- what must be so


def problem(sample: Sample, path: Path, records: int | None, mode: OnError) -> str | None:
    """What is wrong with how a file is read, or `None`."""
    reading = Reading(path, sample.language, "hostile", mode)
    try:
        with time_limit(SECONDS):
            documents = list(sample.reader(reading))
    except DataError as error:
        # A path may be shown in quotes, where its name is odd.
        named = str(path) in error.where or path.name in error.where
        return None if named and error.what else f"the error does not say where or what: {error!r}"
    except Exception as error:  # noqa: BLE001  (that is what is looked for)
        return f"{type(error).__name__}: {error!s:.300}"
    return _loss(documents, reading, records) or _unwritable(documents)


def undetected(path: Path) -> str | None:
    """What is wrong with how the format of a file is found out, or `None`."""
    try:
        with time_limit(SECONDS):
            detect(path)
    except DataError:
        return None
    except Exception as error:  # noqa: BLE001  (that is what is looked for)
        return f"{type(error).__name__}: {error!s:.300}"
    return None


def _loss(documents: list[Document], reading: Reading, records: int | None) -> str | None:
    done = [touched.done for touched in reading.touched]
    if reading.on_error == "fail" and done:
        return f"something was touched, though nothing may be: {done}"
    rest = any("rest" in what for what in done)
    skipped = done.count(SKIPPED)
    if records is not None and not rest and len(documents) + skipped != records:
        return f"{len(documents)} documents and {skipped} records left out, but the file has {records}"
    return None


def _unwritable(documents: list[Document]) -> str | None:
    for document in documents:
        try:
            json.dumps(document.to_record(), ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, TypeError) as error:
            return f"document {document.id!r} cannot be written: {error}"
    return None


def spoilt(sample: Sample, numbers: range, folder: Path) -> Iterator[str]:
    """The problems with mutations of a sample."""
    for number in numbers:
        rng = random.Random(f"{sample.name}/{number}")
        victim = rng.choice(list(sample.files))
        what, data = mutate(sample.files[victim], number, rng)
        files = {**sample.files, victim: data}
        path = sample.write(folder, files)
        problems = {mode: problem(sample, path, _records(sample, files, mode), mode) for mode in MODES}
        for mode, found in (problems | {"detect": undetected(path)}).items():
            if found:
                yield f"{sample.name} ({sample.form}), {victim}, mutation {number} ({what}), {mode}: {found}"


def check(samples: list[Sample], numbers: Callable[[int], range], folder: Path) -> None:
    found = []
    for index, sample in enumerate(samples):
        base = folder / str(index)
        base.mkdir()
        found += list(spoilt(sample, numbers(index), base))
    assert not found, f"{len(found)} problems:\n" + "\n".join(found[:40])


# ------------------------------------------------------------------------------------------------------------ tests


def _raises(_: Reading) -> Iterator[Document]:
    raise KeyError("a bug")


def _hangs(_: Reading) -> Iterator[Document]:
    while True:
        pass


def _loses(reading: Reading) -> Iterator[Document]:
    yield from list(FORMATS["text"].read(reading))[1:]


def _invents(reading: Reading) -> Iterator[Document]:
    return (Document(found.id, "\ud800", "en") for found in FORMATS["text"].read(reading))


def _names_nothing(_: Reading) -> Iterator[Document]:
    raise DataError("something is wrong")


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        (_raises, "KeyError: 'a bug'"),
        (_hangs, "TimeoutError: not done after 1 s"),
        (_loses, "1 documents and 0 records left out, but the file has 2"),
        (_invents, "cannot be written"),
        (_names_nothing, "the error does not say where"),
    ],
)
def test_a_reader_that_is_wrong_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: Callable[[Reading], Iterator[Document]], words: str
) -> None:
    monkeypatch.setattr(Sample, "reader", property(lambda _: reader))
    monkeypatch.setattr(sys.modules[__name__], "SECONDS", 1)
    sample = Sample("two lines", "text", {"file.txt": b"One.\nTwo.\n"})
    found = problem(sample, sample.write(tmp_path), _records(sample, sample.files, "skip"), "skip")
    assert found is not None
    assert words in found


def test_every_format_has_a_sample(invented: list[Sample]) -> None:
    assert {sample.form for sample in invented} == set(get_args(Format))


@needs_corpora
def test_samples_are_valid_and_counted_right_before_they_are_spoilt(
    real: list[Sample], invented: list[Sample], tmp_path: Path
) -> None:
    for index, sample in enumerate([*real, *invented]):
        folder = tmp_path / str(index)
        folder.mkdir()
        path = sample.write(folder)
        assert problem(sample, path, _records(sample, sample.files, "skip"), "skip") is None, sample.name
        reading = Reading(path, sample.language, "hostile", "skip")
        assert len(list(sample.reader(reading))) > 1 or sample.form == "drug_labels", sample.name
        assert not reading.touched, (sample.name, reading.touched)


@pytest.mark.slow
@needs_corpora
def test_some_mutated_real_files(real: list[Sample], tmp_path: Path) -> None:
    check(real, lambda index: range(index * FAST, (index + 1) * FAST), tmp_path)


def test_some_mutated_invented_files(invented: list[Sample], tmp_path: Path) -> None:
    check(invented, lambda index: range(index * FAST, (index + 1) * FAST), tmp_path)


@pytest.mark.slow
@needs_corpora
def test_two_thousand_mutated_real_files(real: list[Sample], tmp_path: Path) -> None:
    each = -(-REAL // len(real))
    assert each * len(real) >= REAL
    check(real, lambda _: range(each), tmp_path)


@pytest.mark.slow
def test_many_mutated_invented_files(invented: list[Sample], tmp_path: Path) -> None:
    check(invented, lambda _: range(60), tmp_path)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("what", ["directory", "missing", "forbidden", "loop of links", "name that is not UTF-8"])
def test_what_is_no_readable_file(invented: list[Sample], tmp_path: Path, what: str, mode: OnError) -> None:
    found = []
    for number, sample in enumerate(invented):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = _odd_path(sample, folder, what)
        with unprivileged(path) if what == "forbidden" else nullcontext():
            found.append(f"{sample.name}: {problem(sample, path, None, mode)}")
            if what != "name that is not UTF-8":
                with pytest.raises(DataError):
                    list(sample.reader(Reading(path, "en", "hostile", "fail")))
    assert not [line for line in found if not line.endswith(": None")]


def _odd_path(sample: Sample, folder: Path, what: str) -> Path:
    path = sample.write(folder)
    if what == "directory":
        path = folder / "empty"
        path.mkdir()
    elif what == "missing":
        path = folder / "missing"
    elif what == "loop of links":
        path = folder / "loop"
        path.symlink_to(path)
    elif what == "name that is not UTF-8":
        path = path.rename(path.with_name(f"\udcff{path.name}"))
    return path


@contextmanager
def unprivileged(path: Path) -> Iterator[None]:
    """Take all rights to a file away; root, who needs none, is somebody else for the time of the block."""
    mode, user = path.stat().st_mode, os.geteuid()
    path.chmod(0)
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        if user == 0:
            os.seteuid(0)
        path.chmod(mode)


# ---------------------------------------------------------------------------------------------------------- archives


def _zip(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return buffer.getvalue()


def _tar(files: Mapping[str, bytes], mode: str = "w:gz", **member: Any) -> bytes:
    """A tar archive; `member` are attributes of its files, such as `type` and `linkname`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as out:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in member.items():
                setattr(info, key, value)
            out.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


_FILES = {"a/one.txt": b"One.\n" * 100, "a/two.txt": b"Two.\n"}
_ARCHIVES = {
    "zip": _zip(_FILES),
    "tar": _tar(_FILES, "w:"),
    "tar.gz": _tar(_FILES),
    "tar.bz2": _tar(_FILES, "w:bz2"),
    "tar.xz": _tar(_FILES, "w:xz"),
}


@pytest.mark.parametrize(
    "content",
    [
        _zip({"../escaped": b"x"}),
        _zip({"/tmp/escaped": b"x"}),  # noqa: S108  (never written)
        _zip({"a/../../escaped": b"x"}),
        _zip({"a\\..\\escaped": b"x"}),
        _zip({"a": b"x", "a/b": b"x"}),
        _zip({"a/b": b"x", "a": b"x"}),
        _zip({"bomb": b"\0" * 20_000_000}),
        _zip({f"{number}": b"" for number in range(200)}),
        _zip({"x" * 300: b"x"}),
        _tar({"../escaped": b"x"}),
        _tar({"/tmp/escaped": b"x"}),  # noqa: S108
        _tar({"loop": b""}, type=tarfile.SYMTYPE, linkname="loop"),
        _tar({"link": b""}, type=tarfile.SYMTYPE, linkname="/etc"),
        _tar({"link": b""}, type=tarfile.LNKTYPE, linkname="../../etc/passwd"),
        _tar({"device": b""}, type=tarfile.CHRTYPE),
        _tar({"pipe": b""}, type=tarfile.FIFOTYPE),
        _tar({"bomb": b"\0" * 20_000_000}),
    ],
    ids=lambda _: "archive",  # their bytes hold the time of day
)
def test_a_hostile_archive_is_refused_and_nothing_lands_outside(tmp_path: Path, content: bytes) -> None:
    archive, folder = tmp_path / "archive", tmp_path / "in" / "folder"
    archive.write_bytes(content)
    folder.mkdir(parents=True)
    with time_limit(SECONDS), pytest.raises(DataError) as caught:
        unpack(archive, folder, most_files=100, most_bytes=1_000_000)
    assert str(archive) in caught.value.where
    assert sorted(tmp_path.iterdir()) == [archive, tmp_path / "in"]
    assert list((tmp_path / "in").iterdir()) == [folder]
    assert not any(path.is_symlink() for path in folder.rglob("*"))


def test_an_archive_that_holds_itself_is_unpacked_once(tmp_path: Path) -> None:
    inner = _zip({"outer.zip": b""})
    (tmp_path / "outer.zip").write_bytes(_zip({"outer.zip": inner}))
    (tmp_path / "folder").mkdir()
    unpack(tmp_path / "outer.zip", tmp_path / "folder")
    assert [path.name for path in (tmp_path / "folder").rglob("*")] == ["outer.zip"]


@pytest.mark.parametrize("kind", _ARCHIVES)
def test_mutated_archives(tmp_path: Path, kind: str) -> None:
    found = []
    for number in range(60):
        rng = random.Random(f"{kind}/{number}")
        what, data = mutate(_ARCHIVES[kind], number, rng)
        base = tmp_path / str(number)
        folder, archive = base / "folder", base / "archive"
        folder.mkdir(parents=True)
        archive.write_bytes(data)
        try:
            with time_limit(SECONDS):
                unpack(archive, folder)
        except DataError:
            pass
        except Exception as error:  # noqa: BLE001  (that is what is looked for)
            found.append(f"{kind}, mutation {number} ({what}): {type(error).__name__}: {error!s:.300}")
        if sorted(base.iterdir()) != [archive, folder]:
            found.append(f"{kind}, mutation {number} ({what}): something landed outside the folder")
    assert not found, "\n".join(found)


# --------------------------------------------------------------------------------------------------------- long lines

LONG = 200 << 20
MEMORY = 1 << 30

SCRIPT = """
import json, resource, sys
from pathlib import Path
from bioner.corpora.archive import unpack
from bioner.corpora.detect import detect
from bioner.corpora.reading import Reading
from bioner.corpora.registry import reader_for
from bioner.errors import DataError

resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) * 3, int(sys.argv[1]) * 3))
path, form, column = Path(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
found = {}
for mode in ("fail", "skip", "repair"):
    reading = Reading(path, "en", "hostile", mode)
    try:
        documents = sum(1 for _ in reader_for(form, column)(reading))
        found[mode] = [documents, len(reading.touched)]
    except DataError as error:
        found[mode] = str(error)
# Not `ru_maxrss`: a child begins with its parent's, and pytest's may have loaded torch.
status = Path("/proc/self/status").read_text()
found["peak"] = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))
print(json.dumps(found))
"""


@pytest.mark.slow
@pytest.mark.parametrize("form", [form for form in get_args(Format) if form != "parquet"])
def test_a_line_of_200_mb_costs_little_memory_and_no_other_record(
    invented: list[Sample], tmp_path: Path, form: Format
) -> None:
    """The line is a hole in a sparse file, after the valid records."""
    sample = next(sample for sample in invented if sample.form == form)
    path = sample.write(tmp_path)
    file = next(file for file in sorted(path.iterdir()) if file.suffix != ".txt") if sample.folder else path
    with file.open("r+b") as out:
        out.seek(0, os.SEEK_END)
        out.seek(LONG, os.SEEK_CUR)
        out.write(b"\n")
    command = [sys.executable, "-c", SCRIPT, str(MEMORY), str(path), form, json.dumps(sample.column)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert isinstance(found["fail"], str)
    assert path.name in found["fail"]
    for mode in ("skip", "repair"):
        assert isinstance(found[mode], str) or found[mode][1] >= 1, (mode, found)
    if COUNTS.get(form) is _lines:
        assert found["skip"] == [_records(sample, sample.files, "skip"), 1]
    assert found["peak"] < MEMORY, f"{found['peak'] / (1 << 20):.0f} MiB"
