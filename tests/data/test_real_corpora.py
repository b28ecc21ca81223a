"""Tests of the readers on real corpora: the published counts, every mention, and the known traps.

The files lie beside the repository, in `../shared/corpora`, and are no part of it: the tests are skipped without them.
Those of the large corpora are slow tests.
Counts are those of its README. Mentions are compared with a second, naive reading of the same file.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bioner.config import Params, load_params, merge_all, parse_params, profile_names, read_overlays, read_yaml
from bioner.corpora import cmeee, conll, conll_layers, json_table, pubtator, table, token_spans
from bioner.corpora.reading import DROPPED, Reading
from bioner.corpora.registry import Reader, reader_of
from bioner.corpora.splits import to_types
from bioner.corpora.statistics import Statistics
from bioner.curation.hashing import contained, keys_of
from bioner.documents import Document
from bioner.words import Words, losses

ROOT = Path(__file__).parents[2]
CORPORA = ROOT.parent / "shared/corpora"
PROFILES = profile_names(ROOT)
WHOLE = ["ablation-ncbi", "bc5cdr", "cmeee", "genia", "ncbi"]  # the others extend one of these

needs_corpora = pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the real corpora are not at {CORPORA}")

Mentions = Counter[tuple[str, str]]  # (label, mention without blanks) -> how often


@dataclass(frozen=True)
class Part:
    """A file of a corpus and what it holds."""

    reader: Reader
    file: str
    language: str
    documents: int
    sentences: int
    entities: int
    nested: int = 0
    dropped: int = 0
    repeated_ids: int = 0


def _conll(file: str, sentences: int, entities: int, documents: int | None = None) -> Part:
    return Part(conll.read, file, "en", sentences if documents is None else documents, sentences, entities)


def _pubtator(file: str, documents: int, entities: int, relations: int = 0, repeated_ids: int = 0) -> Part:
    return Part(
        pubtator.read, file, "en", documents, 2 * documents, entities, dropped=relations, repeated_ids=repeated_ids
    )


PARTS = [
    _conll("ncbi_disease/conll/train.tsv", 5432, 5145),
    _conll("ncbi_disease/conll/devel.tsv", 923, 787),
    _conll("ncbi_disease/conll/test.tsv", 940, 960),
    _conll("bc5cdr/conll/train.tsv", 4560, 9385),
    _conll("bc5cdr/conll/devel.tsv", 4581, 9593),
    _conll("bc5cdr/conll/test.tsv", 4797, 9809),
    _conll("bc2gm/conll/train.tsv", 12574, 15197),
    _conll("bc2gm/conll/devel.tsv", 2519, 3061),
    _conll("bc2gm/conll/test.tsv", 5038, 6325),
    _conll("jnlpba/conll/devel.tsv", 1739, 4551, 200),
    _conll("jnlpba/conll/test.tsv", 3856, 8662, 404),
    Part(conll_layers.read, "genia_nested/iob2_columns/genia.dev.iob2", "en", 1669, 1669, 4337, 373),
    Part(conll_layers.read, "genia_nested/iob2_columns/genia.test.iob2", "en", 1854, 1854, 5474, 591),
    Part(token_spans.read, "genia_nested/span_jsonlines/dev.jsonlines", "en", 1765, 1765, 4714, 447),
    Part(token_spans.read, "genia_nested/span_jsonlines/test.jsonlines", "en", 1732, 1732, 5119, 608),
    _pubtator("ncbi_disease/pubtator/NCBItrainset_corpus.txt", 593, 5145, repeated_ids=1),
    _pubtator("ncbi_disease/pubtator/NCBIdevelopset_corpus.txt", 100, 787),
    _pubtator("ncbi_disease/pubtator/NCBItestset_corpus.txt", 100, 960),
    _pubtator("bc5cdr/pubtator/CDR_TrainingSet.PubTator.txt", 1000, 18976, 2050),
    _pubtator("bc5cdr/pubtator/CDR_TrainingSet.500docs.DERIVED.PubTator.txt", 500, 9385, 1038),
    _pubtator("bc5cdr/pubtator/CDR_DevelopmentSet.PubTator.txt", 500, 9591, 1012),
    _pubtator("bc5cdr/pubtator/CDR_TestSet.PubTator.txt", 500, 9809, 1066),
    _pubtator("biored/pubtator/Train.PubTator", 400, 13351, 4178),
    _pubtator("biored/pubtator/Dev.PubTator", 100, 3533, 1162),
    _pubtator("biored/pubtator/Test.PubTator", 100, 3535, 1163),
    Part(cmeee.read_v1, "cmeee/chip2020_v1/train_data.txt", "zh", 15000, 15000, 61796, 3676, dropped=2),
    Part(cmeee.read_v1, "cmeee/chip2020_v1/val_data.txt", "zh", 5000, 5000, 20300, 1223),
    Part(cmeee.read_v1, "cmeee/chip2020_v1/test1.txt", "zh", 3000, 3000, 0),
    Part(cmeee.read_v1, "cmeee/chip2020_v1/test2.txt", "zh", 5618, 5618, 0),
    Part(cmeee.read_v2, "cmeee/v2_json/CMeEE-V2_dev.json", "zh", 5000, 5000, 26081, 4522),
    Part(cmeee.read_v2, "cmeee/v2_json/CMeEE-V2_test.json", "zh", 3000, 3000, 0),
]
OF_FILE = {part.file: part for part in PARTS}
LARGE = ("bc2gm/", "bc5cdr/", "biored/", "cmeee/", "jnlpba/")  # read in the slow tests only


def _cases(files: Iterable[str]) -> list[Any]:
    """Parameters of a test, one a file."""
    return [pytest.param(file, id=file, marks=[pytest.mark.slow] if file.startswith(LARGE) else []) for file in files]


@cache
def _read(file: str) -> tuple[Document, ...]:
    part = OF_FILE[file]
    return tuple(part.reader(Reading(CORPORA / file, part.language, "corpus")))


def _texts(file: str) -> list[str]:
    return [document.text for document in _read(file)]


def _dropped(documents: tuple[Document, ...]) -> int:
    return sum(sum(document.meta.get(DROPPED, {}).values()) for document in documents)


@needs_corpora
@pytest.mark.parametrize("file", _cases(OF_FILE))
def test_counts(file: str) -> None:
    part, documents = OF_FILE[file], _read(file)
    found = Statistics.of(documents)
    relations = part.reader is pubtator.read  # they are no entities; an annotation without an extent is one
    assert found.documents == part.documents
    assert sum(document.text.count("\n") + 1 for document in documents) == part.sentences
    assert found.entities + (0 if relations else part.dropped) == part.entities
    assert found.nested == part.nested
    assert (found.discontinuous, found.repeated_ids) == (0, part.repeated_ids)
    assert _dropped(documents) == part.dropped


@needs_corpora
@pytest.mark.parametrize("file", _cases(part.file for part in PARTS if part.entities))
def test_every_mention_is_what_the_file_says(file: str) -> None:
    pairs = ((s.label, document.text[s.start : s.end]) for document in _read(file) for s in document.spans)
    naive = NAIVE[OF_FILE[file].reader](CORPORA / file)
    assert Counter((label, _squeezed(mention)) for label, mention in pairs) == naive


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _naive_columns(file: Path) -> Mentions:
    """The entities of every tag column, token by token."""
    found: Mentions = Counter()
    for block in re.split(r"\n\s*\n", file.read_text(encoding="utf-8")):
        rows = [line.split("\t") for line in block.splitlines() if line.strip()]
        for column in range(1, len(rows[0]) if rows else 1):
            mention = label = ""
            for token, tag in [(row[0], row[column]) for row in rows] + [("", "O")]:
                if tag[0] == "I":
                    mention += token
                    continue
                if mention:
                    found[label, _squeezed(mention)] += 1
                mention, label = (token, tag[2:]) if tag[0] == "B" else ("", "")
    return found


def _naive_pubtator(file: Path) -> Mentions:
    rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines())
    return Counter((row[4], _squeezed(row[3])) for row in rows if len(row) > 4 and row[1].isdigit())


def _naive_v1(file: Path) -> Mentions:
    found: Mentions = Counter()
    for line in file.read_text(encoding="utf-8").split("\n"):
        for start, end, label in re.findall(r"\|\|\|(\d+)    (\d+)    (\w+)", line):
            if int(end) >= int(start):
                found[label, _squeezed(line[int(start) : int(end) + 1])] += 1
    return found


def _naive_v2(file: Path) -> Mentions:
    records = json.loads(file.read_text(encoding="utf-8"))
    return Counter((e["type"], _squeezed(e["entity"])) for record in records for e in record["entities"])


def _naive_token_spans(file: Path) -> Mentions:
    records = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return Counter((e["entity_type"], _squeezed(e["text"])) for record in records for e in record["entity_mentions"])


NAIVE: dict[object, Callable[[Path], Mentions]] = {
    conll.read: _naive_columns,
    conll_layers.read: _naive_columns,
    pubtator.read: _naive_pubtator,
    token_spans.read: _naive_token_spans,
    cmeee.read_v1: _naive_v1,
    cmeee.read_v2: _naive_v2,
}


@needs_corpora
@pytest.mark.parametrize("file", _cases(p.file for p in PARTS if p.reader in (conll.read, conll_layers.read)))
def test_detokenised_entities_begin_and_end_at_words(file: str) -> None:
    lost = losses([(document.spans, Words.of(document.text)) for document in _read(file)], max_width=1000)
    assert set(lost.values()) == {0}


@needs_corpora
def test_unannotated_tables() -> None:
    folder = CORPORA / "unlabelled_en/medical_abstracts_tc"
    abstracts = list(table.read_csv(Reading(folder / "medical_tc_test.csv", "en", "corpus"), "medical_abstract"))
    assert len(abstracts) == 2888
    pubmedqa = Reading(CORPORA / "unlabelled_en/pubmedqa/ori_pqal.json", "en", "corpus")
    assert len(list(json_table.read_json(pubmedqa, "CONTEXTS"))) == 1000
    for name, lines in (("train", 14610), ("dev", 1550), ("test", 1800)):
        criteria = list(table.read_tsv(Reading(CORPORA / f"unlabelled_zh/cmedtc/{name}.txt", "zh", "corpus"), 2))
        assert len(criteria) == lines


@needs_corpora
def test_a_repeated_pmid_and_a_mention_with_trailing_blanks() -> None:
    documents = _read("ncbi_disease/pubtator/NCBItrainset_corpus.txt")
    assert [d.id for d in documents].count("8528200") == 2
    (document,) = (d for d in documents if d.id == "10923035")
    assert 'generalized epilepsy and febrile seizures " plus "' in {s.mention(document.text) for s in document.spans}


@needs_corpora
@pytest.mark.slow
def test_the_training_file_of_bc5cdr_contains_the_development_set() -> None:
    whole = {document.id for document in _read("bc5cdr/pubtator/CDR_TrainingSet.PubTator.txt")}
    derived = {document.id for document in _read("bc5cdr/pubtator/CDR_TrainingSet.500docs.DERIVED.PubTator.txt")}
    devel = {document.id for document in _read("bc5cdr/pubtator/CDR_DevelopmentSet.PubTator.txt")}
    assert (whole - derived, derived & devel) == (devel, set())


@needs_corpora
def test_both_versions_of_cmeee_annotate_the_same_texts() -> None:
    assert _texts("cmeee/chip2020_v1/val_data.txt") == _texts("cmeee/v2_json/CMeEE-V2_dev.json")
    assert set(_texts("cmeee/chip2020_v1/test1.txt")) == set(_texts("cmeee/v2_json/CMeEE-V2_test.json"))
    assert len(set(_texts("cmeee/chip2020_v1/train_data.txt"))) == 14957


@needs_corpora
@pytest.mark.parametrize(
    ("columns", "lines", "shared"), [("dev", "dev", 1612), ("test", "test", 1709), ("test", "dev", 122)]
)
def test_shared_sentences_of_the_genia_copies_are_found_in_spite_of_tokenisation(
    columns: str, lines: str, shared: int
) -> None:
    left = set(map(_squeezed, _texts(f"genia_nested/iob2_columns/genia.{columns}.iob2")))
    right = _texts(f"genia_nested/span_jsonlines/{lines}.jsonlines")
    assert len(left & set(map(_squeezed, right))) == shared
    assert contained(keys_of(left), np.unique(keys_of(right))).sum() >= shared


@pytest.mark.parametrize("name", PROFILES)
def test_profiles_fit_the_params(name: str) -> None:
    params = _profile(name)
    base = load_params(ROOT / "params.yaml")
    assert not set(params.corpora) & set(base.corpora)
    assert {corpus.language for corpus in params.corpora.values()} == {
        language for names in params.types.values() for language in names
    }
    registered = {base.registry.gliner.name, base.registry.tagger.name}
    assert not {params.registry.gliner.name, params.registry.tagger.name} & registered
    splits = [split for corpus in params.corpora.values() for split in corpus.splits]
    assert {"train", "test", "unlabelled"} <= set(splits)
    assert "dev" in splits or any(corpus.dev_fraction for corpus in params.corpora.values())


def test_every_profile_is_here_with_models_of_its_own_name() -> None:
    assert [name for name in PROFILES if len(read_overlays(ROOT, name)) == 1] == WHOLE
    assert len(PROFILES) == 14
    assert len({_profile(name).registry.tagger.name for name in PROFILES}) == len(PROFILES)


LEFT_OUT = {"cmeee": {"ite", "mic", "equ", "dep"}}  # labels that a profile leaves out on purpose


@needs_corpora
@pytest.mark.slow
@pytest.mark.parametrize("name", WHOLE)
def test_the_corpora_of_profiles_have_the_labels_that_the_profile_says(name: str) -> None:
    params = _profile(name)
    seen: set[str] = set()
    for corpus_name, corpus in params.corpora.items():
        for split, part in corpus.splits.items():
            file = CORPORA / corpus.path / part
            documents = list(reader_of(corpus)(Reading(file, corpus.language, corpus_name)))
            assert documents
            if split != "unlabelled":
                typed, dropped = to_types(documents, corpus.labels, params.types, str(file))
                expected = set(corpus.labels.values()) if corpus.labels else set(params.types)
                assert set(Statistics.of(typed).types) == expected
                assert set(dropped) == LEFT_OUT.get(name, set())
                seen |= expected
    assert seen == set(params.types)


def _profile(name: str) -> Params:
    value = merge_all(read_yaml(ROOT / "params.yaml"), read_overlays(ROOT, name))
    return parse_params(value, f"profiles/{name}.yaml")
