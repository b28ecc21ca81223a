"""Leaks: exactly the documents that occur in training are found, whole or by their sentences."""

from __future__ import annotations

from bioner.curation.compare import Comparison
from bioner.documents import Document
from bioner.suite.leaks import by_language, leaked

RULES = Comparison.of(0.8, 8, 13)


def text(number: int) -> str:
    words = ("fever", "cough", "rash", "pain", "nausea", "chills", "fatigue")
    return (
        f"Patient {number} of ward {number % 3} had {words[number % 7]} on day {number * 17}, and left the week after."
    )


TRAIN = {"train/mine": [Document(f"t{n}", text(n), "en") for n in range(40)]}


def test_documents_of_training_are_found_and_no_others() -> None:
    fresh = [Document(f"f{n}", f"Sample {n} was stored at {n * 7} degrees in box {n * 31}.", "en") for n in range(30)]
    same = Document("same", text(3).upper(), "en")
    abstract = Document("abstract", f"A new title. {text(5)} {text(6)} {text(7)}", "en")
    assert leaked([*fresh, same, abstract], TRAIN, RULES) == {"same", "abstract"}
    assert leaked(fresh, TRAIN, RULES) == set()
    assert leaked([], TRAIN, RULES) == set()


def test_synthetic_documents_are_compared_language_by_language() -> None:
    documents = [Document("a", text(1), "en"), Document("b", "患者因胸痛入院，次日出院。", "zh")]
    sets = by_language("synthetic", documents)
    assert {name: [d.id for d in found] for name, found in sets.items()} == {
        "synthetic/en": ["a"],
        "synthetic/zh": ["b"],
    }
    assert leaked([Document("c", "患者因胸痛入院，次日出院。", "zh")], sets, RULES) == {"c"}
