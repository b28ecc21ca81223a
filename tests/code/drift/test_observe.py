"""What is counted of a document, and how documents are drawn."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Document, Span
from bioner.drift.draw import draw
from bioner.drift.observe import language_mark, observe, observe_all
from bioner.words import Words


@pytest.mark.parametrize(
    ("sentence", "mark"),
    [
        ("The patient was given aspirin for the pain.", "en"),
        ("Der Patient erhielt wegen starker Schmerzen eine Infusion.", "Latin"),
        ("患者因胸痛入院，予 aspirin 治疗。", "zh"),
        ("Пациенту назначили аспирин.", "Cyrillic"),
        ("12.5 / 37", "no letters"),
    ],
)
def test_the_language_of_a_sentence(sentence: str, mark: str) -> None:
    assert language_mark([word.casefold() for word in Words.of(sentence).texts(sentence)]) == mark


def test_entities_are_counted_in_the_sentence_where_they_begin() -> None:
    text = "Aspirin was given. The pain eased, and nothing else was found."
    spans = (Span.of(0, 7, "drug", 0.9), Span.of(23, 27, "symptom", 0.7))
    seen = observe(Document("d", text, "en", spans))
    assert seen.lengths == (4, 10)
    assert seen.densities == (1 / 4, 1 / 10)
    assert seen.labels == ("drug", "symptom")
    assert seen.scores == (0.9, 0.7)
    assert seen.words[:3] == ("aspirin", "was", "given")


def test_sentences_of_one_text_count_as_one_document() -> None:
    cut = [Document(f"a/{n}", f"Sentence {n}.", "en", (), "a", {"document": "x"}) for n in range(2)]
    other = Document("x", "Not of the same corpus.", "en", (), "b")
    first, second = observe_all([cut[0], other, cut[1]])
    assert (first.words, first.lengths, len(first.languages)) == (("sentence", "sentence"), (3, 3), 2)
    assert second == observe(other)


@given(st.text(max_size=60))
def test_any_text_can_be_counted(text: str) -> None:
    seen = observe(Document("d", text, "en"))
    assert len(seen.languages) == len(seen.lengths) == len(seen.densities)


def test_every_document_is_drawn_as_often_and_blank_ones_never() -> None:
    stream = [Document(str(number), " " if number % 5 == 0 else "x", "en") for number in range(25)]
    counts: Counter[str] = Counter()
    for seed in range(2000):
        drawn, seen = draw(stream, 5, random.Random(seed))
        assert (len(drawn), seen) == (5, 20)
        counts.update(document.id for document in drawn)
    assert set(counts) == {document.id for document in stream if document.text.strip()}
    assert max(abs(count - 500) for count in counts.values()) < 100  # five standard deviations
    assert len(draw(stream, 99, random.Random(0))[0]) == 20
