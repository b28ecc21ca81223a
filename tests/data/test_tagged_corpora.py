"""Real corpora as tagged lines: what a line cannot hold is counted, and all else comes back.

The files lie beside the repository, in `../shared/corpora`, and are no part of it: the tests are skipped without them.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bioner.config import Format
from bioner.corpora.bracketed import encode as write
from bioner.corpora.reading import Reading
from bioner.corpora.registry import FORMATS
from bioner.documents import Document
from bioner.tagger.free_text import parse as read
from bioner.tagger.symbols import encode, extents_of, parse
from bioner.words import Words

CORPORA = Path(__file__).parents[3] / "shared/corpora"

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the real corpora are not at {CORPORA}")

GENIA = "genia_nested/span_jsonlines/test.jsonlines"
GENIA_DEV = "genia_nested/span_jsonlines/dev.jsonlines"
LAYERS = "genia_nested/iob2_columns/genia.test.iob2"
V1 = "cmeee/chip2020_v1/val_data.txt"
V2 = "cmeee/v2_json/CMeEE-V2_dev.json"
FILES: dict[str, tuple[Format, str]] = {
    GENIA: ("token_spans", "en"),
    GENIA_DEV: ("token_spans", "en"),
    LAYERS: ("conll_layers", "en"),
    V1: ("cmeee_v1", "zh"),
    V2: ("cmeee_v2", "zh"),
}


@cache
def documents(file: str) -> tuple[Document, ...]:
    """The documents of a corpus."""
    form, language = FILES[file]
    return tuple(FORMATS[form].read(Reading(CORPORA / file, language, "corpus")))


def labels(one: Document) -> list[str]:
    """The types that a document has mentions of."""
    return sorted({span.label for span in one.spans})


@pytest.mark.parametrize(
    ("file", "mentions", "losses"),
    [
        (GENIA, 5119, {}),
        (GENIA_DEV, 4714, {}),
        (LAYERS, 5474, {}),
        pytest.param(V1, 20245, {"not at word boundaries": 55}, marks=pytest.mark.slow),
        pytest.param(V2, 26016, {"not at word boundaries": 65}, marks=pytest.mark.slow),
    ],
)
def test_a_line_of_items_loses_only_what_is_stated(file: str, mentions: int, losses: dict[str, int]) -> None:
    held, lost = 0, Counter[str]()
    for one in documents(file):
        words = Words.of(one.text)
        for label in labels(one):
            extents, unfit = extents_of(one.spans, label, words)
            found = {words.characters(*extent) for extent in parse(encode(extents))}
            gold = {(span.start, span.end) for span in one.spans if span.label == label}
            assert found <= gold
            assert len(found) + sum(unfit.values()) == len(gold)
            held += len(found)
            lost += unfit
    assert (held, lost) == (mentions, losses)


@pytest.mark.parametrize(
    ("file", "mentions"),
    [
        (GENIA, 5119),
        (GENIA_DEV, 4714),
        (LAYERS, 5474),
        pytest.param(V1, 20300, marks=pytest.mark.slow),
        pytest.param(V2, 26081, marks=pytest.mark.slow),
    ],
)
def test_a_line_of_characters_loses_nothing(file: str, mentions: int) -> None:
    found = 0
    for one in documents(file):
        for label in labels(one):
            gold = sorted({(s.start, s.end) for s in one.spans if s.label == label}, key=lambda e: (e[0], -e[1]))
            assert read(write(one.text, gold), one.text) == (gold, {})
            found += len(gold)
    assert found == mentions


@pytest.mark.parametrize(
    ("file", "records", "mentions"),
    [
        ("data_train-allinone.json", 4, 16),
        ("data_test-allinone.json", 2, 0),
        ("result_result-tem0.5.jsonl", 2, 13),
        ("llm-cls_data_train.jsonl", 1, 1),
        ("llm-cls_data_test.jsonl", 1, 1),
    ],
)
def test_the_published_instruction_files_are_read(file: str, records: int, mentions: int) -> None:
    found = list(FORMATS["llmner"].read(Reading(CORPORA / "llmner_samples" / file, "en", "corpus")))
    assert (len(found), sum(len(one.spans) for one in found)) == (records, mentions)
