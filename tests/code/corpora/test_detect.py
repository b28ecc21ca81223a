"""Tests of the detection of formats: every format is told from its beginning, and what is none is refused."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bioner.corpora.detect import detect, parts
from bioner.documents import Document, Span, write_documents
from bioner.errors import DataError


def _file(folder: Path, content: str | bytes, name: str = "file.txt") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


ENTITY = {"start": 0, "end": 5, "label": "symptom"}
CONTENTS = {
    "pubtator": "1|t|A title.\n1|a|An abstract.\n1\t2\t7\ttitle\tThing\tX\n",
    "conll": "Fever\tB-Symptom\nwas\tO\n\nhigh\tO\n",
    "conll_layers": "Lung\tB-Disease\tB-Organ\ncancer\tI-Disease\tO\n\n",
    "cmeee_v1": "小儿发热三天。|||2    3    sym|||\n无标注的一行\n",
    "cmeee_v2": _json(
        [{"text": "发热", "entities": [{"start_idx": 0, "end_idx": 1, "type": "sym", "entity": "发热"}]}]
    ),
    "token_spans": _json({"tokens": ["A"], "entity_mentions": [], "sent_id": "1"}) + "\n",
    "gliner": _json([{"tokenized_text": ["A", "b"], "ner": [[0, 1, "x"]]}]),
    "llmner": _json([{"instruction": "Do", "input": "A", "output": "B"}]),
    "character_spans": _json({"text": "Fever", "entities": [ENTITY]}) + "\n",
    "bioc_json": _json({"source": "x", "documents": [{"id": "1", "passages": [{"offset": 0, "text": "A"}]}]}),
    "bioc_xml": '<?xml version="1.0"?><!DOCTYPE collection SYSTEM "BioC.dtd"><collection></collection>',
    "pubmed_xml": "<?xml version='1.0'?>\n<!-- baseline -->\n<PubmedArticleSet><PubmedArticle/></PubmedArticleSet>",
    "drug_labels": '<?xml version="1.0"?><document xmlns="urn:hl7-org:v3"><setId root="1"/></document>',
    "clinical_trials": _json({"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}}),
    "patents": 'publication_number,title,abstract\nX1,"A device, new","What it does"\n',
    "text": "Just a sentence, with a comma.\nAnother one\twith a tab.\n",
}


@pytest.mark.parametrize("form", CONTENTS)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_every_format_is_told_by_its_content_alone(tmp_path: Path, form: str, mark: bytes) -> None:
    name = "file.csv" if form == "patents" else "file"
    found = detect(_file(tmp_path, mark + CONTENTS[form].encode(), name))
    assert found.format == form
    assert found.why


@pytest.mark.parametrize("form", CONTENTS)
def test_lines_may_end_with_crlf(tmp_path: Path, form: str) -> None:
    content = CONTENTS[form].replace("\n", "\r\n")
    assert detect(_file(tmp_path, content, "file.csv" if form == "patents" else "file")).format == form


def test_documents_tell_their_language(tmp_path: Path) -> None:
    write_documents(tmp_path / "d.jsonl", [Document("1", "发热", "zh", (Span.of(0, 2, "symptom"),))])
    found = detect(tmp_path / "d.jsonl")
    assert (found.format, found.language) == ("documents", "zh")


@pytest.mark.parametrize(
    ("name", "content", "form", "column"),
    [
        ("a.csv", "label,abstract\n1,A long text of many words\n2,Another long text of words\n", "csv", "abstract"),
        ("a.csv", "1,A long text of many words\n2,Another long text of words\n", "csv", 2),
        ("a.txt", "Age\t年龄在十八岁以上的患者\nSex\t性别为女性的所有患者\n", "tsv", 2),
        ("a.tsv", "id\ttext\n1\tA long text of many words here\n", "tsv", "text"),
        ("a.json", '{"12": {"abstract": ["A long text.", "More of it."], "q": "?"}, "13": {', "json", "abstract"),
        ("a.json", '[{"title": "Short", "abstract": "A longer text."}]', "json", "abstract"),
        ("a.jsonl", '{"pmid": 1, "title": "Short", "abstract": "A much longer text."}\n', "jsonl", "abstract"),
    ],
)
def test_the_column_of_the_text_in_a_table(
    tmp_path: Path, name: str, content: str, form: str, column: str | int
) -> None:
    found = detect(_file(tmp_path, content, name))
    assert (found.format, found.column) == (form, column)
    assert repr(column) in found.why


def test_parquet(tmp_path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    table = pyarrow.table({"n": [1, 2], "id": ["a", "b"], "body": ["a longer text", None]})
    parquet.write_table(table, tmp_path / "t.bin")
    found = detect(tmp_path / "t.bin")
    assert (found.format, found.column) == ("parquet", "body")


def test_examples_of_the_selector_of_llmner(tmp_path: Path) -> None:
    record = {"input": "Is it?\nThe [cell].\nThe one:  cell, type: x.", "drug_code": ["正确"]}
    assert detect(_file(tmp_path, _json(record) + "\n")).format == "llmner"


def test_gzipped_pubmed_is_looked_into(tmp_path: Path) -> None:
    assert detect(_file(tmp_path, gzip.compress(CONTENTS["pubmed_xml"].encode()), "p.xml.gz")).format == "pubmed_xml"


def test_a_few_wrong_lines_do_not_hide_the_format(tmp_path: Path) -> None:
    content = CONTENTS["conll"] * 10 + "broken\nline\n"
    assert detect(_file(tmp_path, content)).format == "conll"
    assert detect(_file(tmp_path, CONTENTS["pubtator"] + "\xff broken\n")).format == "pubtator"


def test_docstart_and_columns_beside_the_tags_are_told(tmp_path: Path) -> None:
    assert detect(_file(tmp_path, "-DOCSTART- -X- O O\n\nFever NN B-NP O\nrose VB O B-x\n\n")).others == ("conll",)
    assert detect(_file(tmp_path, "-DOCSTART-\tO\n\nFever\tB_x\n\n")).format == "conll"


def test_ambiguity_is_told(tmp_path: Path) -> None:
    assert "text" in detect(_file(tmp_path, "a\tb c\nd\te f\n")).others
    assert "tsv" in detect(_file(tmp_path, CONTENTS["text"])).others
    assert detect(_file(tmp_path, _json([{"text": "发热", "entities": []}]))).others == ("character_spans",)


def test_folders_of_pairs(tmp_path: Path) -> None:
    for form, suffix in (("brat", ".ann"), ("bionlp_st", ".a1")):
        folder = tmp_path / form
        folder.mkdir()
        _file(folder, "Fever", "1.txt")
        _file(folder, "T1\tSymptom 0 5\tFever\n", f"1{suffix}")
        assert detect(folder).format == form
    assert list(parts(tmp_path)) == [tmp_path / "bionlp_st", tmp_path / "brat"]


def test_folders_of_one_record_a_file(tmp_path: Path) -> None:
    for number in range(2):
        _file(tmp_path, CONTENTS["drug_labels"], f"{number}.xml")
    assert detect(tmp_path).format == "drug_labels"
    assert list(parts(tmp_path)) == [tmp_path]


def test_parts_leaves_out_what_is_no_corpus_and_follows_no_link(tmp_path: Path) -> None:
    for name in ("README.md", "MTL_LICENSE", ".hidden", "train.txt.dvc", "train.txt"):
        _file(tmp_path, "text", name)
    (tmp_path / "below").mkdir()
    _file(tmp_path / "below", "text", "a.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert list(parts(tmp_path)) == [tmp_path / "train.txt", tmp_path / "below/a.txt"]
    assert list(parts(tmp_path / "train.txt")) == [tmp_path / "train.txt"]


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"PK\x03\x04 and more", r"archive \(zip\)"),
        (gzip.compress(b"text", mtime=0), r"archive \(gzip\)"),
        (_tar(), r"archive \(tar\)"),
        (b"<html><body/></html>", "root 'html'"),
        (b'{"1": {"QUESTION": 2}}', "looks like JSON"),
        (b"MZ\x00\x01\x02", "binary"),
    ],
)
def test_what_is_no_corpus_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        detect(_file(tmp_path, content))
    assert caught.value.mend


def test_a_folder_of_several_files_or_of_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file"):
        detect(tmp_path)
    _file(tmp_path, "text", "a.txt")
    with pytest.raises(DataError, match="not one corpus file") as caught:
        detect(tmp_path)
    assert "a.txt" in caught.value.mend
    with pytest.raises(DataError, match="no such file"):
        detect(tmp_path / "missing")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(
        st.binary(),
        st.text().map(str.encode),
        st.sampled_from(sorted(CONTENTS)).map(lambda form: CONTENTS[form].encode()[: len(CONTENTS[form]) // 2]),
    )
)
def test_any_bytes_give_a_format_or_an_error(tmp_path: Path, content: bytes) -> None:
    try:
        assert detect(_file(tmp_path, content)).why
    except DataError as error:
        assert error.mend
