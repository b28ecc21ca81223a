"""Tests of the PubMed importer, on invented articles in the public schema, and of the streams of XML records."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pytest

from bioner.corpora import gzipped, pubmed_xml, xml_records
from bioner.corpora.reading import DROPPED, Reading
from bioner.corpora.sections import SECTIONS
from bioner.corpora.xml_records import REST_LEFT_OUT
from bioner.documents import Document
from bioner.errors import DataError

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" "https://example.org/pubmed.dtd">
<PubmedArticleSet>
"""
ARTICLE = """<PubmedArticle>
  <MedlineCitation Status="MEDLINE" Owner="NLM">
    <PMID Version="1">1001</PMID>
    <Article PubModel="Print">
      <ArticleTitle>Zinc in
        the <i>imagined</i> fish.</ArticleTitle>
      <Abstract>
        <AbstractText Label="BACKGROUND" NlmCategory="BACKGROUND">Fish need Zn<sup>2+</sup>.</AbstractText>
        <AbstractText Label="RESULTS" NlmCategory="RESULTS">They were &lt; 3 cm.</AbstractText>
        <CopyrightInformation>Nobody.</CopyrightInformation>
      </Abstract>
      <Language>fre</Language>
    </Article>
    <OtherAbstract Type="Publisher" Language="fre"><AbstractText>Le poisson.</AbstractText></OtherAbstract>
    <CommentsCorrectionsList><CommentsCorrections><PMID>77</PMID></CommentsCorrections></CommentsCorrectionsList>
  </MedlineCitation>
  <PubmedData><ArticleIdList><ArticleId IdType="pubmed">1001</ArticleId></ArticleIdList></PubmedData>
</PubmedArticle>
"""
BARE = """<PubmedArticle><MedlineCitation><PMID>1002</PMID><Article>
<ArticleTitle>Only a title.</ArticleTitle></Article></MedlineCitation></PubmedArticle>
"""
BOOK = """<PubmedBookArticle><BookDocument><PMID>1003</PMID><ArticleTitle>A chapter.</ArticleTitle>
<Abstract><AbstractText>Its abstract.</AbstractText></Abstract></BookDocument></PubmedBookArticle>
"""
DELETED = "<DeleteCitation><PMID>5</PMID><PMID>6</PMID></DeleteCitation>"
END = "</PubmedArticleSet>"


def _write(folder: Path, text: str | bytes, name: str = "file.xml") -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def _read(file: Path) -> list[Document]:
    return list(pubmed_xml.read(Reading(file, "en", "pubmed")))


def test_an_article_is_its_title_and_the_sections_of_its_abstract(tmp_path: Path) -> None:
    full, bare, book = _read(_write(tmp_path, HEAD + ARTICLE + BARE + BOOK + DELETED + END))
    assert full.text == "Zinc in the imagined fish.\nFish need Zn2+.\nThey were < 3 cm."
    parts = [(part["label"], full.text[part["start"] : part["end"]]) for part in full.meta[SECTIONS]]
    assert parts == list(zip(("TITLE", "BACKGROUND", "RESULTS"), full.text.split("\n"), strict=True))
    assert (full.id, full.language, full.meta["language"]) == ("1001", "en", "fre")
    assert full.meta[DROPPED] == {"abstract of type 'Publisher'": 1}
    assert (bare.id, bare.text) == ("1002", "Only a title.")
    assert (book.id, book.text) == ("1003", "A chapter.\nIts abstract.")


def test_gzip_files_are_unpacked(tmp_path: Path) -> None:
    text = HEAD + ARTICLE + BARE + END
    packed = _write(tmp_path, gzip.compress(text.encode()), "file.xml.gz")
    assert _read(packed) == _read(_write(tmp_path, text))


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (ARTICLE.replace('<PMID Version="1">1001</PMID>', ""), "no PMID"),
        (ARTICLE.replace("1001</PMID>", "unknown</PMID>"), "no PMID"),
        (ARTICLE.replace("Article>", "Thing>").replace("<Article ", "<Thing "), "'PubmedThing' is no article"),
    ],
)
def test_a_record_that_is_no_article_is_named_and_may_be_skipped(tmp_path: Path, record: str, words: str) -> None:
    file = _write(tmp_path, HEAD + record + BARE + END)
    with pytest.raises(DataError, match=words) as caught:
        _read(file)
    assert caught.value.where == f"{file}:4"
    reading = Reading(file, "en", "pubmed", "skip")
    assert [document.id for document in pubmed_xml.read(reading)] == ["1002"]
    assert [touched.where for touched in reading.touched] == [f"{file}:4"]


def test_what_follows_damage_is_left_out_and_noted(tmp_path: Path) -> None:
    file = _write(tmp_path, HEAD + BARE + ARTICLE[:300])
    with pytest.raises(DataError, match="not XML"):
        _read(file)
    reading = Reading(file, "en", "pubmed", "skip")
    assert [document.id for document in pubmed_xml.read(reading)] == ["1002"]
    assert [touched.done for touched in reading.touched] == [REST_LEFT_OUT]


@pytest.mark.parametrize("mode", ["fail", "skip", "repair"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not XML"),
        (b"PMID- 1\n", "not XML"),
        (
            b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]><PubmedArticleSet>&y;</PubmedArticleSet>',
            "refused: EntitiesForbidden",
        ),
        (
            b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><PubmedArticleSet>&x;</PubmedArticleSet>',
            "refused: EntitiesForbidden",
        ),
        (b"<a>" * 300, "nest more than 200 deep"),
        (b'<?xml version="1.0" encoding="none-such"?><a/>', "refused: unknown encoding"),
        (gzip.compress(HEAD.encode(), mtime=0)[:-9], "gzip stream is damaged"),
        (gzip.compress(b"<a>" + b" " * (1 << 27), mtime=0), "unpacks to more than 200 times its size"),
    ],
)
def test_what_is_hostile_is_refused_in_every_mode(tmp_path: Path, content: bytes, words: str, mode: str) -> None:
    file = _write(tmp_path, content)
    with pytest.raises(DataError, match=words) as caught:
        list(pubmed_xml.read(Reading(file, "en", "pubmed", mode)))
    assert caught.value.where.startswith(str(file))
    assert caught.value.mend


@pytest.mark.parametrize("limit", ["_LONGEST", "_ELEMENTS"])
def test_a_record_that_goes_on_and_on_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(xml_records, limit, 1000)
    monkeypatch.setattr(gzipped, "_CHUNK", 100)
    with pytest.raises(DataError, match=r"a record (is longer|has more)"):
        _read(_write(tmp_path, HEAD + "<PubmedArticle>" + "<x/>" * 2000))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    sizes = []
    for count in (200, 2000):
        file = _write(tmp_path, HEAD + ARTICLE * count + END)
        tracemalloc.start()
        assert sum(1 for _ in pubmed_xml.read(Reading(file, "en", "pubmed"))) == count
        sizes.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert sizes[1] < 1.5 * sizes[0] + 100_000
