"""Tests of labels, ids, the development share and limits."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.corpora.splits import divide, limited, to_types, with_unique_ids
from bioner.documents import Document, Span
from bioner.errors import DataError

DOCUMENTS = [Document(f"d{index}", f"text {index}", "en") for index in range(1000)]


def _annotated(*labels: str) -> Document:
    return Document("a", "text", "en", tuple(Span.of(0, 4, label) for label in labels))


def test_labels_are_mapped_and_the_rest_is_counted() -> None:
    (document,), dropped = to_types([_annotated("Disease", "Gene", "Gene")], {"Disease": "disease"}, {"disease"}, "f")
    assert document.spans == (Span.of(0, 4, "disease"),)
    assert dropped == {"Gene": 2}


def test_without_a_map_labels_are_keys() -> None:
    (document,), dropped = to_types([_annotated("disease")], None, {"disease"}, "f")
    assert (document.spans, dropped) == ((Span.of(0, 4, "disease"),), {})


def test_without_a_map_an_unknown_label_is_an_error_with_label_record_and_mend() -> None:
    with pytest.raises(DataError) as caught:
        to_types([_annotated("Disease")], None, ["disease", "gene"], "corpus/train.tsv")
    assert "'Disease'" in caught.value.what
    assert "disease, gene" in caught.value.what
    assert caught.value.where == "corpus/train.tsv, record a"
    assert "`labels`" in caught.value.mend


def test_repeated_ids_are_numbered() -> None:
    documents = [Document(identity, "x", "en") for identity in ("a", "a", "a.2", "b", "a")]
    assert [document.id for document in with_unique_ids(documents)] == ["a", "a.2", "a.2.2", "b", "a.3"]


def test_the_moved_share_is_near_the_fraction_and_depends_on_seed_and_text_alone() -> None:
    stay, move = divide(DOCUMENTS, 0.2, 1)
    assert 150 < len(move) < 250
    assert [document for document in DOCUMENTS if document not in move] == stay
    shuffled = random.Random(1).sample(DOCUMENTS, 500)
    assert {document.id for document in divide(shuffled, 0.2, 1)[1]} == {d.id for d in move} & {d.id for d in shuffled}
    assert divide(DOCUMENTS, 0.2, 2)[1] != move


def test_equal_texts_stay_together() -> None:
    documents = [Document(str(index), f"text {index // 2}", "en") for index in range(200)]
    stay, move = divide(documents, 0.5, 1)
    assert move
    assert not {document.text for document in stay} & {document.text for document in move}


@pytest.mark.parametrize(("fraction", "moved"), [(0.0, 0), (1.0, 1000)])
def test_the_extremes_move_nothing_or_everything(fraction: float, moved: int) -> None:
    assert len(divide(DOCUMENTS, fraction, 1)[1]) == moved


@given(st.integers(1, 30), st.integers(0, 5))
@settings(deadline=None, max_examples=30)
def test_a_limit_keeps_the_order_and_a_larger_one_keeps_what_a_smaller_one_kept(limit: int, seed: int) -> None:
    documents = DOCUMENTS[:25]
    kept = limited(documents, limit, seed)
    assert len(kept) == min(limit, 25)
    assert kept == [document for document in documents if document in kept]
    assert {d.id for d in kept} <= {d.id for d in limited(documents, limit + 1, seed)}


def test_no_limit_keeps_all_and_seeds_differ() -> None:
    assert limited(DOCUMENTS, None, 1) == DOCUMENTS
    assert limited(DOCUMENTS, 10, 1) != limited(DOCUMENTS, 10, 2)
