"""Facets: mentions by their length and by what training has shown, counted as every other group is."""

from __future__ import annotations

import pytest
from brute_force import sides
from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Document, Span
from bioner.evaluation.facets import LENGTHS, familiarity, shown_in
from bioner.evaluation.mentions import Mention
from bioner.evaluation.score import score_documents
from bioner.evaluation.scores import Score, Scores

TEXT = "Gout and Dravo  Fever of the big toe"


def found(*places: tuple[int, int], label: str = "disease") -> Mention:
    return Mention(places, label, Span(places, label))


@pytest.mark.parametrize(
    ("words", "group"),
    [
        ("gout", "1"),
        ("dravo fever", "2"),
        ("a b c", "3-5"),
        ("a b c d e", "3-5"),
        ("a b c d e f", "6+"),
        ("BRCA1-associated", "3-5"),
        ("糖尿病", "3-5"),
    ],
)
def test_a_mention_is_as_long_as_its_words(words: str, group: str) -> None:
    assert LENGTHS.group(words, found((0, len(words)))) == group


def test_the_words_between_fragments_do_not_count() -> None:
    assert LENGTHS.group("left and right lung", found((0, 4), (15, 19))) == "2"


def test_a_mention_is_known_by_its_words_and_its_type() -> None:
    shown = set(shown_in([Document("t", "dravo fever", "en", (Span.of(0, 11, "disease"),))]))
    group = familiarity(shown).group
    assert group(TEXT, found((9, 21))) == "seen"
    assert group(TEXT, found((9, 21), label="drug")) == "unseen"
    assert group(TEXT, found((0, 4))) == "unseen"


def test_counts_follow_the_gold_mention_and_add_up() -> None:
    gold = Document("d", TEXT, "en", (Span.of(0, 4, "disease"), Span.of(9, 21, "disease"), Span.of(29, 36, "disease")))
    # right; too short, so wrong and of its own length and unseen; missed
    predicted = gold.with_spans([Span.of(0, 4, "disease"), Span.of(9, 14, "disease")])
    scores = score_documents(
        [gold],
        [predicted],
        resamples=5,
        facets=(LENGTHS, familiarity({("disease", "dravo fever"), ("disease", "gout")})),
    )
    lengths, known = (scores.schemes["strict"].facets[name] for name in ("lengths", "familiarity"))
    assert {name: _counts(score) for name, score in lengths.items()} == {
        "1": (1, 2, 1),
        "2": (2, 0, 0),
        "3-5": (0, 0, 0),
        "6+": (0, 0, 0),
    }
    assert {name: _counts(score) for name, score in known.items()} == {"seen": (2, 1, 1), "unseen": (1, 1, 0)}
    # by overlap the short one answers its gold mention, and counts where that does
    assert _counts(scores.schemes["overlap"].facets["lengths"]["2"]) == (2, 1, 1)
    assert Scores.from_record(scores.to_record()) == scores


@given(st.lists(st.tuples(sides, sides), min_size=1, max_size=4))
def test_groups_of_a_facet_add_up_to_everything(pairs: list[tuple[list[Span], list[Span]]]) -> None:
    gold = [Document(f"{n}", "x yz xxxx yy", "en", tuple(one)) for n, (one, _) in enumerate(pairs)]
    predicted = [document.with_spans(other) for document, (_, other) in zip(gold, pairs, strict=True)]
    facets = (LENGTHS, familiarity({("A", "x")}))
    scores = score_documents(gold, predicted, resamples=1, facets=facets)
    plain = score_documents(gold, predicted, resamples=1)
    for mode, scheme in scores.schemes.items():
        for groups in scheme.facets.values():
            sums = tuple(map(sum, zip(*map(_counts, groups.values()), strict=True)))
            assert sums == _counts(scheme.micro)
        assert plain.schemes[mode].types == scheme.types
    assert "facets" not in plain.to_record()["schemes"]["strict"]


def _counts(score: Score) -> tuple[int, int, int]:
    return score.gold, score.predicted, score.right
