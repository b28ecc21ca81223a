"""Grounding: every mention comes back to its own place, at words, whatever became of its form; others do not."""

from __future__ import annotations

import time
import unicodedata
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from bioner.errors import ConfigError
from bioner.teacher.grounding import NO_CONTEXT, USED_UP, Grounding, Quote, ground
from bioner.teacher.grounding_forms import normalised
from bioner.teacher.grounding_search import ABSENT, EMPTY, EXACT, FOLDED, FUZZY, NORMALISED, WITHIN_WORD, Places
from bioner.words import Words

TEXT = "Velorin lowers IL-2; velorin and its ester lower IL-6. Haemoglobin fell, VELORIN did not."
ENGLISH = st.text("abcdeAB19 -.,(αé\n", max_size=60)
CHINESE = st.text("患者贫血伴有发热用药A1，。 （）", max_size=40)
ANYTHING = st.text(max_size=60)
texts = st.one_of(ENGLISH, CHINESE, ANYTHING)


def find(text: str, mention: str, max_edits: float = 0.15) -> tuple[str, list[str]]:
    how, extents = Places(text).find(mention, max_edits)
    return how, [text[start:end] for start, end in extents]


def places(occurrence: str, *quotes: Quote | str, text: str = TEXT) -> list[tuple[list[int], str]]:
    said = [quote if isinstance(quote, Quote) else Quote(quote) for quote in quotes]
    results = ground(text, said, Grounding(occurrence))  # type: ignore[arg-type]
    return [([start for start, _ in found.extents], found.how) for found in results]


@pytest.mark.parametrize(
    ("text", "mention", "expected"),
    [
        ("serum IL-2 rose", " IL-2\n", (EXACT, ["IL-2"])),
        ("IL-2 serum IL-2", "IL-2", (EXACT, ["IL-2", "IL-2"])),
        ("Aspirin helps", "aspirin", (FOLDED, ["Aspirin"])),
        ("Straße A", "STRASSE", (FOLDED, ["Straße"])),
        ("IL‑2 rose", "IL-2", (NORMALISED, ["IL‑2"])),
        ("IL - 2 rose", "IL-2", (NORMALISED, ["IL - 2"])),
        ("the IL-2\n  receptor", "IL-2 receptor", (NORMALISED, ["IL-2\n  receptor"])),
        ("5’ end", "5' end", (NORMALISED, ["5’ end"])),
        ("ＩＬ－２升高", "IL-2", (NORMALISED, ["ＩＬ－２"])),
        ("血清（CRP）升高", "血清(CRP)", (NORMALISED, ["血清（CRP）"])),
        ("CD 4 阳性细胞", "CD 4阳性细胞", (NORMALISED, ["CD 4 阳性细胞"])),
        ("café au lait spots", "cafe\u0301 au lait", (NORMALISED, ["café au lait"])),
        ("haemo\u00adglobin fell", "haemoglobin", (NORMALISED, ["haemo\u00adglobin"])),
        ("Haemoglobin fell", "hemoglobin", (FUZZY, ["Haemoglobin"])),
        ("interleukin-6 rose", "interleukin-2", (ABSENT, [])),
        ("慢性粒细胞白血病急变期", "慢性粒细胞性白血病", (FUZZY, ["慢性粒细胞白血病"])),
        ("患儿急性粒细胞白血病", "急粒细胞白血病", (FUZZY, ["急性粒细胞白血病"])),
        ("高血压", "低血压", (ABSENT, [])),
        ("antibodies", "anti", (WITHIN_WORD, [])),
        ("ﬁbrin", "brin", (WITHIN_WORD, [])),
        ("5㎎", "g", (WITHIN_WORD, [])),
        ("the antibody", "hypertension", (ABSENT, [])),
        ("text", " \n", (EMPTY, [])),
        ("text", "\u200b", (ABSENT, [])),
        ("", "text", (ABSENT, [])),
    ],
)
def test_finds_a_mention_in_the_strictest_way(text: str, mention: str, expected: tuple[str, list[str]]) -> None:
    assert find(text, mention) == expected


def test_without_edits_nothing_is_fuzzy() -> None:
    assert find("Haemoglobin fell", "hemoglobin", 0.0) == (ABSENT, [])


@given(texts, st.data())
def test_a_mention_of_the_text_is_found_exactly_at_its_place(text: str, data: st.DataObject) -> None:
    words = Words.of(text).offsets
    assume(words)
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    extent = words[first][0], words[last][1]
    how, found = Places(text).find(text[slice(*extent)], 0.15)
    assert how == EXACT
    assert extent in found
    assert all(text[slice(*other)] == text[slice(*extent)] for other in found)


def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


VARIANTS = {
    "upper": str.upper,
    "lower": str.lower,
    "wide": wide,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "dashes": lambda text: text.replace("-", "\u2013"),
    "spaced": lambda text: text.replace(" ", " \u00a0\n").replace("-", " - "),
    "joined": lambda text: text.replace("-", "\u00ad-\u200b"),
}


@given(st.one_of(ENGLISH, CHINESE), st.sampled_from(sorted(VARIANTS)), st.data())
def test_another_form_of_a_mention_comes_back_to_the_same_words(text: str, variant: str, data: st.DataObject) -> None:
    words = Words.of(text).offsets
    assume(words)
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, min(first + 6, len(words) - 1)))
    mention = text[words[first][0] : words[last][1]]
    how, found = Places(text).find(VARIANTS[variant](mention), 0.15)
    assert how in {EXACT, FOLDED, NORMALISED}
    same = normalised(mention).text
    assert found
    assert all(normalised(text[start:end]).text == same for start, end in found)
    if how == NORMALISED:  # no stricter form of it is in the text: its own place is among those found
        assert (words[first][0], words[last][1]) in found


@given(st.one_of(ENGLISH, CHINESE), st.text("abcdeAB19 -患者贫血", min_size=1, max_size=20), st.floats(0, 0.5))
def test_edits_are_found_just_where_they_are_few_enough(text: str, mention: str, max_edits: float) -> None:
    how, found = Places(text).find(mention, max_edits)
    wanted = normalised(mention).text
    most = int(max_edits * len(wanted))
    words = Words.of(text).offsets
    windows = [text[start:end] for n, (start, _) in enumerate(words) for _, end in words[n:]]
    forms = [normalised(window).text for window in windows]
    alike = [form for form in forms if [c for c in form if c.isdigit()] == [c for c in wanted if c.isdigit()]]
    fewest = min((Levenshtein.distance(wanted, form) for form in alike), default=None)
    if how == FUZZY:
        assert {Levenshtein.distance(wanted, normalised(text[start:end]).text) for start, end in found} == {fewest}
    if how in {ABSENT, WITHIN_WORD}:
        assert not found
        assert fewest is None or fewest > most


@given(texts, st.lists(texts, max_size=5), st.sampled_from(["all", "first", "order", "context"]))
def test_extents_lie_at_words_and_every_quote_gets_a_result(text: str, said: list[str], occurrence: str) -> None:
    words = Words.of(text).offsets
    starts, ends = {start for start, _ in words}, {end for _, end in words}
    found = ground(text, [Quote(quote, "b", "a") for quote in said], Grounding(occurrence))  # type: ignore[arg-type]
    assert len(found) == len(said)
    for extents, how in found:
        assert how
        assert all(start in starts and end in ends and start < end for start, end in extents)
        assert list(extents) == sorted(extents)
        assert all(before[1] <= after[0] for before, after in pairwise(extents))


def test_all_places_or_the_first() -> None:
    assert places("all", "Velorin", "velorin", "IL-9") == [([0], EXACT), ([21], EXACT), ([], ABSENT)]
    assert places("all", "Velorin", text="Velorin, Velorin") == [([0, 9], EXACT)]
    assert places("first", "Velorin", "Velorin", text="Velorin, Velorin") == [([0], EXACT), ([0], EXACT)]
    assert places("all", "痛痛", text="痛痛痛痛痛") == [([0, 2], EXACT)]


def test_in_order_each_mention_takes_the_next_place() -> None:
    text = "ache A, ache B, ache C"
    assert places("order", "ache", "B", "ache", "A", "ache", "ache", text=text) == [
        ([0], EXACT),
        ([13], EXACT),
        ([16], EXACT),
        ([5], EXACT),
        ([8], EXACT),
        ([], USED_UP),
    ]
    assert places("order", "chronic ache", "ache", text="chronic ache, ache")[1] == ([8], EXACT)


def test_by_context_the_likeliest_place_is_taken() -> None:
    text = "pain in the knee, no Pain in the hip,  pain at night; pain in the hip"
    assert places("context", Quote("pain", "", " at night"), text=text) == [([39], EXACT)]
    assert places("context", Quote("pain", "at\nNight;"), text=text) == [([54], EXACT)]
    assert places("context", Quote("pain", "xyz", "xyz"), text=text) == [([], NO_CONTEXT)]
    assert places("context", Quote("knee", "xyz", "xyz"), text=text) == [([12], EXACT)]  # there is no other
    assert places("context", Quote("痛", "头", ""), text="腹痛，头痛") == [([4], EXACT)]


@pytest.mark.parametrize("wrong", [{"occurrence": "last"}, {"max_edits": 0.6}, {"max_edits": -0.1}])
def test_a_wrong_setting_is_told(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        Grounding(**wrong)  # type: ignore[arg-type]


def test_marks_in_any_order_are_one_character() -> None:
    text = "a\u0323\u0307b c"
    assert find(text, "a\u0307\u0323b") == (NORMALISED, ["a\u0323\u0307b"])


@pytest.mark.parametrize("alphabet", ["abcdefghijklmnopqrstuvwxyz", "病症患者发热咳嗽胸痛腹泻头晕心悸"])
def test_a_long_text_with_many_mentions_takes_little_time(alphabet: str) -> None:
    random = Random(1)
    text = " ".join("".join(random.choices(alphabet, k=random.randint(2, 9))) for _ in range(3500))[:20_000]
    words = Words.of(text).offsets
    cut = [(random.randrange(len(words) - 5), random.randint(1, 4)) for _ in range(100)]
    there = [text[words[first][0] : words[first + more][1]] for first, more in cut]
    absent = ["".join(random.choices(alphabet + " ", k=random.randint(8, 40))) for _ in range(100)]
    before = time.process_time()
    found = ground(text, [Quote(mention) for mention in there + absent], Grounding())
    assert time.process_time() - before < 2.0
    assert all(grounded.extents for grounded in found[:100])
