"""Tests of tagged text as others write it: exact copies without loss, wrong ones by mode, every mismatch counted."""

from __future__ import annotations

import time
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.corpora.bracketed import encode
from bioner.corpora.symbol_scan import BRACKETS, Symbols
from bioner.documents import Fragment, Span
from bioner.tagger import copies, free_text
from bioner.tagger.copies import Mode
from bioner.tagger.free_text import parse, parse_answer
from bioner.words import Words

TEXT = "Binding of the AB12 surface receptor gives a signal"
MODES: tuple[Mode, ...] = get_args(Mode)


def found(line: str, mode: Mode, text: str = TEXT, symbols: Symbols = BRACKETS) -> list[str]:
    """The words of the mentions."""
    return [text[start:end] for start, end in parse(line, text, symbols, mode).mentions]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "symbols", [BRACKETS, Symbols("【", "】"), Symbols("<e>", "</e>"), Symbols("@@", "##")], ids=lambda s: s.opening
)
def test_an_exact_copy_is_read_without_loss(mode: Mode, symbols: Symbols) -> None:
    extents = [(11, 36), (15, 19), (15, 17), (37, 42)]
    assert parse(encode(TEXT, extents, symbols), TEXT, symbols, mode) == (extents, {})


@pytest.mark.parametrize(
    ("line", "strict", "contract", "expand", "mismatches"),
    [
        # a change elsewhere, or other blanks, does not touch a mention
        (
            "Binding of the [[AB12] surface receptor] makes a signal",
            *3 * [["AB12 surface receptor", "AB12"]],
            "changed",
        ),
        ("Binding of the [ AB12 ] surface receptor gives a signal", *3 * [["AB12"]], "blanks"),
        ("Sure: Binding of the [AB12] surface receptor gives a signal", *3 * [["AB12"]], "added"),
        ("Binding of the [AB12] surface receptor", *3 * [["AB12"]], "dropped"),
        # a word within or at the edge of the mention is another one, is added, or is dropped
        ("Binding of the [AB12 protein receptor] gives a signal", [], *2 * [["AB12 surface receptor"]], "changed"),
        ("Binding of the [AB13] surface receptor gives a signal", [], [], ["AB12"], "changed"),
        ("Binding of the [AB13 surface] receptor gives a signal", [], ["surface"], ["AB12 surface"], "changed"),
        ("Binding of the [large AB12] surface receptor gives a signal", [], ["AB12"], ["AB12"], "added"),
        ("Binding of the [surface receptor] gives a signal", *3 * [["surface receptor"]], "dropped"),
        ("[Note]: Binding of the AB12 surface receptor gives a signal", [], [], [], "added"),
        # in other case: the words are aligned, and not the same
        ("Binding of the [ab12] surface receptor gives a signal", [], ["AB12"], ["AB12"], "otherwise"),
        # symbols without a partner, and without words
        ("Binding of the [AB12 surface receptor gives a signal", [], [], [], "partner"),
        ("Binding] of the [[AB12] surface receptor gives a signal", *3 * [["AB12"]], "partner"),
        ("Binding of the [] AB12 surface receptor gives a signal", [], [], [], "without words"),
        ("", [], [], [], "dropped"),
    ],
)
def test_each_mode(line: str, strict: list[str], contract: list[str], expand: list[str], mismatches: str) -> None:
    assert [found(line, mode) for mode in MODES] == [strict, contract, expand]
    assert any(mismatches in reason for reason in parse(line, TEXT).mismatches)


def test_every_mismatch_is_counted() -> None:
    line = "Well, Binding of [a] the [AB13 surface] receptors] a SIGNAL"
    assert parse(line, TEXT).mismatches == {
        copies.ADDED: 3,  # Well , a
        copies.CHANGED: 2,  # AB13 receptors
        copies.DROPPED: 1,  # gives
        copies.WRITTEN: 1,  # SIGNAL
        copies.REFUSED: 2,
        free_text.ALONE: 1,
    }
    contracted = parse(line, TEXT, mode="contract").mismatches
    assert contracted[copies.CONTRACTED] == contracted[copies.NOWHERE] == 1
    assert parse(line, TEXT, mode="expand").mismatches[copies.EXPANDED] == 1


def test_mentions_that_become_the_same_are_one() -> None:
    line = "Binding of the [large [AB12]] surface receptor gives a signal"
    assert found(line, "contract") == ["AB12"]
    assert parse(line, TEXT, mode="contract").mismatches[free_text.REPEATED] == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("line", "text", "mentions"),
    [
        ("a [3H] [label] were used", "a [3H] label was used", ["label"]),
        ("a [[3H] label] were used", "a [3H] label was used", ["[3H] label"]),
        ("a [ [ 3H ] label ] were used", "a [ 3H ] label was used", ["[ 3H ] label"]),
        ("in (0, 1] the [cells] die", "in (0, 1] the cells live", ["cells"]),
        ("the 3H [label] is used", "the [3H] label is used", ["label"]),
        ("see [it] later", "see the [it] right now", []),
        ("[the [3H] label]", "the [3H]  label", ["the [3H]  label"]),
    ],
)
def test_symbols_of_the_text_are_told_from_mentions_in_a_wrong_copy(
    mode: Mode, line: str, text: str, mentions: list[str]
) -> None:
    assert found(line, mode, text) == mentions


def test_symbols_of_the_text_that_the_copy_lacks_are_counted() -> None:
    assert parse("the 3H [label] is used", "the [3H] label is used").mismatches == {free_text.MISSING: 2}


def test_chinese_is_aligned_by_characters() -> None:
    text, line = "患者有慢性肝炎病史", "病人有[慢性[肝]炎]病史"
    assert found(line, "strict", text) == ["慢性肝炎", "肝"]
    assert parse(line, text).mismatches == {copies.CHANGED: 2}


# ------------------------------------------------------------------------------------------------------ any line at all

MATERIAL = st.text("ab é肺[] -", max_size=24)


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and a copy of it with mentions, of which parts were dropped, changed, added or repeated."""
    text = draw(MATERIAL)
    words = Words.of(text).offsets
    extents: list[Fragment] = []
    if words:
        first = draw(st.integers(0, len(words) - 1))
        last = draw(st.integers(first, len(words) - 1))
        extents = [(words[first][0], words[last][1]), words[draw(st.integers(first, last))]]
    line = encode(text, extents)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(line)))
        end = draw(st.integers(start, min(len(line), start + 4)))
        line = line[:start] + draw(st.sampled_from(["", "[", "]", "x", " b ", line[start:end] * 2])) + line[end:]
    return line, text


@given(spoilt() | st.tuples(MATERIAL, MATERIAL), st.sampled_from(MODES))
@settings(deadline=None, max_examples=400)
def test_any_line_gives_mentions_of_the_text_and_says_what_is_wrong(case: tuple[str, str], mode: Mode) -> None:
    line, text = case
    mentions, mismatches = parse(line, text, mode=mode)
    assert all(0 <= start < end <= len(text) for start, end in mentions)
    assert mentions == sorted(mentions, key=lambda extent: (extent[0], -extent[1]))
    assert all(count > 0 for count in mismatches.values())
    assert bool(mismatches) != (encode(text, mentions) == line)


@given(spoilt())
@settings(deadline=None, max_examples=400)
def test_what_strict_finds_the_other_modes_find_too(case: tuple[str, str]) -> None:
    strict, contract, expand = (parse(*case, mode=mode) for mode in MODES)
    assert set(strict.mentions) <= set(contract.mentions) & set(expand.mentions)
    assert len(contract.mentions) <= len(expand.mentions) + expand.mismatches[free_text.REPEATED]
    about_words = {copies.CHANGED, copies.ADDED, copies.DROPPED, copies.WRITTEN, copies.BLANKS, free_text.ALONE}
    counts = [{key: tagged.mismatches[key] for key in about_words} for tagged in (strict, contract, expand)]
    assert counts[0] == counts[1] == counts[2]


@given(spoilt())
@settings(deadline=None, max_examples=400)
def test_a_strict_mention_has_the_words_of_the_line(case: tuple[str, str]) -> None:
    line, text = case
    marked = {_squeezed(line[start:end]) for start, end in _pairs(line)}
    for start, end in parse(line, text).mentions:
        mention = _squeezed(text[start:end])
        assert mention in _squeezed(line)
        assert mention in marked or not {"[", "]"}.isdisjoint(text)  # whose own may part the symbols of a mention


def _pairs(line: str) -> list[tuple[int, int]]:
    opened, pairs = [], []
    for place, character in enumerate(line):
        if character == "[":
            opened.append(place)
        elif character == "]" and opened:
            pairs.append((opened.pop(), place + 1))
    return pairs


def _squeezed(text: str) -> str:
    return "".join(character for character in text if not character.isspace() and character not in "[]")


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    ["[" * 20_000, "[a" * 10_000 + "]" * 10_000, "the AB12 " * 5_000, "[x] " * 10_000, "]" * 20_000 + TEXT],
    ids=["open", "nested", "repeated", "invented", "closed"],
)
def test_a_hostile_line_takes_no_long_time(line: str) -> None:
    begun = time.process_time()
    assert parse(line, TEXT, mode="expand").mismatches
    assert time.process_time() - begun < 5  # a tenth of it is usual; a step for each pair of symbols takes minutes


# ------------------------------------------------------------------------------------------------------------- answers

NAMES = {"protein": "protein", "cell type": "cell", "蛋白质": "protein_zh"}


def test_an_answer_of_several_types() -> None:
    answer = f"Here it is:\n\nprotein:  Binding of the [AB12] surface receptor gives a signal  \n cell type： {TEXT}"
    spans, mismatches = parse_answer(answer, TEXT, NAMES)
    assert spans == [Span.of(15, 19, "protein")]
    assert mismatches == {free_text.UNTYPED: 1}


def test_a_text_of_several_lines_and_blanks_around_it() -> None:
    text = " one cell\ntwo cells "
    spans, mismatches = parse_answer("cell type: one [cell]\ntwo [cells]\nprotein: one cell\ntwo cells", text, NAMES)
    assert [text[span.start : span.end] for span in spans] == ["cell", "cells"]
    assert not mismatches


def test_a_type_that_is_answered_again_is_counted() -> None:
    spans, mismatches = parse_answer("protein: [x]\nprotein: [x] y", "x", NAMES)
    assert spans == [Span.of(0, 1, "protein")]
    assert mismatches == {free_text.AGAIN: 1}


def test_an_answer_without_any_type() -> None:
    assert parse_answer("I cannot\nhelp.", "x", NAMES) == ([], {free_text.UNTYPED: 2})
    assert parse_answer("I cannot", "x", {}) == ([], {free_text.UNTYPED: 1})
