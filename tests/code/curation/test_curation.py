"""Tests of curation as a whole: every loss has a reason, and the result depends on input and seed alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from curation_rules import rules

from bioner.config import Engine
from bioner.curation.curate import curate
from bioner.documents import Document

LONG = "Intravenous ceftriaxone was given for community acquired pneumonia on the second day of the admission"
TEXTS = [
    "Short. Renal biopsy confirmed lupus nephritis of class IV.\nrenal biopsy CONFIRMED lupus nephritis of class iv.",
    f"{LONG}.",
    f"{LONG}!",
    " of ".join(f"word{number}" for number in range(20)),
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
CHINESE = [f"患者{number}岁，因反复咳嗽{number}天入院，予阿奇霉素口服后好转出院。" for number in range(30)]


def _documents(texts: list[str], source: str = "s", language: str = "en") -> list[Document]:
    return [Document(f"d{number}", text, language, source=source) for number, text in enumerate(texts)]


def test_every_sentence_is_kept_or_counted_by_its_reason() -> None:
    result = curate(_documents(TEXTS), PROTECTED, rules(limit=4), 1)
    assert result.reasons == {
        "too short": 1,
        "repeated": 1,
        "near-duplicate": 1,
        "too long": 1,
        "too many symbols": 1,
        "shares words with test": 1,
        "shares words with dev": 1,
        "over the limit": 1,
    }
    kept = list(result)
    assert len(kept) == result.kept.total() == 4
    assert len(result.taken) == len(kept) + sum(result.reasons.values())
    assert len({document.id for document in kept}) == len(kept)
    assert not any(document.spans for document in kept)


def test_losses_are_counted_for_each_language_and_source() -> None:
    documents = [
        *_documents(TEXTS[:3], "one"),
        *_documents([CHINESE[0], "肾穿刺活检提示狼疮性肾炎，予激素治疗。"], "two", "zh"),
        *_documents([TEXTS[1]], "three"),
    ]
    result = curate(documents, {}, rules(), 1)
    assert result.dropped == {
        ("en", "one"): {"too short": 1, "repeated": 1, "near-duplicate": 1},
        ("en", "three"): {"repeated": 1},
        ("zh", "two"): {},
    }
    assert result.kept == {("en", "one"): 2, ("en", "three"): 0, ("zh", "two"): 2}


def test_sentences_keep_their_order_and_say_where_they_are_from() -> None:
    documents = _documents(["Î²-blockers were given to all of them. Then every one of them recovered.", *TEXTS[7:]])
    result = curate(documents, {}, rules(), 1)
    first, second, *rest = result
    assert result.repaired == 1
    assert (first.text, first.id, first.meta) == (
        "β-blockers were given to all of them.",
        "s/d0/1",
        {"document": "d0", "start": 0},
    )
    assert (second.id, second.meta["start"]) == ("s/d0/2", len(first.text) + 1)
    assert [document.text for document in rest] == TEXTS[7:]


def test_it_is_repeatable_and_the_seed_matters() -> None:
    runs = [list(curate(_documents(TEXTS), PROTECTED, rules(limit=4), seed)) for seed in (1, 1, 2, 3, 4)]
    assert runs[0] == runs[1]
    assert any(run != runs[0] for run in runs[2:])


def test_without_protected_texts_nothing_is_decontaminated() -> None:
    reasons = curate(_documents(TEXTS), {"test": [], "dev": []}, rules(), 1).reasons
    assert not any(reason.startswith("shares") for reason in reasons)


def test_nothing_gives_nothing() -> None:
    result = curate([], PROTECTED, rules(), 1)
    assert (list(result), result.reasons, result.kept) == ([], {}, {})


class _Fresh:
    """Documents that are made anew each time."""

    def __iter__(self) -> Iterator[Document]:
        yield from _documents([f"{text} Case {number} of them." for number in range(120) for text in TEXTS])
        yield from _documents(CHINESE, "z", "zh")


@pytest.mark.parametrize(
    ("engine", "workers"),
    [("processes", 2), pytest.param("ray", 2, marks=pytest.mark.slow)],
)
def test_every_engine_has_the_same_survivors(engine: Engine, workers: int) -> None:
    alone = curate(_Fresh(), PROTECTED, rules(), 1)
    spread = curate(_Fresh(), PROTECTED, rules(engine=engine, workers=workers), 1)
    assert list(spread) == list(alone)
    assert (spread.dropped, spread.kept) == (alone.dropped, alone.kept)
    assert alone.reasons["near-duplicate"] > 20
