"""Tests of the writers of document files and of plain text."""

from __future__ import annotations

from pathlib import Path

from bioner.corpora import jsonl, text
from bioner.corpora.losses import ANNOTATION, BLANKED, EMPTY_TEXT, ID, META, SCORE, SPACING
from bioner.corpora.reading import Reading
from bioner.documents import Document, Span

SPANS = (Span(((0, 1), (2, 3)), "x", 0.5), Span.of(0, 3, "y"))


def test_document_files_hold_everything_but_a_repeated_id(tmp_path: Path) -> None:
    documents = [Document("1", "a b", "en", SPANS, "mine", {"page": 1}), Document("1", "", "en", (), "mine")]
    assert jsonl.write(tmp_path / "file", iter(documents)) == {ID: 1}
    first, second = jsonl.read(Reading(tmp_path / "file", "en", "mine"))
    assert first == documents[0]
    assert (second.id, second.text) == ("1.2", "")


def test_text_holds_one_line_a_document(tmp_path: Path) -> None:
    documents = [
        Document("1", "a b", "en", SPANS, "", {"page": 1}),
        Document("2", "two\r\nlines", "en"),
        Document("3", " \n", "en"),
        Document("4", " edge", "en"),
    ]
    lost = text.write(tmp_path / "file", documents)
    assert lost == {ID: 4, META: 1, SCORE: 1, ANNOTATION: 2, BLANKED: 3, EMPTY_TEXT: 1, SPACING: 1}
    assert (tmp_path / "file").read_text(encoding="utf-8") == "a b\ntwo  lines\n edge\n"
    found = text.read(Reading(tmp_path / "file", "en", "mine"))
    assert [document.text for document in found] == ["a b", "two  lines", "edge"]
