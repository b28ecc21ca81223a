"""Tests of the eight quality heuristics, in English and Chinese."""

from __future__ import annotations

import pytest
from curation_rules import rules
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.curation.characters import Characters
from bioner.curation.compare import Comparison
from bioner.curation.decontaminate import Protected
from bioner.curation.examine import Chunk, Examined, Examiner
from bioner.documents import Document

RULES = rules()
COMPARISON = Comparison.of(0.8, 8, 1)
NOTE = "The patient was seen in the clinic and treated with oral steroids."
LISTED = "Alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu"


def _examined(text: str, language: str = "en") -> Examined:
    examiner = Examiner(RULES.quality, Protected({}, COMPARISON), COMPARISON, 1)
    return examiner(Chunk.of([Document("d", text, language, source="s")]))


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Too short.", "en", "too short"),
        ("It is long enough", "en", None),
        (" ".join(f"word{n} of" for n in range(15)), "en", None),
        (" ".join(f"word{n} of" for n in range(15)) + " it", "en", "too long"),
        ("咳嗽。", "zh", "too short"),
        ("反复咳嗽。", "zh", None),
        ("反复咳嗽三天伴发热一天余，无呕吐及腹泻，精神食欲可，大小便正常。", "zh", "too long"),
        ("A (1) = [2] / {3}", "en", "too many symbols"),
        ("年龄（18～70）。", "zh", "too many symbols"),
        ("RESULTS AND CONCLUSIONS of the TRIAL", "en", "too many capitals"),
        ("CT、MRI、PET均未见异常改变", "zh", "too many capitals"),
        ("CT和MRI均未见明显异常改变", "zh", None),
        ("the dose the dose the dose the dose", "en", "too few different words"),
        ("a b c d e a b c d e a b c d e", "en", "repetitive"),
        ("One of many. " * 21, "en", "document with too many sentences"),
        (f"{NOTE}\n\n\n\n\n\n\n{NOTE}", "en", "document with too many newlines"),
        (f"{NOTE}\n\n\n\n\n\n{NOTE}", "en", None),
        (f"{LISTED}. {LISTED}. {LISTED}. {LISTED}.", "en", "document with too few stop words"),
        (f"{LISTED}. {LISTED}. {NOTE} {NOTE}", "en", None),
        (f"{LISTED}.", "en", None),
    ],
)
def test_the_first_defect_of_a_text_is_its_reason(text: str, language: str, expected: str | None) -> None:
    found = _examined(text, language)
    assert found.sentences.sum() >= 1
    assert found.dropped == ({expected: found.sentences.sum()} if expected else {})
    assert len(found.clean) == (0 if expected else found.sentences.sum())


def test_each_language_has_limits_of_its_own() -> None:
    chinese = RULES.quality["zh"].model_copy(update={"words": (1, 3)})
    examiner = Examiner(RULES.quality | {"zh": chinese}, Protected({}, COMPARISON), COMPARISON, 1)
    assert examiner(Chunk.of([Document("d", "咳嗽", "zh")])).dropped == {}
    assert examiner(Chunk.of([Document("d", "Cough.", "en")])).dropped == {"too short": 1}


def test_documents_without_text_have_no_sentences() -> None:
    examiner = Examiner(RULES.quality, Protected({}, COMPARISON), COMPARISON, 1)
    found = examiner(Chunk.of([Document("a", " \n", "en"), Document("b", NOTE, "en"), Document("c", "", "en")]))
    assert found.sentences.tolist() == [0, 1, 0]
    assert found.clean.tolist() == [0]


@given(st.lists(st.text(max_size=8), max_size=5))
@settings(deadline=None)  # the first example makes the table
def test_characters_are_counted_as_python_does(texts: list[str]) -> None:
    found = Characters(texts)
    texts = [text if max(text, default="") < "\U00020000" else "" for text in texts]
    counts = zip(found.special(), found.visible(), found.letters(), found.capitals(), strict=True)
    for text, (special, visible, letters, capitals) in zip(texts, counts, strict=True):
        if text:
            assert special == sum(not c.isalnum() and not c.isspace() for c in text)
            assert visible == sum(not c.isspace() for c in text)
            assert letters == sum(map(str.isalpha, text))
            assert capitals == sum(map(str.isupper, text))


def test_rare_chinese_characters_are_letters() -> None:
    found = Characters(["\U00020000\U0002a700"])
    assert (found.letters().tolist(), found.special().tolist(), found.capitals().tolist()) == ([2], [0], [0])
