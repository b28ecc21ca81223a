"""The partition: every distinct text once, bounded, whatever the order, and stable under small changes."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Document
from bioner.teacher.chunks import documents_of, partition

TEXTS = st.lists(st.tuples(st.sampled_from(["en", "zh"]), st.text(max_size=8)), max_size=40)


def documents(texts: list[tuple[str, str]]) -> list[Document]:
    return [Document(str(number), text, language) for number, (language, text) in enumerate(texts)]


@given(texts=TEXTS, size=st.integers(1, 8))
def test_every_distinct_text_is_in_one_chunk(texts: list[tuple[str, str]], size: int) -> None:
    chunks = partition(documents(texts), size, "teacher")
    placed = [text for chunk in chunks for text in chunk.texts]
    assert sorted(placed) == sorted(set(texts))
    assert all(1 <= len(chunk.texts) <= size for chunk in chunks)


@given(texts=TEXTS, size=st.integers(1, 8), seed=st.integers(0, 99))
def test_the_order_of_the_documents_does_not_matter(texts: list[tuple[str, str]], size: int, seed: int) -> None:
    shuffled = random.Random(seed).sample(texts, len(texts))
    assert partition(documents(texts), size, "teacher") == partition(documents(shuffled), size, "teacher")


@given(texts=TEXTS.filter(bool))
def test_another_teacher_has_other_keys(texts: list[tuple[str, str]]) -> None:
    mine, other = (partition(documents(texts), 4, teacher) for teacher in ("mine", "other"))
    assert not {chunk.key for chunk in mine} & {chunk.key for chunk in other}


def test_a_model_is_told_texts_and_nothing_else() -> None:
    given_document = Document("id", "Aspirin.", "en", source="here", meta={"answer": 42})
    (chunk,) = partition([given_document], 4, "teacher")
    assert documents_of(chunk.texts) == [Document("0", "Aspirin.", "en")]


def test_one_more_text_leaves_most_chunks_as_they_were() -> None:
    texts = [("en", f"{number} patients with {number * 7919 % 1000} lesions") for number in range(1000)]
    before = {chunk.key for chunk in partition(documents(texts), 16, "teacher")}
    after = {chunk.key for chunk in partition(documents([*texts, ("en", "a new text in the midst")]), 16, "teacher")}
    assert len(before - after) <= 5, f"{len(before - after)} of {len(before)} chunks would be annotated again"


def test_chunks_are_reasonably_full() -> None:
    texts = [("en", f"sentence {number}") for number in range(2000)]
    chunks = partition(documents(texts), 32, "teacher")
    assert 15 <= len(texts) / len(chunks) <= 32
