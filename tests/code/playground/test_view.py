"""What the page shows: nested mentions in lanes of their own, tags for each, and what two sides do not share."""

from __future__ import annotations

from bioner.documents import Document, Span
from bioner.playground.view import COLOURS, differences, stretches

TEXT = "acute lung injury in 😀 patients"
LABELS = {"disease": "disease", "organ": "Organ", "drug": "drug"}
FIRST = Document("d", TEXT, "en", (Span.of(0, 17, "disease", 0.9), Span.of(6, 10, "organ", 0.456)))
SECOND = FIRST.with_spans((Span.of(6, 17, "disease", 0.8), Span.of(6, 10, "drug", 0.3), Span.of(23, 31, "organ")))


def test_nested_mentions_have_lanes_of_their_own_and_the_text_stays_whole() -> None:
    found = stretches(FIRST, LABELS)
    assert "".join(one.piece.text for one in found) == TEXT
    tags = [tag for one in found for tag in one.tags]
    assert {(tag.words, tag.label, tag.score, tag.number, tag.colour, tag.lone) for tag in tags} == {
        ("acute lung injury", "disease", 0.9, 0, 0, False),
        ("lung", "Organ", 0.456, 1, 1, False),
    }
    assert {tag.lane for tag in tags} == {0, 1}
    styles = [one.style for one in found]
    assert all(("type-0-bar" in style) == (place < 3) for place, style in enumerate(styles))
    assert ["type-1-bar" in style for style in styles] == [False, True, False, False]


def test_a_long_text_is_shown_whole() -> None:
    document = Document("d", "word " * 1000, "en", (Span.of(0, 4, "drug"),))
    assert "".join(one.piece.text for one in stretches(document, LABELS)) == document.text


def test_what_only_one_side_has_is_marked_and_drawn_thicker() -> None:
    alone, beside = (
        [tag for one in stretches(FIRST, LABELS, other) for tag in one.tags]
        for other in (FIRST, FIRST.with_spans(FIRST.spans[:1]))
    )
    assert not any(tag.lone for tag in alone)
    assert {tag.label for tag in beside if tag.lone} == {"Organ"}
    assert stretches(FIRST, LABELS, FIRST)[1].style != stretches(FIRST, LABELS)[1].style


def test_equal_mentions_are_shown_once_and_colours_begin_again() -> None:
    twice = FIRST.with_spans((Span.of(0, 5, "last", 0.5), Span.of(0, 5, "last", 0.5)))
    labels = {label: label for label in (*(f"type {number}" for number in range(COLOURS)), "last")}
    (tag,) = (tag for one in stretches(twice, labels) for tag in one.tags)
    assert tag.colour == 0


def test_differences_say_what_each_side_has() -> None:
    found = differences(FIRST, SECOND, LABELS)
    assert found.shared == 0
    said = [(one.kind, one.first and one.first.words, one.second and one.second.words) for one in found.found]
    assert said == [
        ("wrong boundary", "acute lung injury", "lung injury"),
        ("wrong type", "lung", "lung"),
        ("spurious", None, "patients"),
    ]
    assert dict(found.counts) == {"spurious": 1, "wrong boundary": 1, "wrong type": 1}
    assert differences(FIRST, FIRST, LABELS).found == ()
    assert differences(FIRST, FIRST, LABELS).shared == 2
