"""Small valid files of every format, to be spoilt: cut from the real corpora, and invented ones of all formats.

Invented files are written by the writers of the formats, so that a new format has one as soon as it is registered;
formats that nothing writes have theirs here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bioner.config import TABLES, Format
from bioner.corpora.registry import FORMATS, Reader, reader_for
from bioner.documents import Document, Span

ROOT = Path(__file__).parents[2]
CORPORA = ROOT.parent / "shared/corpora"
_SIZE = 12_000  # bytes of a file that is cut from a real one
_FOLDER = 3  # documents of a folder that is cut from a real one


@dataclass(frozen=True)
class Sample:
    """A valid file, or a folder of files.

    Attributes:
        name: for messages.
        form: its format.
        files: name -> content.
        language: of its text.
        column: of the text, in tables.
        folder: whether the format is a folder; else there is one file.
    """

    name: str
    form: Format
    files: Mapping[str, bytes]
    language: str = "en"
    column: str | int | None = None
    folder: bool = False

    @property
    def reader(self) -> Reader:
        """What reads it."""
        return reader_for(self.form, self.column)

    def write(self, folder: Path, files: Mapping[str, bytes] | None = None) -> Path:
        """Write the files, or these in their place; returns what is to be read."""
        base = folder / "folder" if self.folder else folder
        base.mkdir(exist_ok=True)
        for name, content in (self.files if files is None else files).items():
            (base / name).write_bytes(content)
        return base if self.folder else base / next(iter(self.files))


# ------------------------------------------------------------------------------------------------------- real files

_REAL: tuple[tuple[Format, str], ...] = (
    ("conll", "ncbi_disease/conll/*.tsv"),
    ("conll", "bc5cdr/conll/*.tsv"),
    ("conll", "bc2gm/conll/*.tsv"),
    ("conll", "jnlpba/conll/*.tsv"),
    ("conll_layers", "genia_nested/iob2_columns/*.iob2"),
    ("token_spans", "genia_nested/span_jsonlines/*.jsonlines"),
    ("pubtator", "ncbi_disease/pubtator/*.txt"),
    ("pubtator", "bc5cdr/pubtator/*.txt"),
    ("pubtator", "biored/pubtator/*"),
    ("bioc_xml", "biored/bioc_xml/*"),
    ("bioc_json", "biored/bioc_json/*"),
    ("cmeee_v1", "cmeee/chip2020_v1/*.txt"),
    ("cmeee_v2", "cmeee/v2_json/*.json"),
    ("llmner", "llmner_samples/data_t*.json"),
    ("csv", "unlabelled_en/medical_abstracts_tc/*.csv"),
    ("tsv", "unlabelled_zh/cmedtc/*.txt"),
    ("brat", "ncbi_disease/brat/*"),
    ("bionlp_st", "bionlp_st_2013_pc/[td]*"),
)
_COLUMNS: Mapping[str, str | int] = {"csv": "medical_abstract", "tsv": 2}
_CHINESE = ("cmeee", "unlabelled_zh")


def real_samples() -> Iterator[Sample]:
    """The real corpora, each file or folder cut to its beginning; none where the corpora are not at hand."""
    for form, pattern in _REAL:
        for path in sorted(CORPORA.glob(pattern)) if form in {*FORMATS, *TABLES} else ():
            language = "zh" if path.relative_to(CORPORA).parts[0].startswith(_CHINESE) else "en"
            files = _beginning_of_folder(path) if path.is_dir() else {f"real{path.suffix}": _beginning(path, form)}
            name = path.relative_to(CORPORA).as_posix()
            yield Sample(name, form, files, language, _COLUMNS.get(form), folder=path.is_dir())


def _beginning_of_folder(folder: Path) -> dict[str, bytes]:
    stems = sorted(path.stem for path in folder.glob("*.txt"))[:_FOLDER]
    return {path.name: path.read_bytes() for stem in stems for path in sorted(folder.glob(f"{stem}.*"))}


def _beginning(path: Path, form: Format) -> bytes:
    """The first records of a file."""
    data = path.read_bytes()
    if len(data) <= _SIZE:
        return data
    if form in ("cmeee_v2", "bioc_json"):
        value = json.loads(data)
        if form == "cmeee_v2":
            return json.dumps(value[:30], ensure_ascii=False, indent=1).encode()
        return json.dumps(value | {"documents": value["documents"][:2]}, ensure_ascii=False, indent=1).encode()
    if form == "bioc_xml":
        ends = [match.end() for match in re.finditer(b"</document>", data)]
        return data[: ends[1]] + b"</collection>"
    end = rb"\n\s*\n" if form in ("conll", "conll_layers", "pubtator") else rb"\n"
    return data[: max(match.end() for match in re.finditer(end, data[:_SIZE]))]


# --------------------------------------------------------------------------------------------------- invented files

_TEXT = 'Zinc helps (p < 0.05) IL-2 receptors.\nNew µ-cells of E. coli, 肝炎 & "more".'
_DOCUMENTS = (
    Document("1", _TEXT, "en", (Span.of(0, 4, "chemical"), Span.of(22, 26, "protein"), Span.of(22, 36, "protein"))),
    Document("2", "Nothing here.", "en", (), "", {"note": "text"}),
    Document("3", "Kidney and liver failed.", "en", (Span(((0, 6), (17, 23)), "disease"), Span.of(11, 16, "organ"))),
)
_PUBMED = """<?xml version="1.0"?>
<PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>Zn<sup>2+</sup></ArticleTitle>
<Abstract><AbstractText Label="AIM">To see.</AbstractText><AbstractText>&lt;3 &#956;m</AbstractText></Abstract>
<Language>eng</Language></Article></MedlineCitation></PubmedArticle>
<PubmedBookArticle><BookDocument><PMID>2</PMID><ArticleTitle>Book</ArticleTitle></BookDocument></PubmedBookArticle>
</PubmedArticleSet>
"""
_LABEL = """<?xml version="1.0" encoding="UTF-8"?>
<document xmlns="urn:hl7-org:v3"><title>INVENTOL</title><setId root="a-1"/><versionNumber value="2"/>
<component><structuredBody><component><section><code code="34067-9"/><title>USE</title>
<text><paragraph>For pain.</paragraph><table><tr><td>5</td><td>mg</td></tr></table></text></section></component>
</structuredBody></component></document>
"""
_STUDY = {
    "protocolSection": {
        "identificationModule": {"nctId": "NCT00000001"},
        "descriptionModule": {"briefSummary": "Does it\nhelp?", "detailedDescription": "At p \\< 0.05."},
        "armsInterventionsModule": {"armGroups": [{"label": "A", "type": "OTHER", "description": "5 mg"}]},
    }
}
_INVENTED: Mapping[str, tuple[str, bytes]] = {
    "pubmed_xml": ("file.xml", _PUBMED.encode()),
    "drug_labels": ("label.xml", _LABEL.encode()),
    "clinical_trials": ("studies.json", json.dumps([_STUDY, _STUDY], indent=1).encode()),
    "patents": ("patents.csv", b'id,title,abstract,description\n1,A spoon,"Stirs, ""well"".","Long\ntext."\n2,B,,\n'),
    "json": ("table.json", '{"1": {"text": "One µ"}, "2": {"text": ["Two", "three"]}}'.encode()),
    "csv": ("table.csv", 'n,text\n1,"One, ""two"" µ\nthree"\n2,Four\n'.encode()),
    "tsv": ("table.tsv", 'n\ttext\n1\tOne "two" µ\n2\tFour\n'.encode()),
    "jsonl": ("lines.jsonl", '{"n": 1, "text": "One µ"}\n{"n": 2, "text": "Two \\u00b5"}\n'.encode()),
}


def invented_samples(folder: Path) -> Iterator[Sample]:
    """A sample of every format.

    Args:
        folder: for the files that writers write.
    """
    for form in (*FORMATS, *TABLES):
        column = "text" if form in TABLES else None
        if form == "parquet":
            yield Sample("invented parquet", form, {"table.parquet": _parquet(folder)}, column=column)
        elif form in _INVENTED:
            name, content = _INVENTED[form]
            yield Sample(f"invented {form}", form, {name: content}, column=column)
        else:
            yield _written(folder / form, form)


def _written(path: Path, form: Format) -> Sample:
    write = FORMATS[form].write
    assert write, f"nothing writes {form!r}: add a small file of it to this module"
    write(path, _DOCUMENTS)
    if path.is_dir():
        files = {file.name: file.read_bytes() for file in sorted(path.iterdir())}
        return Sample(f"invented {form}", form, files, folder=True)
    return Sample(f"invented {form}", form, {"file.txt": path.read_bytes()})


def _parquet(folder: Path) -> bytes:
    import pyarrow as arrow
    from pyarrow import parquet

    parquet.write_table(arrow.table({"n": [1, 2], "text": ["One µ", "Two"]}), folder / "table.parquet")
    return (folder / "table.parquet").read_bytes()
