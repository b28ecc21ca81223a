"""Which format a file or folder has, and by what that was seen: only its beginning is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bioner.config import FORMATS, Format
from bioner.corpora import detect_json, detect_lines, parquet
from bioner.corpora.head import Finding, Head, longest_column, read_head
from bioner.errors import DataError

_PAIRED = {".ann": "brat", ".a1": "bionlp_st"}  # suffix of the annotations that lie beside .txt files -> format
_ONE_A_FILE = {"drug_labels": ".xml", "clinical_trials": ".json"}  # format of folders -> suffix of their files
_NO_DATA = re.compile(
    r"\..*|.*(readme|licen[cs]e|copying|citation|changelog|notice).*|.*\.(md|dvc|html?|pdf|py|sh|conf|toml|ya?ml)",
    re.IGNORECASE,
)
_XML = {
    "collection": ("bioc_xml", "a BioC `collection`"),
    "PubmedArticleSet": ("pubmed_xml", "PubMed's `PubmedArticleSet`"),
    "PubmedArticle": ("pubmed_xml", "a `PubmedArticle`"),
    "PubmedBookArticleSet": ("pubmed_xml", "PubMed's `PubmedBookArticleSet`"),
}
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)([^<>]*)")
_ARCHIVE = {b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}


@dataclass(frozen=True, slots=True)
class Detection:
    """What a file or folder was found to be.

    Attributes:
        why: by what that was seen, in one sentence.
        column: in a table, the column that seems to hold the text: its name, or its number from 1.
        others: formats that it could also be read as.
        language: what the file itself says.
    """

    format: Format
    why: str
    column: str | int | None = None
    others: tuple[str, ...] = ()
    language: str | None = None


def detect(path: Path) -> Detection:
    """Find out the format.

    Raises:
        DataError: nothing is there, or it is in no known format.
    """
    if path.is_dir():
        finding = _of_folder(path)
    elif path.is_file():
        finding = _of_file(read_head(path))
    else:
        raise DataError("there is no such file or folder", where=str(path), mend="check the path")
    known: dict[str, Format] = {name: name for name in FORMATS}
    if finding.format not in known:
        mend = f"convert it to one of {', '.join(FORMATS)}"
        raise DataError(f"{finding.why}: the format {finding.format} cannot be read", where=str(path), mend=mend)
    return Detection(known[finding.format], finding.why, finding.column, finding.others, finding.language)


def parts(path: Path) -> Iterator[Path]:
    """What is read one by one: a file itself; below a folder, every file and every folder that is one corpus.

    Files that come with corpora but are none (licences, notes, hidden files) are left out, and links not followed.
    """
    if not path.is_dir():
        yield path
        return
    entries = sorted(entry for entry in path.iterdir() if not entry.is_symlink())
    files = [entry for entry in entries if entry.is_file() and not _NO_DATA.fullmatch(entry.name)]
    if any(file.suffix in _PAIRED for file in files) or (len(files) > 1 and _one_a_file(files)):
        yield path
    else:
        yield from files
    for folder in entries:
        if folder.is_dir() and not folder.name.startswith("."):
            yield from parts(folder)


def _of_folder(path: Path) -> Finding:
    files = sorted(entry for entry in path.iterdir() if entry.is_file())
    for suffix, form in _PAIRED.items():
        found = sum(file.suffix == suffix for file in files)
        if found:
            return Finding(form, f"the folder holds {found:,} files {suffix} beside their texts")
    one = _one_a_file(files)
    if one:
        return one
    names = ", ".join(part.name for part in islice(parts(path), 5))
    what = "the folder is not one corpus file" if names else "the folder holds no file that could be a corpus"
    raise DataError(what, where=str(path), mend=f"name one of the files in it: {names}" if names else "check the path")


def _one_a_file(files: list[Path]) -> Finding | None:
    """The finding for files that hold one record each, judged by the first of them."""
    for form, suffix in _ONE_A_FILE.items():
        alike = [file for file in files if file.suffix.lower() == suffix]
        if alike and len(alike) == len(files):
            try:
                first = _of_file(read_head(alike[0]))
            except DataError:
                continue
            if first.format == form:
                return Finding(form, f"the folder holds {len(alike):,} files {suffix}; in the first, {first.why}")
    return None


def _of_file(head: Head) -> Finding:
    if head.raw.startswith(b"PAR1"):
        columns = parquet.samples(head.path)
        return Finding("parquet", "the file begins with the mark of Parquet", longest_column(columns))
    finding = _of_xml(head)
    if finding:
        return finding
    _refuse_archive(head)
    if not head.text.strip():
        raise DataError("the file is empty", where=str(head.path), mend="check the path")
    if "\0" in head.text[:1000]:
        raise DataError("the file is binary, and in no known format", where=str(head.path), mend=_formats())
    if head.text.lstrip()[0] in "{[":
        finding = detect_json.find(head)
        if finding:
            return finding
        keys = ", ".join(detect_json.keys(head)[:5])
        what = f"the file looks like JSON, but its records ({keys}, ...) are of no known format"
        if head.text.lstrip()[0] == "{" or keys:
            raise DataError(what, where=str(head.path), mend=_formats())
    return detect_lines.find(head)


def _of_xml(head: Head) -> Finding | None:
    if not head.text.lstrip().startswith("<"):
        return None
    without = re.sub(r"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>\[]*(\[.*?\])?\s*>", "", head.text, flags=re.DOTALL)
    root = _ROOT.search(without)
    if root and root[1] in _XML:
        form, what = _XML[root[1]]
        return Finding(form, f"the root of the XML is {what}")
    if root and root[1] == "document" and "urn:hl7-org:v3" in root[2]:
        return Finding("drug_labels", "the root of the XML is an HL7 `document` (a structured product label)")
    name = root[1] if root else "?"
    raise DataError(f"XML with the root {name!r} is of no known format", where=str(head.path), mend=_formats())


def _refuse_archive(head: Head) -> None:
    """Refuse what has to be unpacked first; compressed XML was recognised before."""
    name = next((name for mark, name in _ARCHIVE.items() if head.raw.startswith(mark)), None)
    if name or head.raw[257:262] == b"ustar":
        mend = "unpack it; `bioner corpora add` unpacks zip and tar archives itself"
        raise DataError(f"the file is an archive ({name or 'tar'})", where=str(head.path), mend=mend)


def _formats() -> str:
    return f"known formats: {', '.join(FORMATS)}; name one with --format if it is one of these"
