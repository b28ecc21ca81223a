"""Shots: at least k mentions of each type, no sentence too many, and the same ones for the same seed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.documents import Document, Span
from bioner.errors import DataError
from bioner.gliner.shots import mentions, shots

KEYS = ("disease", "drug", "gene")
WORDS = {"disease": "asthma", "drug": "aspirin", "gene": "TP53"}


def document(number: int, *sentences: tuple[str, ...]) -> Document:
    """A text with a sentence for each tuple of types, which are mentioned in it."""
    text, spans = "", []
    for keys in sentences:
        text += "Here"
        for key in keys:
            spans.append(Span.of(len(text) + 1, len(text) + 1 + len(WORDS[key]), key))
            text += f" {WORDS[key]}"
        text += ". "
    return Document(f"d{number}", text.strip(), "en", tuple(spans), "corpus")


corpora = st.lists(
    st.lists(st.lists(st.sampled_from(KEYS), max_size=4).map(tuple), min_size=1, max_size=4), min_size=1, max_size=12
).map(lambda drawn: [document(number, *sentences) for number, sentences in enumerate(drawn)])


@settings(max_examples=80, deadline=None)
@given(corpora, st.integers(1, 5), st.integers(0, 9))
def test_every_type_has_its_mentions_and_no_sentence_is_one_too_many(documents, k, seed) -> None:
    total = mentions(documents, KEYS)
    keys = [key for key in KEYS if total[key]]
    chosen = shots(documents, keys, k, seed)
    wanted = {key: min(k, total[key]) for key in keys}
    found = mentions(chosen, keys)
    assert all(found[key] >= wanted[key] for key in keys)
    for left_out in chosen:
        fewer = mentions([one for one in chosen if one is not left_out], keys)
        assert any(fewer[key] < wanted[key] for key in keys)
    assert chosen == shots(documents, keys, k, seed)
    assert len({one.id for one in chosen}) == len(chosen)


@settings(max_examples=40, deadline=None)
@given(corpora, st.integers(0, 9))
def test_sentences_are_parts_of_their_texts_with_the_same_mentions(documents, seed) -> None:
    keys = [key for key in KEYS if mentions(documents, KEYS)[key]]
    texts = {one.id: one.text for one in documents}
    for sentence in shots(documents, keys, 3, seed):
        assert sentence.text in texts[sentence.id.partition("/")[0]]
        assert sentence.source == "corpus"
        assert all(span.mention(sentence.text) == WORDS[span.label] for span in sentence.spans)


def test_a_frequent_type_stays_within_twice_k_where_it_can() -> None:
    crowded = [document(n, ("disease", *["drug"] * 4)) for n in range(50)]
    plain = [document(50 + n, ("disease", "drug")) for n in range(3)]
    found = mentions(shots(crowded + plain, KEYS[:2], 3, seed=1), KEYS[:2])
    assert found["disease"] == 3
    assert found["drug"] <= 6


def test_another_seed_chooses_other_sentences() -> None:
    documents = [document(n, ("disease",), ("gene",)) for n in range(30)]
    assert shots(documents, ("disease", "gene"), 2, 1) != shots(documents, ("disease", "gene"), 2, 2)


def test_a_rare_type_is_there_with_all_it_has_and_a_missing_one_is_refused() -> None:
    documents = [document(0, ("gene",), ("disease",)), document(1, ("disease",), ("disease",))]
    assert mentions(shots(documents, ("disease", "gene"), 3, 1), KEYS) == {"disease": 3, "drug": 0, "gene": 1}
    with pytest.raises(DataError, match="'drug'"):
        shots(documents, KEYS, 1, 1)


def test_a_mention_over_two_sentences_keeps_them_together() -> None:
    text = "He had Hodgkin. Lymphoma was seen. He slept."
    spans = (Span(((7, 14), (16, 24)), "disease"), Span.of(7, 24, "disease"), Span.of(35, 37, "drug"))
    (chosen,) = shots([Document("d", text, "en", spans)], ("disease",), 1, 1)
    assert chosen.text == text[:34]
    assert chosen.spans == spans[:2]
