"""Scores: counts in every cell, what follows from them, and that nothing but the annotations changes them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from brute_force import BRUTE, document, keys, sides
from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Document, Span, write_documents
from bioner.errors import DataError
from bioner.evaluation.schemes import MODES, SCHEMES, Mode
from bioner.evaluation.score import score_documents, score_files
from bioner.evaluation.scores import Score, Scores

# One document a language. German mentions are never found.
EN, DE = "en", "de"
GOLD = [
    document([Span.of(0, 4, "A"), Span.of(1, 3, "B"), Span(((6, 7), (9, 10)), "A")], "1", EN),
    document([Span.of(0, 2, "A")], "2", DE),
    document([], "3", EN),
]
PREDICTED = [
    document([Span.of(0, 4, "A", 0.9), Span(((6, 7), (9, 10)), "B", 0.8), Span.of(11, 12, "C", 0.7)], "1", EN),
    document([], "2", DE),
    document([], "3", EN),
]


def score(gold: list[Document], predicted: list[Document], modes: tuple[Mode, ...] = SCHEMES) -> Scores:
    return score_documents(gold, predicted, resamples=40, modes=modes)


def counts(found: Score) -> tuple[int, int, int]:
    return found.gold, found.predicted, found.right


def test_strict_counts_in_every_cell() -> None:
    found = score(GOLD, PREDICTED).schemes["strict"]
    assert counts(found.micro) == (4, 3, 1)
    assert (found.micro.precision, found.micro.recall, found.micro.f1) == (1 / 3, 1 / 4, 2 / 7)
    assert {key: counts(cell) for key, cell in found.types.items()} == {"A": (3, 1, 1), "B": (1, 1, 0), "C": (0, 1, 0)}
    assert {key: counts(cell) for key, cell in found.languages.items()} == {"de": (1, 0, 0), "en": (3, 3, 1)}
    # The right prediction counts as nested, since its gold mention is; among the predictions it is flat.
    assert {key: counts(cell) for key, cell in found.shapes.items()} == {
        "flat": (1, 1, 0),
        "nested": (2, 1, 1),
        "discontinuous": (1, 1, 0),
    }
    assert found.macro.f1 == pytest.approx((2 / 4 + 0 + 0) / 3, abs=1e-6)


def test_boundary_counts_under_the_type_of_the_gold_mention() -> None:
    found = score(GOLD, PREDICTED).schemes["boundary"]
    assert counts(found.micro) == (4, 3, 2)
    assert {key: counts(cell) for key, cell in found.types.items()} == {"A": (3, 2, 2), "B": (1, 0, 0), "C": (0, 1, 0)}
    assert counts(found.shapes["discontinuous"]) == (1, 1, 1)


def test_type_within_overlap_over_pairs_is_the_accuracy_of_the_type() -> None:
    scores = score(GOLD, PREDICTED)
    assert scores.paired == 2
    assert scores.schemes["type_within_overlap"].micro.right == 1


def test_errors_and_duplicates_are_counted() -> None:
    repeated = [GOLD[0].with_spans([*GOLD[0].spans, *GOLD[0].spans[:2]]), *GOLD[1:]]
    scores = score(repeated, PREDICTED)
    assert (scores.duplicates.gold, scores.duplicates.predicted) == (2, 0)
    assert scores.errors == {"missed": 2, "spurious": 1, "wrong boundary": 0, "wrong type": 1, "both": 0}
    assert scores.schemes == score(GOLD, PREDICTED).schemes


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Score(0, 0, 0), (None, None, None)),
        (Score(3, 0, 0), (None, 0.0, 0.0)),
        (Score(0, 3, 0), (0.0, None, 0.0)),
        (Score(2, 2, 2), (1.0, 1.0, 1.0)),
    ],
)
def test_zero_division(found: Score, expected: tuple[float | None, ...]) -> None:
    assert (found.precision, found.recall, found.f1) == expected


def test_nothing_expected_and_nothing_predicted_has_no_f1() -> None:
    found = score([document([])], [document([])]).schemes["strict"]
    assert found.micro.f1 is None
    assert found.micro.interval is None
    assert found.macro.f1 is None
    assert found.languages["en"].f1 is None


def test_interval_holds_f1_and_narrows_with_documents() -> None:
    rng = random.Random(1)

    def width(documents: int) -> float:
        gold = [document([Span.of(0, 2, "A"), Span.of(4, 6, "B")], str(n)) for n in range(documents)]
        predicted = [d.with_spans([span for span in d.spans if rng.random() < 0.7]) for d in gold]
        scores = score_documents(gold, predicted, resamples=300).schemes["strict"]
        for cell in (scores.micro, *scores.types.values()):
            assert cell.f1 is not None
            assert cell.interval is not None
            assert cell.interval[0] < cell.f1 < cell.interval[1]
        assert scores.macro.interval is not None
        low, high = scores.macro.interval
        return high - low

    assert width(400) < 0.5 * width(40)


def test_confidence_and_seed_change_the_interval_only() -> None:
    gold = [document([Span.of(n % 5, 6, "A")], str(n)) for n in range(30)]
    predicted = [d.with_spans([Span.of(0, 6, "A")]) for d in gold]
    wide, narrow, other = (
        score_documents(gold, predicted, confidence=confidence, seed=seed).schemes["strict"].micro
        for confidence, seed in ((0.99, 0), (0.5, 0), (0.5, 1))
    )
    assert counts(wide) == counts(narrow) == counts(other)
    assert wide.interval and narrow.interval and other.interval
    assert wide.interval[0] < narrow.interval[0] < narrow.interval[1] < wide.interval[1]
    assert narrow.interval != other.interval


pairs_of_sides = st.lists(st.tuples(sides, sides, st.sampled_from([EN, DE])), min_size=1, max_size=4)


def corpus(found: list[tuple[list[Span], list[Span], str]]) -> tuple[list[Document], list[Document]]:
    gold = [document(one, str(n), language) for n, (one, _, language) in enumerate(found)]
    return gold, [document(other, str(n), language) for n, (_, other, language) in enumerate(found)]


@given(pairs_of_sides)
def test_micro_counts_are_sums_of_brute_force(found: list[tuple[list[Span], list[Span], str]]) -> None:
    scores = score(*corpus(found))
    for mode in SCHEMES:
        right = sum(BRUTE[mode](one, other) for one, other, _ in found)
        sizes = (sum(len(keys(one)) for one, _, _ in found), sum(len(keys(other)) for _, other, _ in found))
        assert counts(scores.schemes[mode].micro) == (*sizes, right)


@given(pairs_of_sides)
def test_every_group_of_cells_adds_up_to_the_whole(found: list[tuple[list[Span], list[Span], str]]) -> None:
    scores = score(*corpus(found), modes=MODES)
    for scheme in scores.schemes.values():
        for group in (scheme.types, scheme.languages, scheme.shapes):
            assert tuple(map(sum, zip(*map(counts, group.values()), strict=True))) in ((), counts(scheme.micro))


@given(pairs_of_sides, st.data())
def test_no_order_changes_a_score(found: list[tuple[list[Span], list[Span], str]], data: st.DataObject) -> None:
    gold, predicted = corpus(found)
    shuffled = [
        [d.with_spans(data.draw(st.permutations(d.spans))) for d in data.draw(st.permutations(documents))]
        for documents in (gold, predicted)
    ]
    assert score(*shuffled).to_record() == score(gold, predicted).to_record()


@given(pairs_of_sides)
def test_swapping_the_sides_swaps_precision_and_recall(found: list[tuple[list[Span], list[Span], str]]) -> None:
    gold, predicted = corpus(found)
    there, back = score(gold, predicted), score(predicted, gold)
    for mode in SCHEMES:
        one, other = there.schemes[mode], back.schemes[mode]
        cells = [(one.micro, other.micro), *((cell, other.languages[key]) for key, cell in one.languages.items())]
        if mode != "boundary":  # which counts a right prediction under the type of the gold mention
            cells += [(cell, other.types[key]) for key, cell in one.types.items()]
        for cell, swapped in cells:
            assert (cell.precision, cell.recall, cell.f1) == (swapped.recall, swapped.precision, swapped.f1)
            assert cell.interval == swapped.interval


def test_greedy_mode_counts_duplicates_as_given() -> None:
    twice = [document([Span.of(0, 4, "A"), Span.of(0, 4, "A")])]
    scores = score(twice, [document([Span.of(0, 4, "A")])], modes=("strict", "overlap_greedy"))
    assert counts(scores.schemes["strict"].micro) == (1, 1, 1)
    assert counts(scores.schemes["overlap_greedy"].micro) == (2, 1, 1)


def test_record_is_json_and_comes_back() -> None:
    scores = score(GOLD, PREDICTED, modes=MODES)
    record = scores.to_record()
    assert Scores.from_record(json.loads(json.dumps(record, allow_nan=False))) == scores
    assert record["schemes"]["strict"]["micro"]["f1"] == round(2 / 7, 6)
    assert record == score(GOLD, PREDICTED, modes=MODES).to_record()


def test_scores_two_files(tmp_path: Path) -> None:
    write_documents(tmp_path / "gold.jsonl", GOLD)
    write_documents(tmp_path / "predicted.jsonl", PREDICTED[::-1])
    assert score_files(tmp_path / "gold.jsonl", tmp_path / "predicted.jsonl") == score_documents(GOLD, PREDICTED)
    with pytest.raises(DataError, match="no prediction"):
        score_files(tmp_path / "gold.jsonl", _write(tmp_path / "short.jsonl", PREDICTED[:2]))


def _write(path: Path, documents: list[Document]) -> Path:
    write_documents(path, documents)
    return path
