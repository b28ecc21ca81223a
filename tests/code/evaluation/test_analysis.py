"""The analysis of a model: counts that add up, against brute force, other libraries, and cases worked out by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from brute_force import document, keys, sides, strict
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from bioner.documents import Document, Span
from bioner.evaluation.analysis import Analysis, analyse
from bioner.evaluation.nested_errors import OUTCOMES
from bioner.evaluation.score import score_documents

TEXT = "severe left arm pain and fever, no severe cough"
PAIN = Span.of(7, 20, "symptom")  # left arm pain
ARM = Span.of(12, 15, "anatomy")


def analysis(gold: list[Span], predicted: list[Span], text: str = TEXT, language: str = "en") -> Analysis:
    one = Document("ward/1", text, language, tuple(gold))
    return analyse([one], [one.with_spans(predicted)])


@given(sides, sides)
def test_every_mention_is_confused_once(gold: list[Span], predicted: list[Span]) -> None:
    counts = analyse([document(gold)], [document(predicted)]).confusion
    for place, side in ((0, gold), (1, predicted)):
        found = Counter({pair: count for pair, count in counts.items() if pair[place] is not None})
        by_label: Counter[str | None] = Counter()
        for pair, count in found.items():
            by_label[pair[place]] += count
        assert by_label == Counter(label for _, label in keys(side))
    assert (None, None) not in counts
    assert sum(count for (one, other), count in counts.items() if one == other) >= strict(gold, predicted)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 20, [("left, too long", 1, "severe")]),
        (12, 20, [("left, too short", 1, "left")]),
        (7, 30, [("right, too long", 2, "and fever")]),
        (7, 15, [("right, too short", 1, "pain")]),
        (12, 30, [("left, too short", 1, "left"), ("right, too long", 2, "and fever")]),
        (9, 20, [("left, too short", 0, "le")]),
        (6, 20, [("left, too long", 0, "")]),
        (7, 31, [("right, too long", 3, "and fever,")]),
    ],
)
def test_ends_are_told_apart_with_their_words(start: int, end: int, expected: list[tuple[str, int, str]]) -> None:
    found = analysis([PAIN], [Span.of(start, end, "symptom")]).boundaries
    assert [(one.shift, one.words, one.stretch) for one in found] == expected


def test_words_are_characters_in_chinese_and_gaps_have_no_end() -> None:
    (one,) = analysis([Span.of(2, 4, "symptom")], [Span.of(0, 4, "symptom")], "剧烈胸痛", "zh").boundaries
    assert (one.shift, one.words, one.stretch, one.language) == ("left, too long", 2, "剧烈", "zh")
    gap = [Span(((0, 1), (3, 4)), "symptom")]
    assert [one.shift for one in analysis(gap, [Span.of(0, 4, "symptom")], "剧烈胸痛").boundaries] == [
        "other fragments"
    ]


@pytest.mark.parametrize(
    ("predicted", "outcome"),
    [([PAIN, ARM], 0), ([PAIN], 1), ([ARM], 2), ([], 3), ([Span.of(7, 20, "drug")], 3)],
)
def test_nested_pair_is_told_by_what_was_found(predicted: list[Span], outcome: int) -> None:
    assert analysis([PAIN, ARM], predicted).nested == {("symptom", "anatomy", OUTCOMES[outcome]): 1}


@given(sides, sides)
def test_nested_pairs_are_those_of_sets_of_characters(gold: list[Span], predicted: list[Span]) -> None:
    expected = sum(inner[0] < outer[0] for inner in keys(gold) for outer in keys(gold))
    assert sum(analyse([document(gold)], [document(predicted)]).nested.values()) == expected


def test_frequent_errors_are_counted_by_words_without_case() -> None:
    texts = ["Fever and FEVER", "fever, cough"]
    places = [[(0, 5), (10, 15)], [(0, 5), (7, 12)]]
    gold = [
        Document(f"ward/{n}", text, "en", tuple(Span.of(*place, "symptom") for place in spans))
        for n, (text, spans) in enumerate(zip(texts, places, strict=True))
    ]
    wrong = Span.of(6, 9, "drug")
    found = analyse(gold, [gold[0].with_spans([gold[0].spans[1], wrong]), gold[1].with_spans([])])
    assert [(one.words, one.errors, one.mentions) for one in found.missed] == [("Fever", 2, 3), ("cough", 1, 1)]
    assert [(one.words, one.label, one.errors, one.mentions) for one in found.spurious] == [("and", "drug", 1, 1)]
    assert len(analyse(gold, [document.with_spans([]) for document in gold], frequent=1).missed) == 1


_scored = st.lists(
    st.tuples(st.integers(0, 11), st.sampled_from("AB"), st.floats(0, 1).map(lambda x: round(x, 6))),
    min_size=1,
    max_size=8,
    unique_by=lambda one: one[:2],
)


@given(_scored, _scored)
def test_curve_is_what_scoring_the_filtered_predictions_gives(
    gold: list[tuple[int, str, float]], predicted: list[tuple[int, str, float]]
) -> None:
    expected = document([Span.of(start, start + 1, label) for start, label, _ in gold])
    found = document([Span.of(start, start + 1, label, score) for start, label, score in predicted])
    curve = analyse([expected], [found]).curve
    assert curve[0].score.predicted == len(predicted)
    for point in curve[:: max(1, len(curve) // 4)]:
        left = found.with_spans(s for s in found.spans if s.score is not None and s.score >= point.threshold)
        micro = score_documents([expected], [left], resamples=1, modes=("strict",)).schemes["strict"].micro
        assert (point.score.gold, point.score.predicted, point.score.right) == (
            micro.gold,
            micro.predicted,
            micro.right,
        )


def test_reliability_agrees_with_another_library() -> None:
    rng = np.random.default_rng(7)
    scores = rng.random(400)
    right = rng.random(400) < scores**2
    text = "x" * 400
    gold = Document("d", text, "en", tuple(Span.of(n, n + 1, "A") for n in range(400) if right[n]))
    found = gold.with_spans(Span.of(n, n + 1, "A", float(scores[n])) for n in range(400))
    measured = analyse([gold], [found]).reliability
    assert measured is not None
    rates, means = calibration_curve(right, scores, n_bins=10)
    assert [one.rate for one in measured.bins] == pytest.approx(rates)
    assert [one.score for one in measured.bins] == pytest.approx(means)
    counts = np.histogram(scores, bins=10, range=(0, 1))[0]
    assert [one.predicted for one in measured.bins] == counts.tolist()
    assert measured.error == pytest.approx(float(np.sum(counts * abs(rates - means)) / 400), abs=1e-6)


def test_sure_and_right_is_calibrated_and_sure_and_wrong_is_not() -> None:
    for label, error in (("symptom", 0.0), ("drug", 1.0)):
        measured = analysis([PAIN], [Span.of(7, 20, label, 1.0)]).reliability
        assert measured is not None and measured.error == error
        assert (measured.bins[0].low, measured.bins[0].high) == (0.9, 1.0)


def test_predictions_without_scores_have_no_curve() -> None:
    for predicted in ([], [Span.of(7, 20, "symptom")], [Span.of(7, 20, "symptom"), Span.of(0, 6, "drug", 0.5)]):
        found = analysis([PAIN], predicted)
        assert found.curve == [] and found.reliability is None


def test_single_figures_hold_all_of_it() -> None:
    predicted = [Span.of(0, 20, "symptom", 0.5), Span.of(25, 30, "drug", 1.0)]
    assert analysis([PAIN, ARM], predicted).figures() == {
        "errors/missed": 1.0,
        "errors/spurious": 1.0,
        "errors/wrong boundary": 1.0,
        "boundary/left too long": 1.0,
        "nested/both missed": 1.0,
        "calibration_error": 0.75,
    }
