"""The columns of a row: each says what its name says, for any document."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.config import IDENTIFIERS
from bioner.documents import Document, Span
from bioner.errors import DataError
from bioner.validation.rows import INVALID, frame, parse_leniently

TEXT = "The anti-CD28 antibody, 5 mg."
RECORD: dict[str, Any] = {"id": "d", "text": TEXT, "language": "en", "spans": [], "source": "s", "meta": {"k": 1}}


def row(*spans: Span, text: str = TEXT, language: str = "en") -> dict[str, Any]:
    return dict(frame([Document("d", text, language, spans)], ["drug", "gene"], IDENTIFIERS).iloc[0])


def test_counts_words_and_spans() -> None:
    found = row(Span.of(9, 13, "gene", 0.5), Span.of(4, 22, "drug", 1.0))
    assert (found["words"], found["spans"], found["density"], found["mean_score"]) == (9, 2, 2 / 9, 0.75)


def test_a_row_without_spans_has_no_mean_score() -> None:
    found = row()
    assert math.isnan(found["mean_score"])
    assert found["density"] == 0


def test_a_span_without_a_score_counts_as_nought() -> None:
    assert row(Span.of(9, 13, "gene"), Span.of(4, 22, "drug", 0.8))["mean_score"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("start", "end", "off"),
    [(9, 13, 0), (4, 13, 0), (8, 13, 0), (9, 12, 1), (10, 13, 1), (3, 4, 1), (3, 8, 1), (4, 14, 1), (22, 23, 0)],
)
def test_spans_off_words_are_blank_untrimmed_or_within_a_word(start: int, end: int, off: int) -> None:
    assert row(Span.of(start, end, "gene"))["off_words"] == off


def test_every_fragment_has_to_lie_at_words() -> None:
    assert row(Span(((4, 8), (14, 22)), "drug"))["off_words"] == 0
    assert row(Span(((4, 8), (14, 21)), "drug"))["off_words"] == 1


def test_mentions_need_a_letter_or_a_digit() -> None:
    spans = [Span.of(22, 23, "drug"), Span.of(8, 9, "drug"), Span.of(24, 25, "drug")]
    assert row(*spans)["without_letters"] == 2


def test_repeated_spans_share_fragments_and_label() -> None:
    spans = [Span.of(9, 13, "gene", 0.1), Span.of(9, 13, "gene", 0.2), Span.of(9, 13, "drug")]
    assert row(*spans)["repeated"] == 1


@pytest.mark.parametrize(
    ("one", "other", "crossing"),
    [
        (Span.of(4, 13, "gene"), Span.of(9, 22, "gene"), 1),
        (Span.of(9, 22, "gene"), Span.of(4, 13, "gene"), 1),
        (Span.of(4, 13, "gene"), Span.of(9, 22, "drug"), 0),
        (Span.of(4, 22, "gene"), Span.of(9, 13, "gene"), 0),
        (Span.of(4, 22, "gene"), Span.of(4, 13, "gene"), 0),
        (Span.of(4, 22, "gene"), Span.of(14, 22, "gene"), 0),
        (Span.of(4, 8, "gene"), Span.of(8, 13, "gene"), 0),
        (Span.of(4, 13, "gene"), Span(((9, 13), (24, 25)), "gene"), 0),
    ],
)
def test_only_spans_of_one_label_that_each_leave_the_other_cross(one: Span, other: Span, crossing: int) -> None:
    assert row(one, other)["crossing"] == crossing


def test_the_longest_span_counts_words_and_those_it_cuts() -> None:
    assert row(Span.of(4, 22, "drug"), Span.of(9, 13, "gene"))["longest"] == 4
    assert row(Span.of(10, 15, "drug"))["longest"] == 2
    assert row()["longest"] == 0


def test_identifiers_are_counted() -> None:
    assert row(text="Call 212-555-0147 or write to a@example.org.")["identifiers"] == 2


def test_unknown_labels_are_those_outside_the_vocabulary() -> None:
    assert row(Span.of(9, 13, "gene"), Span.of(9, 13, "Gene"))["unknown_labels"] == 1


def test_copies_are_counted_from_the_second_on() -> None:
    texts = ["Aspirin helps.", "aspirin  helps.\n", "Aspirin hurts.", "ASPIRIN HELPS."]
    found = frame([Document(str(n), text, "en") for n, text in enumerate(texts)], [], [])
    assert list(found["earlier_copies"]) == [0, 1, 0, 2]


@pytest.mark.parametrize(
    ("text", "language", "share"),
    [
        ("Aspirin 500 mg.", "en", 1.0),
        ("阿司匹林 100 mg", "en", 1 / 5),
        ("阿司匹林 100 mg", "zh", 4 / 5),
        ("Aspirin 500 mg.", "zh", 0.0),
        ("12 / 34 %", "en", 0.0),
        ("", "zh", 0.0),
        ("β-Blocker bei Herzinsuffizienz", "de", 1.0),
    ],
)
def test_script_share_is_of_the_words_with_letters(text: str, language: str, share: float) -> None:
    assert row(text=text, language=language)["script_share"] == pytest.approx(share)


def test_no_documents_give_an_empty_table_with_all_columns() -> None:
    assert frame([], ["drug"], []).empty
    assert list(frame([], ["drug"], []).columns) == list(frame([Document("d", TEXT, "en")], ["drug"], []).columns)


def test_a_valid_record_is_parsed_as_it_is() -> None:
    record = RECORD | {"spans": [{"fragments": [[9, 13]], "label": "gene", "score": 0.5}]}
    assert parse_leniently(record) == Document.from_record(record)


@pytest.mark.parametrize(
    ("span", "problem"),
    [
        ({"fragments": [[9, 130]], "label": "gene"}, "outside the text"),
        ({"fragments": [[13, 9]], "label": "gene"}, "empty"),
        ({"fragments": [[9, 9]], "label": "gene"}, "empty"),
        ({"fragments": [[-1, 9]], "label": "gene"}, "outside"),
        ({"fragments": [[9, 13], [4, 8]], "label": "gene"}, "precedes"),
        ({"fragments": [], "label": "gene"}, "no fragment"),
        ({"fragments": [[9, 13.0]], "label": "gene"}, "integers"),
        ({"fragments": [[9, 13]], "label": ""}, "no label"),
        ({"fragments": [[9, 13]], "label": "gene", "score": 1.5}, "score"),
        ({"fragments": [[9, 13]], "label": "gene", "score": math.nan}, "score"),
        ({"start": 9, "end": 13}, "needs 'fragments'"),
    ],
)
def test_an_invalid_span_is_set_aside_with_its_problem(span: dict[str, Any], problem: str) -> None:
    good = {"fragments": [[14, 22]], "label": "drug"}
    document = parse_leniently(RECORD | {"spans": [span, good]})
    (invalid,) = document.meta[INVALID]
    assert document.spans == (Span.of(14, 22, "drug"),)
    assert document.meta["k"] == 1
    assert invalid["span"] is span
    assert problem in invalid["problem"]
    assert frame([document], ["drug"], [])["invalid_spans"].item() == 1


@pytest.mark.parametrize("record", [[], {"id": "d"}, RECORD | {"spans": {}}, RECORD | {"more": 1}, RECORD | {"id": 3}])
def test_a_broken_record_stays_an_error(record: Any) -> None:
    with pytest.raises(DataError):
        parse_leniently(record)


@given(
    text=st.text("ab 病,\n\U0001f9ec", min_size=1, max_size=12),
    places=st.lists(st.tuples(st.integers(0, 11), st.integers(1, 12)), max_size=4),
)
def test_off_words_agrees_with_its_definition(text: str, places: list[tuple[int, int]]) -> None:
    spans = [Span.of(start, end, "gene") for start, end in places if start < end <= len(text)]
    found = row(*spans, text=text)
    for span in spans:
        alone = row(span, text=text)
        mention = span.mention(text)
        if not mention.strip() or mention != mention.strip():
            assert alone["off_words"] == 1
    assert found["off_words"] == sum(row(span, text=text)["off_words"] for span in spans)
    assert found["spans"] == len(spans)
