"""Tests of BRAT folders: reading and writing, and the files that should not be there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.corpora import brat
from bioner.corpora.reading import DROPPED, Reading
from bioner.documents import Document, Span
from bioner.errors import DataError

TEXT = "Lesions of the left\nand right kidney 🧬 heal."


def _folder(folder: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).write_bytes(content.encode())
    return folder


def _read(path: Path, on_error: str = "fail") -> tuple[list[Document], Reading]:
    reading = Reading(path, "en", "mine", on_error)  # type: ignore[arg-type]
    return list(brat.read(reading)), reading


def test_entities_are_spans_and_other_lines_are_counted_by_kind(tmp_path: Path) -> None:
    lines = (
        "T1\tOrgan 15 19;30 36\tleft kidney\n"
        "T2\tOrgan 24 36\tright kidney\n"
        "T3\tSymbol 37 38\t🧬\n"
        "T4\tPhrase 15 29\tleft and right\n"  # over the line end, which is a blank in the file
        "\n"
        "E1\tHealing:T4 Theme:T1\nE2\tHealing:T4 Theme:T2\nR1\tNear Arg1:T1 Arg2:T2\nA1\tSure T1\nM1\tSpeculation E1\n"
        "N1\tReference T1 X:1\tkidney\n#1\tAnnotatorNotes T1\thm\n*\tEquiv T1 T2\n"
    )
    (document,), reading = _read(_folder(tmp_path, {"a.b.txt": TEXT, "a.b.ann": lines}))
    assert (document.id, document.text, document.source) == ("a.b", TEXT, "mine")
    assert [(span.label, span.mention(TEXT)) for span in document.spans] == [
        ("Organ", "left kidney"),
        ("Organ", "right kidney"),
        ("Symbol", "🧬"),
        ("Phrase", "left\nand right"),
    ]
    kinds = ("relation", "attribute", "modification", "normalisation", "note", "equivalence")
    assert document.meta[DROPPED] == dict.fromkeys(kinds, 1) | {"event": 2}
    assert not reading.noticed


def test_documents_are_sorted_by_id_and_hidden_or_other_files_are_ignored(tmp_path: Path) -> None:
    names = ("b", "a", "a1", ".hidden")
    files = {f"{name}.{end}": "" for name in names for end in ("txt", "ann")}
    found, _ = _read(_folder(tmp_path, files | {"annotation.conf": "[entities]", "README": "x"}))
    assert [document.id for document in found] == ["a", "a1", "b"]


@pytest.mark.parametrize("name", ["b.txt", "b.ann"])
def test_one_file_is_read_with_the_other_one(tmp_path: Path, name: str) -> None:
    files = {"a.txt": "x", "a.ann": "", "b.txt": "liver", "b.ann": "T1\tOrgan 0 5\tliver\n"}
    found, _ = _read(_folder(tmp_path, files) / name)
    assert [(document.id, len(document.spans)) for document in found] == [("b", 1)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("T1\tOrgan 0 5\tliver", "the mention 'liver' is not at [0, 5]: the text has 'Lesio'"),
        ("T1\tOrgan 15 19;30 36\tleft liver", "is not at [15, 19], [30, 36]: the text has 'left kidney'"),
        ("T1\tOrgan 40 90\theal", "outside the text of 44 characters"),
        ("T1\tOrgan 5 5\t", "is empty or outside"),
        ("T1\tOrgan 7 0\tLesions", "is empty or outside"),
        ("T1\tOrgan 0 7;3 9\tLesions ions o", "overlaps"),
        ("T1\tOrgan 0 7", "is not an entity"),
        ("T1\tOrgan 0 seven\tLesions", "is not an entity"),
        (f"T1\tOrgan 0 {'7' * 5000}\tLesions", "is not an entity"),
        ("T1 Organ 0 7 Lesions", "is not an entity"),
        ("X1\tOrgan 0 7\tLesions", "is not an annotation"),
    ],
)
def test_a_wrong_line_is_named_and_left_out_on_repair(tmp_path: Path, line: str, words: str) -> None:
    _folder(tmp_path, {"a.txt": TEXT, "a.ann": f"T9\tThing 0 7\tLesions\n{line}\n"})
    with pytest.raises(DataError) as caught:
        _read(tmp_path)
    assert caught.value.where == f"{tmp_path / 'a.ann'}:2"
    assert words in caught.value.what
    assert caught.value.mend
    assert len(caught.value.what) < 300
    (document,), repaired = _read(tmp_path, "repair")
    assert document.spans == (Span.of(0, 7, "Thing"),)
    assert [touched.done for touched in repaired.touched] == ["left out the line"]
    assert _read(tmp_path, "skip")[0] == []


def test_blanks_at_the_ends_of_a_mention_are_ignored_and_noticed(tmp_path: Path) -> None:
    (document,), reading = _read(_folder(tmp_path, {"a.txt": TEXT, "a.ann": "T1\tThing 0 7\tLesions  \n"}))
    assert document.spans == (Span.of(0, 7, "Thing"),)
    assert ["'Lesions  '" in noticed.what for noticed in reading.noticed] == [True]


def test_line_ends_of_the_text_stay_and_count(tmp_path: Path) -> None:
    text = "\ufeffOne\r\nliver\r\n"
    (document,), _ = _read(_folder(tmp_path, {"a.txt": text, "a.ann": "T1\tOrgan 5 10\tliver\r\n"}))
    assert document.text == text[1:]
    assert document.spans[0].mention(document.text) == "liver"


def test_offsets_that_count_a_line_end_as_one_character_can_be_repaired(tmp_path: Path) -> None:
    lines = "T1\tOrgan 4 9\tliver\nT2\tOrgan 0 3\tTwo\n"
    _folder(tmp_path, {"a.txt": "One\r\nliver\r\n", "a.ann": lines})
    with pytest.raises(DataError, match=r"'liver' is not at \[4, 9\]"):
        _read(tmp_path)
    (document,), reading = _read(tmp_path, "repair")
    assert (document.text, document.spans) == ("One\nliver\n", (Span.of(4, 9, "Organ"),))
    assert [touched.done for touched in reading.touched] == [
        "read every line end of the text as one character",
        "left out the line",
    ]


@pytest.mark.parametrize("files", [{"a.txt": "x"}, {"a.ann": ""}])
def test_a_missing_file_is_named(tmp_path: Path, files: dict[str, str]) -> None:
    _folder(tmp_path, files)
    with pytest.raises(DataError, match="missing") as caught:
        _read(tmp_path)
    assert Path(caught.value.where).parent == tmp_path
    repaired, reading = _read(tmp_path, "repair")
    assert len(repaired) == ("a.txt" in files)
    assert len(reading.touched) == 1


def test_a_folder_without_texts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file that ends in \.txt or \.ann"):
        _read(_folder(tmp_path, {"a.csv": ""}))
    with pytest.raises(DataError, match="cannot be read"):
        _read(tmp_path / "nothing")


@pytest.mark.parametrize("name", ["a.txt", "a.ann"])
def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "corpus"
    inside.mkdir()
    _folder(tmp_path, {name: ""})
    _folder(inside, {"a.txt": "", "a.ann": "", "b.txt": "", "b.ann": ""})
    (inside / name).unlink()
    (inside / name).symlink_to(tmp_path / name)
    with pytest.raises(DataError, match="leaves the folder"):
        _read(inside)
    for on_error in ("skip", "repair"):
        found, reading = _read(inside, on_error)
        assert [document.id for document in found] == ["b"]
        assert len(reading.touched) == 1


def test_a_link_within_the_folder_is_followed_and_a_pipe_is_not_opened(tmp_path: Path) -> None:
    _folder(tmp_path, {"a.txt": "liver", "a.ann": "", "b.txt": "kidney"})
    (tmp_path / "b.ann").symlink_to(tmp_path / "a.ann")
    assert [document.text for document in _read(tmp_path)[0]] == ["liver", "kidney"]
    (tmp_path / "b.ann").unlink()
    os.mkfifo(tmp_path / "b.ann")
    with pytest.raises(DataError, match="no regular file"):
        _read(tmp_path)


@pytest.mark.parametrize(
    ("raw", "words", "text"),
    [
        (b"na\xefve", "not UTF-8", "naïve"),
        (b"a\0b", "NUL", "a b"),
        ("x".encode("utf-16"), "UTF-16", None),
    ],
)
def test_texts_in_other_encodings_are_errors_and_some_can_be_repaired(
    tmp_path: Path, raw: bytes, words: str, text: str | None
) -> None:
    _folder(tmp_path, {"a.ann": ""})
    (tmp_path / "a.txt").write_bytes(raw)
    with pytest.raises(DataError, match=words):
        _read(tmp_path)
    found, reading = _read(tmp_path, "repair")
    assert [document.text for document in found] == ([] if text is None else [text])
    assert len(reading.touched) == 1


@st.composite
def _documents(draw: st.DrawFn) -> list[Document]:
    names = st.text("abc.-é漢", min_size=1, max_size=5).filter(lambda name: not name.startswith("."))
    return [_document(draw, name) for name in draw(st.lists(names, unique=True, max_size=3))]


def _document(draw: st.DrawFn, name: str) -> Document:
    alphabet = st.one_of(st.sampled_from(" \n\r\tab\ufeff\u2028\x85🧬"), st.characters(exclude_categories=["Cs"]))
    text = draw(st.text(alphabet.filter(lambda character: character != "\0"), max_size=30))
    spans = []
    for _ in range(draw(st.integers(0, 3)) if text else 0):
        cuts = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=6)))
        pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
        spans.append(Span(tuple(pairs), draw(st.sampled_from(["Gene", "细胞", "T"]))))
    return Document(name, text, "en", tuple(spans), "mine")


@given(_documents())
def test_reading_what_was_written_gives_the_same(
    tmp_path_factory: pytest.TempPathFactory, given: list[Document]
) -> None:
    folder = tmp_path_factory.mktemp("brat") / "corpus"
    assert not brat.write(folder, given)
    if given:
        assert _read(folder)[0] == sorted(given, key=lambda document: document.id)


def test_what_the_format_cannot_hold_is_counted(tmp_path: Path) -> None:
    spans = (Span.of(0, 1, "cell line"), Span.of(0, 1, "Gene", 0.5))
    meta = {"journal": "x", DROPPED: {"relation": 3}}
    lost = brat.write(tmp_path / "out", [Document("a", "a\0", "en", spans, "mine", meta), Document("b", "", "en")])
    assert lost == {"label": 1, "score": 1, "meta": 1, "characters written as blanks": 1}
    first, second = _read(tmp_path / "out")[0]
    assert (first.text, first.spans, second.text) == ("a ", (Span.of(0, 1, "Gene"),), "")


@pytest.mark.parametrize("name", ["", "a/b", "..", "../x", "a\\b", ".a", "a\0", "x" * 300])
def test_an_id_that_is_no_file_name_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="cannot be the name of a file"):
        brat.write(tmp_path / "out", [Document("good", "x", "en"), Document(name, "x", "en")])
    assert list(tmp_path.iterdir()) == []


def test_an_id_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="twice"):
        brat.write(tmp_path / "out", [Document("a", "x", "en"), Document("a", "y", "en")])
