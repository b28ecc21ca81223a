"""Other systems: their files are matched to the gold documents by id, and refused where they do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.corpora import pubtator
from bioner.documents import Document, Span, write_documents
from bioner.errors import DataError
from bioner.suite.others import read_other

GOLD = [
    Document(f"{n}", f"Case {n} of gout.\nColchicine helped.", "en", (Span.of(10, 14, "Disease"),)) for n in range(1, 5)
]


def test_a_pubtator_file_is_matched_by_id(tmp_path: Path) -> None:
    file = tmp_path / "tool.txt"
    extra = Document("9", "Another case.\nNothing.", "en")
    pubtator.write(file, [GOLD[2], extra, GOLD[0].with_spans([Span.of(17, 27, "Chemical")])])
    found = read_other(file, GOLD)
    assert [document.id for document in found.documents] == ["1", "2", "3", "4"]
    assert [[(s.label, s.start) for s in document.spans] for document in found.documents] == [
        [("Chemical", 17)],
        [],
        [("Disease", 10)],
        [],
    ]
    assert (found.missing, found.unused) == (2, 1)


def test_a_document_file_is_matched_too(tmp_path: Path) -> None:
    write_documents(tmp_path / "tool.jsonl", GOLD)
    found = read_other(tmp_path / "tool.jsonl", GOLD[:3])
    assert found.documents == [document.with_spans(document.spans) for document in GOLD[:3]]
    assert (found.missing, found.unused) == (0, 1)


def test_another_text_is_named_with_its_place(tmp_path: Path) -> None:
    changed = Document("2", GOLD[1].text.replace("gout", "Gout"), "en")
    write_documents(tmp_path / "tool.jsonl", [GOLD[0], changed])
    with pytest.raises(DataError, match="document '2' has another text") as caught:
        read_other(tmp_path / "tool.jsonl", GOLD)
    assert "tool.jsonl, character 10" in caught.value.where
    assert caught.value.mend


def test_a_file_of_other_documents_is_refused_with_ids_of_both(tmp_path: Path) -> None:
    pubtator.write(tmp_path / "tool.txt", [Document("x1", "Some title.\nText.", "en")])
    with pytest.raises(DataError, match=r"none of its 1 documents \(x1\) is one of the 4 .* \(1, 2, 3, ...\)"):
        read_other(tmp_path / "tool.txt", GOLD)


def test_an_article_that_comes_twice_is_refused(tmp_path: Path) -> None:
    pubtator.write(tmp_path / "tool.txt", [GOLD[0], GOLD[1], GOLD[0]])
    with pytest.raises(DataError, match="id '1' occurs twice"):
        read_other(tmp_path / "tool.txt", GOLD)
