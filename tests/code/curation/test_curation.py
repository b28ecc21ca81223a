"""Tests of curation as a whole: every loss has a reason, and the result depends on input and seed alone."""

from __future__ import annotations

from bioner.config import Curate
from bioner.curation.curate import curate
from bioner.documents import Document

RULES = Curate(min_words=4, max_words=30, max_symbol_share=0.3, near_duplicate=0.7, decontaminate_ngram=5, limit=4)

LONG = "Intravenous ceftriaxone was given for community acquired pneumonia on the second day of the admission"
TEXTS = [
    "Short. Renal biopsy confirmed lupus nephritis of class IV.\nrenal biopsy CONFIRMED lupus nephritis of class iv.",
    f"{LONG}.",
    f"{LONG}!",
    "Word " * 40,
    "(1) = [2] + {3} - <4>",
    "We saw that daily metformin lowers fasting glucose in adults.",
    "Here warfarin raised the bleeding risk of all elderly patients.",
    "Cough and fever lasted for two weeks before admission.",
    "The sample showed atypical squamous cells with large nuclei.",
    "Participants with severe asthma used an inhaled corticosteroid.",
]
PROTECTED = {
    "test": [Document("t", "Daily metformin lowers fasting glucose.", "en")],
    "dev": [Document("d", "The bleeding risk of all patients, and warfarin raised the bleeding risk of all.", "en")],
}


def _documents(texts: list[str]) -> list[Document]:
    return [Document(f"d{index}", text, "en", source="s") for index, text in enumerate(texts)]


def test_every_sentence_is_kept_or_counted_by_its_reason() -> None:
    result = curate(_documents(TEXTS), PROTECTED, RULES, 1)
    assert result.dropped == {
        "too short": 1,
        "repeated": 1,
        "near-duplicate": 1,
        "too long": 1,
        "too many symbols": 1,
        "shares words with test": 1,
        "shares words with dev": 1,
        "over the limit": 1,
    }
    assert len(result.kept) == RULES.limit
    assert result.sentences == len(result.kept) + sum(result.dropped.values())
    assert len({document.id for document in result.kept}) == len(result.kept)
    assert not any(document.spans for document in result.kept)


def test_it_is_repeatable_and_the_seed_matters() -> None:
    runs = [curate(_documents(TEXTS), PROTECTED, RULES, seed).kept for seed in (1, 1, 2, 3, 4)]
    assert runs[0] == runs[1]
    assert any(run != runs[0] for run in runs[2:])


def test_without_protected_texts_nothing_is_decontaminated() -> None:
    dropped = curate(_documents(TEXTS), {"test": [], "dev": []}, RULES, 1).dropped
    assert not any(reason.startswith("shares") for reason in dropped)
