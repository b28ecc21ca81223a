"""Tests of the readers of standoff formats (BioC, BRAT, BioNLP-ST) on real corpora: counts, and every mention.

The files lie beside the repository, in `../shared/corpora`, and are no part of it: the tests are skipped without them.
Counts are those of its README. Entities are compared, one by one, with a second, naive reading of the same files, and
with the PubTator form of the same corpus where there is one.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bioner.corpora import bioc_json, bioc_xml, bionlp_st, brat, pubtator
from bioner.corpora.bioc import PASSAGES
from bioner.corpora.reading import DROPPED, Reading
from bioner.corpora.registry import FORMATS
from bioner.corpora.statistics import Statistics
from bioner.documents import Document

CORPORA = Path(__file__).parents[3] / "shared/corpora"

needs_corpora = pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the real corpora are not at {CORPORA}")

DISEASES = frozenset({"SpecificDisease", "DiseaseClass", "Modifier", "CompositeMention"})
CONCEPTS = frozenset(
    {"GeneOrGeneProduct", "DiseaseOrPhenotypicFeature", "ChemicalEntity", "OrganismTaxon", "SequenceVariant"}
) | {"CellLine"}
MOLECULES = frozenset({"Gene_or_gene_product", "Simple_chemical", "Complex", "Cellular_component"})


class Part(NamedTuple):
    """A split of a corpus and what it holds; `twin` is the same in PubTator."""

    reader: Any
    path: str
    documents: int
    entities: int
    types: frozenset[str]
    dropped: dict[str, int]
    twin: str = ""


def _biored(reader: Any, path: str, documents: int, entities: int, relations: int) -> Part:
    dropped = {"relation": relations, "infon 'identifier'": entities}
    twin = f"biored/pubtator/{Path(path).name.partition('.')[0]}.PubTator"
    return Part(reader, f"biored/{path}", documents, entities, CONCEPTS, dropped, twin)


def _ncbi(split: str, documents: int, entities: int, identifiers: int, twin: str) -> Part:
    dropped = {"normalisation": identifiers}
    path, same = f"ncbi_disease/brat/{split}", f"ncbi_disease/pubtator/NCBI{twin}set_corpus.txt"
    return Part(brat.read, path, documents, entities, DISEASES, dropped, same)


def _pathways(split: str, documents: int, entities: int, **dropped: int) -> Part:
    named = {name.replace("_", " "): count for name, count in dropped.items()}
    return Part(bionlp_st.read, f"bionlp_st_2013_pc/{split}", documents, entities, MOLECULES, named)


PARTS = [
    _biored(bioc_xml.read, "bioc_xml/Train.BioC.XML", 400, 13351, 4178),
    _biored(bioc_xml.read, "bioc_xml/Dev.BioC.XML", 100, 3533, 1162),
    _biored(bioc_xml.read, "bioc_xml/Test.BioC.XML", 100, 3535, 1163),
    _biored(bioc_json.read, "bioc_json/Dev.BioC.JSON", 100, 3533, 1162),
    _biored(bioc_json.read, "bioc_json/Test.BioC.JSON", 100, 3535, 1163),
    _ncbi("train", 593, 5145, 5248, "train"),
    _ncbi("devel", 100, 787, 811, "develop"),
    _ncbi("test", 100, 960, 979, "test"),
    _pathways("train", 260, 7855, event_trigger=4603, event=5992, equivalence=455, modification=317),
    _pathways("devel", 90, 2734, event_trigger=1617, event=2129, equivalence=128, modification=80),
    _pathways("test", 175, 5312),
]
CASES = [pytest.param(part, id=part.path, marks=[pytest.mark.slow] if "rain" in part.path else []) for part in PARTS]
TWINS = [case for case in CASES if case.values[0].twin]  # type: ignore[union-attr]

Entity = tuple[str, int, int, str, str]  # document, start, end, label, mention


@cache
def _read(reader: Any, path: str) -> tuple[Document, ...]:
    reading = Reading(CORPORA / path, "en", "corpus")
    documents = tuple(reader(reading))
    assert not reading.touched
    return documents


def _entities(documents: tuple[Document, ...]) -> Counter[Entity]:
    assert all(span.contiguous for document in documents for span in document.spans)
    return Counter((d.id, s.start, s.end, s.label, d.text[s.start : s.end]) for d in documents for s in d.spans)


@needs_corpora
@pytest.mark.parametrize("part", CASES)
def test_counts(part: Part) -> None:
    documents = _read(part.reader, part.path)
    found = Statistics.of(documents)
    assert (found.documents, found.entities) == (part.documents, part.entities)
    assert (found.nested, found.discontinuous) == (0, 0)
    assert {span.label for document in documents for span in document.spans} == part.types
    dropped: Counter[str] = Counter()
    for document in documents:
        dropped.update(document.meta.get(DROPPED, {}))
    assert dropped == part.dropped


@needs_corpora
@pytest.mark.parametrize("part", CASES)
def test_every_entity_is_what_a_naive_reading_finds(part: Part) -> None:
    naive = Counter(NAIVE[part.reader](CORPORA / part.path))
    assert sum(naive.values()) == part.entities
    assert _entities(_read(part.reader, part.path)) == naive


def _naive_xml(file: Path) -> Iterator[Entity]:
    for document in ET.parse(file).getroot().iter("document"):  # noqa: S314
        for annotation in document.iter("annotation"):
            place = annotation.find("location")
            label = annotation.findtext("infon[@key='type']")
            assert place is not None
            assert label
            start = int(place.attrib["offset"])
            end = start + int(place.attrib["length"])
            yield document.findtext("id") or "", start, end, label, annotation.findtext("text") or ""


def _naive_json(file: Path) -> Iterator[Entity]:
    for document in json.loads(file.read_text(encoding="utf-8"))["documents"]:
        for annotation in [item for passage in document["passages"] for item in passage["annotations"]]:
            (place,) = annotation["locations"]
            end = place["offset"] + place["length"]
            yield document["id"], place["offset"], end, annotation["infons"]["type"], annotation["text"]


def _naive_standoff(folder: Path) -> Iterator[Entity]:
    for file in folder.iterdir():
        if file.suffix in (".ann", ".a1"):
            for label, start, end, mention in re.findall(
                r"(?m)^T\d+\t(\S+) (\d+) (\d+)\t(.*)$", file.read_text("utf-8")
            ):
                yield file.stem, int(start), int(end), label, mention


NAIVE: dict[Any, Callable[[Path], Iterator[Entity]]] = {
    bioc_xml.read: _naive_xml,
    bioc_json.read: _naive_json,
    brat.read: _naive_standoff,
    bionlp_st.read: _naive_standoff,
}


@needs_corpora
@pytest.mark.parametrize("part", TWINS)
def test_the_pubtator_form_of_the_same_corpus_says_the_same(part: Part) -> None:
    documents, twins = _read(part.reader, part.path), _read(pubtator.read, part.twin)
    # files in a folder cannot share a name: the article that PubTator has twice is once "8528200.1"
    renamed = tuple(replace(document, id=document.id.removesuffix(".1")) for document in documents)
    assert Counter((d.id, d.text.strip()) for d in renamed) == Counter((d.id, d.text.strip()) for d in twins)
    assert _entities(renamed) == _entities(twins)


@needs_corpora
def test_both_forms_of_bioc_say_the_same() -> None:
    for split in ("Dev", "Test"):
        xml = _read(bioc_xml.read, f"biored/bioc_xml/{split}.BioC.XML")
        with_types = _read(bioc_json.read, f"biored/bioc_json/{split}.BioC.JSON")
        assert [(d.id, d.text, d.spans) for d in xml] == [(d.id, d.text, d.spans) for d in with_types]
        assert {infons["type"] for d in xml for _, _, infons in d.meta[PASSAGES]} == {"title", "abstract"}


@needs_corpora
@pytest.mark.parametrize("part", [case for case in CASES if "est" in case.values[0].path])  # type: ignore[union-attr]
@pytest.mark.parametrize("form", ["bioc_xml", "bioc_json", "brat", "bionlp_st"])
def test_reading_what_was_written_gives_the_same(part: Part, form: Any, tmp_path: Path) -> None:
    documents = sorted(_read(part.reader, part.path), key=lambda document: document.id)
    write = FORMATS[form].write
    assert write
    lost = write(tmp_path / "out", documents)
    assert set(lost) <= {"meta"}
    again = FORMATS[form].read(Reading(tmp_path / "out", "en", "corpus"))
    assert [(d.id, d.text, d.spans) for d in again] == [(d.id, d.text, d.spans) for d in documents]
