"""Tests of comparing with known texts: decontamination and the leakage report."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.curation.compare import Comparison, Known
from bioner.curation.decontaminate import Protected
from bioner.curation.leakage import Leakage, leakage
from bioner.documents import Document

COMPARISON = Comparison.of(0.8, 4, 1)


def _shares(known: list[str], text: str, language: str = "en") -> bool:
    texts = Known(COMPARISON.prepare(known, language), COMPARISON)
    return bool(texts.share_runs(COMPARISON.prepare([text], language))[0])


def test_a_text_that_shares_a_run_of_words_is_recognised() -> None:
    known = ["The patients received oral metformin daily.", "Unrelated."]
    assert _shares(known, "all PATIENTS received oral metformin.")
    assert not _shares(known, "patients received oral insulin and metformin daily")
    assert _shares(known, "oral metformin")
    assert not _shares(known, "metformin oral")


def test_a_short_known_text_must_not_lie_in_another() -> None:
    assert _shares(["lupus nephritis."], "She had lupus nephritis. Then she recovered.")
    assert not _shares(["lupus"], "She had lupus nephritis. Then she recovered.")


def test_chinese_runs_are_twice_as_long() -> None:
    known = ["患者口服二甲双胍治疗。"]
    assert not _shares(known, "患儿口服二甲双胍片一周后好转", "zh")
    assert _shares(known, "成人口服二甲双胍治疗好转", "zh")


@given(st.lists(st.text("abc", min_size=1, max_size=12), max_size=4), st.text("abc", min_size=1, max_size=12))
@settings(deadline=None)
def test_sharing_agrees_with_its_definition(known: list[str], text: str) -> None:
    def lies_in(one: str, other: str) -> bool:
        return 2 <= len(one) < 4 and one in other

    grams = {text[start : start + 4] for start in range(len(text) - 3)}
    expected = any(
        lies_in(text, other) or lies_in(other, text) or any(gram in other for gram in grams) for other in known
    )
    assert _shares([" ".join(other) for other in known], " ".join(text)) == expected


def _documents(*texts: str, language: str = "en") -> list[Document]:
    return [Document(str(number), text, language, source="s") for number, text in enumerate(texts)]


def test_protected_texts_are_those_of_the_language_in_sentences_too() -> None:
    whole = "Renal biopsy was done. Later that week she was sent home with oral steroids."
    protected = Protected(
        {"test": _documents(whole), "dev": _documents("肾活检", language="zh")}, Comparison.of(0.8, 50, 1)
    )
    texts = ["LATER that week she was sent home with oral steroids .", whole, "Nothing of that kind was ever seen."]
    offences = dict(protected.offences(Comparison.of(0.8, 50, 1).prepare(texts, "en")))
    assert {reason: flags.tolist() for reason, flags in offences.items()} == {
        "repeats test": [True, True, False],
        "shares words with test": [False, False, False],
        "nearly repeats test": [True, True, False],
    }


def test_leakage_counts_the_documents_of_the_judged_set() -> None:
    long = "Oral metformin was given to all patients with type two diabetes for twelve weeks in this open trial"
    train = {"train/a": _documents(long, "Cough and fever."), "train/b": _documents("咳嗽", language="zh")}
    test = _documents(
        f"{long.upper()} .".replace(" .", ""),
        f"{long} again",
        "We saw that oral metformin was given to nobody",
        "Fever, and cough.",
    )
    (found,) = leakage(train, {"test/a": test, "test/none": []}, COMPARISON)
    assert found == Leakage("train/a", "test/a", documents=4, equal=1, near=2, shared_runs=3)
    assert (found.share, found.name) == (0.5, "test/a in train/a")
    assert found.to_record() == {"documents": 4, "equal": 1, "near": 2, "shared_runs": 3, "share": 0.5}


def test_abstracts_and_their_sentences_leak_into_each_other() -> None:
    sentences = [
        f"In trial {number} the drug number {number} lowered pressure by {number} points." for number in range(8)
    ]
    other = [f"Case {number} was seen once, and sent home in week {number} without drugs." for number in range(8)]
    abstracts = [" ".join(sentences[:4]), " ".join(sentences[4:6] + other[:4]), " ".join(other[4:])]
    (in_sentences,) = leakage({"train": _documents(*sentences)}, {"test": _documents(*abstracts)}, COMPARISON)
    assert (in_sentences.equal, in_sentences.near, in_sentences.shared_runs) == (0, 1, 2)
    (in_abstracts,) = leakage({"train": _documents(*abstracts)}, {"test": _documents(*sentences)}, COMPARISON)
    assert (in_abstracts.equal, in_abstracts.near, in_abstracts.share) == (6, 6, 0.75)


def test_nothing_known_shares_nothing() -> None:
    empty = Known(COMPARISON.prepare([], "en"), COMPARISON)
    texts = COMPARISON.prepare(["one two three four five"], "en")
    assert not (empty.equal(texts) | empty.share_runs(texts) | empty.resemble(texts)).any()
