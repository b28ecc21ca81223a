"""A good batch of synthetic annotations, what it is held against, and its limits: tests spoil one thing at a time."""

from __future__ import annotations

import pytest

from bioner.config import IDENTIFIERS, Validate
from bioner.curation.compare import Comparison
from bioner.documents import Document, Span
from bioner.validation.gate import Reference

LABELS = ("drug", "disease", "gene")
ENGLISH = (
    ("{} improved asthma in patient {}", ("aspirin", "statins", "insulin", "heparin")),
    ("In trial {1} the drug {0} did not prevent asthma", ("codeine", "morphine", "ketamine", "warfarin")),
)
CHINESE = ("给予{}治疗哮喘第{}日", ("阿司匹林", "胰岛素", "肝素", "华法林"))
JUDGED = {
    "test": [
        Document("t", "Both sisters had sarcoidosis of the lung that was found years before the fever came back", "en")
    ],
    "dev": [Document("d", "两姐妹均在发热复发数年之前被发现患有肺部结节病并接受长期随访观察", "zh")],
}


def _document(name: str, text: str, language: str, drug: str, disease: str) -> Document:
    spans = [
        Span.of(text.index(word), text.index(word) + len(word), label, score)
        for word, label, score in ((drug, "drug", 0.9), (disease, "disease", 0.7))
    ]
    return Document(name, text, language, tuple(spans), "sample", {"teacher": "t"})


@pytest.fixture(scope="session")
def good() -> list[Document]:
    """24 documents in two languages, two spans each."""
    documents: list[Document] = []
    for number in range(8):
        for template, drugs in ENGLISH:
            drug = drugs[number % 4]
            text = template.format(drug, number)
            documents.append(_document(f"en-{len(documents)}", text, "en", drug, "asthma"))
        drug = CHINESE[1][number % 4]
        text = CHINESE[0].format(drug, number)
        documents.append(_document(f"zh-{len(documents)}", text, "zh", drug, "哮喘"))
    return documents


@pytest.fixture(scope="session")
def reference(good: list[Document]) -> Reference:
    """Gold data of about the same density; one type of the vocabulary does not occur in the good batch."""
    gold = [document.with_spans(document.spans[: 1 + n % 2]) for n, document in enumerate(good[:18])]
    return Reference(
        labels=LABELS,
        languages=("en", "zh"),
        requested=[document.id for document in good],
        gold=gold,
        judged=JUDGED,
        comparison=Comparison.of(threshold=0.8, run=8, seed=13),
    )


@pytest.fixture(scope="session")
def limits() -> Validate:
    """Limits that the good batch meets, with room for one row more or less."""
    return Validate(
        max_quarantined=0.25,
        min_rows=20,
        min_answered=0.9,
        min_yield=0.4,
        max_spans_per_word=0.6,
        max_entity_words=6,
        min_score=0.6,
        min_script_share=0.5,
        identifiers=IDENTIFIERS,
        density_ratio=(0.5, 2.0),
        max_label_drift=0.5,
        max_length_drift=0.5,
        min_types=0.6,
    )
