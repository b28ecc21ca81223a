"""Tests of BioNLP shared task folders; what they share with BRAT is tested there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.corpora import bionlp_st
from bioner.corpora.reading import DROPPED, Reading
from bioner.documents import Document, Span
from bioner.errors import DataError

TEXT = "Kinase A binds B."


def _folder(folder: Path, **files: str) -> Path:
    for end, content in files.items():
        (folder / f"x.{end}").write_text(content, encoding="utf-8")
    return folder


def _read(path: Path) -> list[Document]:
    return list(bionlp_st.read(Reading(path, "en", "mine")))


def test_given_entities_are_spans_and_events_are_counted_by_kind(tmp_path: Path) -> None:
    events = (
        "*\tEquiv T1 T2\nT3\tBinding 9 14\tbinds\nE1\tBinding:T3 Theme:T1\nM1\tNegation E1\nR1\tNear Arg1:T1 Arg2:T2\n"
    )
    given = "T1\tProtein 0 8\tKinase A\nT2\tProtein 0 6;7 8\tKinase A\n"
    (document,) = _read(_folder(tmp_path, txt=TEXT, a1=given, a2=events))
    assert document.spans == (Span.of(0, 8, "Protein"), Span(((0, 6), (7, 8)), "Protein"))
    kinds = ("equivalence", "event trigger", "event", "modification", "relation")
    assert document.meta[DROPPED] == dict.fromkeys(kinds, 1)


def test_there_may_be_no_events(tmp_path: Path) -> None:
    (document,) = _read(_folder(tmp_path, txt=TEXT, a1="") / "x.a1")
    assert (document.id, document.text, document.meta) == ("x", TEXT, {})


@pytest.mark.parametrize("files", [{"txt": TEXT}, {"a1": ""}, {"a2": ""}, {"txt": TEXT, "a2": ""}])
def test_a_missing_file_is_named(tmp_path: Path, files: dict[str, str]) -> None:
    with pytest.raises(DataError, match="missing"):
        _read(_folder(tmp_path, **files))


def test_a_wrong_line_among_the_events_is_named(tmp_path: Path) -> None:
    folder = _folder(tmp_path, txt=TEXT, a1="", a2="T1\tBinding 9 14\tbinds\nnonsense\n")
    with pytest.raises(DataError, match="'nonsense' is not an annotation") as caught:
        _read(folder)
    assert caught.value.where == f"{folder / 'x.a2'}:2"


def test_reading_what_was_written_gives_the_same(tmp_path: Path) -> None:
    spans = (Span.of(0, 8, "Protein"), Span(((0, 6), (15, 16)), "Protein"), Span.of(0, 6, "Family"))
    given = Document("x", TEXT, "en", spans, "mine")
    assert not bionlp_st.write(tmp_path / "out", [given])
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["x.a1", "x.txt"]
    assert _read(tmp_path / "out") == [given]
