"""Tests of the PubTator reader and writer."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.corpora import pubtator
from bioner.corpora.losses import BLANKED, DISCONTINUOUS, ID, SCORE
from bioner.corpora.reading import DROPPED, Reading
from bioner.documents import Document, Span
from bioner.errors import DataError

ARTICLE = "1|t|Toxic liver.\n1|a|Aspirin | harms it.\n"


def _write(folder: Path, text: str) -> Path:
    file = folder / "file.txt"
    file.write_bytes(text.encode())
    return file


def test_offsets_run_over_title_and_abstract(tmp_path: Path) -> None:
    mentions = "1\t0\t11\tToxic liver\tDisease\tD1\n1\t13\t20\tAspirin\tChemical\tD2\n1\tCID\tD2\tD1\n"
    file = _write(tmp_path, f"\n{ARTICLE}{mentions}\n{ARTICLE.replace('1|', '2|')}")
    first, second = pubtator.read(Reading(file, "en", "mine"))
    assert first.text == "Toxic liver.\nAspirin | harms it."
    assert first.spans == (Span.of(0, 11, "Disease"), Span.of(13, 20, "Chemical"))
    assert first.meta[DROPPED] == {"relation": 1}
    assert (first.id, second.id, second.spans, second.meta) == ("1", "2", (), {})


def test_articles_need_no_blank_line_between_them_and_may_end_lines_with_crlf(tmp_path: Path) -> None:
    text = (ARTICLE + "1\t6\t11\tliver\tOrgan\n" + ARTICLE.replace("1|", "2|")).replace("\n", "\r\n")
    first, second = pubtator.read(Reading(_write(tmp_path, text), "en", "mine"))
    assert first.spans[0].mention(first.text) == "liver"
    assert second.text == first.text


def test_an_id_may_be_repeated(tmp_path: Path) -> None:
    assert [document.id for document in pubtator.read(Reading(_write(tmp_path, ARTICLE * 2), "en", "mine"))] == [
        "1",
        "1",
    ]


def test_blanks_beyond_the_offsets_of_a_mention_are_ignored(tmp_path: Path) -> None:
    (document,) = pubtator.read(Reading(_write(tmp_path, f"{ARTICLE}1\t6\t11\tliver  \tOrgan\tX\n"), "en", "mine"))
    assert document.spans == (Span.of(6, 11, "Organ"),)


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ("1\t0\t5\tLiver\tOrgan\n", 3, "'Liver' is not at [0, 5], where the text has 'Toxic'"),
        ("1\t90\t95\tLiver\tOrgan\n", 3, "is not at [90, 95]"),
        ("2\t0\t5\tToxic\tOrgan\n", 3, "not a mention of this article"),
        ("1\t0\t5\tToxic\n", 3, "not a mention of this article"),
        ("1\t0\tfive\tToxic\tOrgan\n", 3, "not a mention of this article"),
        (f"1\t0\t{'9' * 5000}\tToxic\tOrgan\n", 3, "not a mention of this article"),
        ("some text\n", 3, "not a mention of this article"),
        ("2|t|Only a title.\n", 3, "does not begin with a title and an abstract"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, lines: str, line: int, words: str) -> None:
    file = _write(tmp_path, ARTICLE + lines)
    with pytest.raises(DataError) as caught:
        list(pubtator.read(Reading(file, "en", "mine")))
    assert caught.value.where == f"{file}:{line}"
    assert words in caught.value.what
    assert caught.value.mend


@pytest.mark.parametrize("text", ["1|a|x\n1|t|y\n", "1|t|x\n2|a|y\n", "words\n"])
def test_an_article_begins_with_its_title_and_abstract(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match="a title and an abstract"):
        list(pubtator.read(Reading(_write(tmp_path, text), "en", "mine")))


def test_what_is_written_is_an_article(tmp_path: Path) -> None:
    text = "Toxic liver.\nIt\tis\nharmed."
    spans = (Span.of(6, 11, "Organ", 0.5), Span.of(6, 16, "x"), Span.of(13, 18, "y"), Span(((0, 1), (2, 3)), "z"))
    lost = pubtator.write(tmp_path / "file", [Document("a|b", text, "en", spans)])
    assert lost == {ID: 1, BLANKED: 1, SCORE: 1, DISCONTINUOUS: 1}
    assert (tmp_path / "file").read_text(encoding="utf-8").splitlines()[:3] == [
        "a_b|t|Toxic liver.",
        "a_b|a|It\tis harmed.",
        "a_b\t6\t11\tliver\tOrgan\t-",
    ]
    (found,) = pubtator.read(Reading(tmp_path / "file", "en", "mine"))
    assert (found.text, found.spans) == (
        "Toxic liver.\nIt\tis harmed.",
        (Span.of(6, 11, "Organ"), Span.of(6, 16, "x"), Span.of(13, 18, "y")),
    )


def test_a_text_without_an_abstract_stays_one(tmp_path: Path) -> None:
    documents = [Document("1", "Only a title.", "en"), Document("2", "", "en"), Document("3", "\nx", "en")]
    assert pubtator.write(tmp_path / "file", documents) == {}
    found = pubtator.read(Reading(tmp_path / "file", "en", "mine"))
    assert [document.text for document in found] == ["Only a title.", "", "\nx"]
