"""The parting of texts: each once where batches decide, stable under small changes; else as they come."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Document
from bioner.teacher.chunks import Chunk, apart, documents_of, key_of, together

TEXTS = st.lists(st.tuples(st.sampled_from(["en", "zh"]), st.text(max_size=8)), max_size=40)


def documents(texts: list[tuple[str, str]]) -> list[Document]:
    return [Document(str(number), text, language) for number, (language, text) in enumerate(texts)]


def chunks(texts: list[tuple[str, str]], size: int, teacher: str = "teacher") -> list[Chunk]:
    return list(together(documents(texts), size, teacher).chunks())


def keys(texts: list[tuple[str, str]], size: int, teacher: str = "teacher") -> set[tuple[bytes, ...]]:
    return {chunk.keys for chunk in chunks(texts, size, teacher)}


@given(texts=TEXTS, size=st.integers(1, 8))
def test_every_distinct_text_is_in_one_chunk(texts: list[tuple[str, str]], size: int) -> None:
    parted = chunks(texts, size)
    placed = [text for chunk in parted for text in chunk.texts]
    assert sorted(placed) == sorted(set(texts))
    assert all(1 <= len(chunk.texts) <= size for chunk in parted)


@given(texts=TEXTS, size=st.integers(1, 8))
def test_every_text_has_a_key_of_its_own(texts: list[tuple[str, str]], size: int) -> None:
    plan = together(documents(texts), size, "teacher")
    named = {text: key for chunk in plan.chunks() for text, key in zip(chunk.texts, chunk.keys, strict=True)}
    assert {text: plan.key(text) for text in texts} == named
    assert len(set(named.values())) == len(set(texts))


@given(texts=TEXTS, size=st.integers(1, 8), seed=st.integers(0, 99))
def test_the_order_of_the_documents_does_not_matter(texts: list[tuple[str, str]], size: int, seed: int) -> None:
    shuffled = random.Random(seed).sample(texts, len(texts))
    assert chunks(texts, size) == chunks(shuffled, size)


@given(texts=TEXTS.filter(bool))
def test_another_teacher_has_other_keys(texts: list[tuple[str, str]]) -> None:
    assert not keys(texts, 4, "mine") & keys(texts, 4, "other")


def test_in_other_company_a_text_is_another_record() -> None:
    text = ("en", "a text")
    alone, together_with = (together(documents(texts), 4, "t") for texts in ([text], [text, ("en", "a tale")]))
    assert alone.key(text) != together_with.key(text)


def test_a_model_is_told_texts_and_nothing_else() -> None:
    given_document = Document("id", "Aspirin.", "en", source="here", meta={"answer": 42})
    (chunk,) = together([given_document], 4, "teacher").chunks()
    assert documents_of(chunk.texts) == [Document("0", "Aspirin.", "en")]


def test_one_more_text_leaves_most_chunks_as_they_were() -> None:
    texts = [("en", f"{number} patients with {number * 7919 % 1000} lesions") for number in range(1000)]
    before, after = keys(texts, 16), keys([*texts, ("en", "a new text in the midst")], 16)
    assert len(before - after) <= 5, f"{len(before - after)} of {len(before)} chunks would be annotated again"


def test_chunks_are_reasonably_full() -> None:
    texts = [("en", f"sentence {number}") for number in range(2000)]
    assert 15 <= len(texts) / len(chunks(texts, 32)) <= 32


@given(texts=TEXTS, size=st.integers(1, 8))
def test_apart_texts_come_in_their_order_as_often_as_asked(texts: list[tuple[str, str]], size: int) -> None:
    plan = apart(lambda: iter(documents(texts)), size, lambda text: key_of(["mine", text]))
    for _ in range(2):
        parted = list(plan.chunks())
        assert [text for chunk in parted for text in chunk.texts] == texts
        assert [key for chunk in parted for key in chunk.keys] == [key_of(["mine", text]) for text in texts]
        assert all(len(chunk.texts) <= size for chunk in parted)
