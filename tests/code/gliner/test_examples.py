"""Examples hold every span that a window can hold, and count the others by reason."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.documents import Document, Span
from bioner.gliner.examples import CUT, UNKNOWN, make_examples
from bioner.gliner.overlap import Overlap
from bioner.windows import Limits

LIMITS = Limits(words=10, tokens=80, width=4)
WORD = "word "


def _document(number: int, words: int, spans: list[tuple[int, int, str]], **other: Any) -> Document:
    """A text of equal words with spans given as first and last word."""
    placed = [Span.of(first * 5, last * 5 + 4, label) for first, last, label in spans]
    return Document(f"d{number}", WORD * words, **{"language": "en", "source": "corpus", **other}, spans=tuple(placed))


@st.composite
def documents(draw: st.DrawFn) -> list[Document]:
    made = []
    for number in range(draw(st.integers(0, 5))):
        words = draw(st.integers(1, 40))
        spans = draw(
            st.lists(
                st.tuples(st.integers(0, words - 1), st.integers(0, 6), st.sampled_from(["a", "b", "other"])),
                max_size=6,
            )
        )
        placed = [(first, min(words - 1, first + width), label) for first, width, label in spans]
        made.append(_document(number, words, placed, source=draw(st.sampled_from(["one", "two"]))))
    return made


@settings(max_examples=60, deadline=None)
@given(documents())
def test_words_and_spans_are_all_there_or_counted(encoding_once, made) -> None:
    examples = make_examples(made, ("a", "b"), encoding_once, LIMITS)
    spans = {(d.id, s.fragments, s.label) for d in made for s in d.spans}
    repeated = {(d.id, s.fragments, s.label, n) for d in made for n, s in enumerate(d.spans)}
    lost = Counter(examples.lost)
    wide = sum(key[1][0][1] - key[1][0][0] > LIMITS.width * 5 for key in repeated if key[2] != "other")
    assert lost["wider than the window"] == wide
    assert lost[UNKNOWN] == sum(key[2] == "other" for key in repeated)
    narrow = [key for key in spans if key[2] != "other" and key[1][0][1] - key[1][0][0] <= LIMITS.width * 5]
    assert examples.spans + lost[CUT] == len(narrow)
    for group, types in examples.types.items():
        learnt = sum(len(d.text.split()) for d in made if (d.language, d.source) == group)
        assert sum(len(example.words) for example in examples.groups[group]) == learnt
        assert {key for example in examples.groups[group] for _, _, key in example.spans} <= set(types)


def test_lost_spans_are_counted_by_reason(encoding_once) -> None:
    text = "left and right ventricular failure"
    spans = (
        Span(((0, 4), (15, 26)), "a"),
        Span.of(1, 4, "a"),
        Span.of(0, 34, "a"),
        Span.of(27, 34, "b"),
        Span.of(9, 14, "c"),
    )
    examples = make_examples([Document("d", text, "en", spans)], ("a", "b"), encoding_once, LIMITS)
    assert examples.lost == {
        "discontinuous": 1,
        "not at word boundaries": 1,
        "wider than the window": 1,
        CUT: 0,
        UNKNOWN: 1,
    }
    assert examples.types == {("en", ""): ("b",)}


def test_types_are_known_by_language_and_source(encoding_once) -> None:
    made = [
        _document(0, 5, [(0, 1, "a")], source="one"),
        _document(1, 5, [(0, 1, "b")], source="two"),
        _document(2, 5, [(3, 3, "a"), (2, 2, "b")], source="one", language="zh"),
        _document(3, 5, [], source="nothing"),
    ]
    examples = make_examples(made, ("b", "a"), encoding_once, LIMITS)
    assert examples.types == {("en", "one"): ("a",), ("en", "two"): ("b",), ("zh", "one"): ("b", "a")}
    assert ("en", "nothing") not in examples.groups


def test_what_a_document_is_asked_for_in_vain_is_a_type_of_its_group(encoding_once) -> None:
    meta = {"task": "relations", "negatives": ["c", "unknown"]}
    made = [_document(0, 5, [(0, 1, "a")], source="one", meta=meta), _document(1, 5, [], source="two", meta=meta)]
    examples = make_examples(made, ("a", "b", "c"), encoding_once, LIMITS)
    assert examples.types == {("en", "one"): ("a", "c"), ("en", "two"): ("c",)}


def test_how_entities_overlap_is_noticed(encoding_once) -> None:
    document = _document(0, 9, [(0, 3, "a"), (2, 3, "b")])
    assert make_examples([document], ("a", "b"), encoding_once, LIMITS).overlap == Overlap.NESTED
    assert make_examples([document], ("a",), encoding_once, LIMITS).overlap == Overlap.FLAT
