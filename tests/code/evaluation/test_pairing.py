"""Pairing documents: by id, whatever the order, and refused with the id where they do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from brute_force import document

from bioner.documents import Document, write_documents
from bioner.errors import DataError
from bioner.evaluation.pairing import pair_documents, pool, read_pool

ONE, OTHER = document([], "a"), document([], "b")


def test_pairs_by_id_in_the_order_of_the_ids() -> None:
    pairs = pair_documents([OTHER, ONE], [ONE, OTHER])
    assert [(gold.id, predicted.id) for gold, predicted in pairs] == [("a", "a"), ("b", "b")]


@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        ([], [], "no document to score"),
        ([ONE, OTHER], [ONE], "document 'b' has no prediction"),
        ([ONE], [ONE, OTHER], "document 'b' has no gold document"),
        ([ONE, ONE], [ONE], "id 'a' occurs twice among the gold documents"),
        ([ONE], [ONE, ONE], "id 'a' occurs twice among the predicted documents"),
        ([ONE], [Document("a", "xxxy", "en")], "document 'a' has another text"),
    ],
)
def test_refuses_what_does_not_fit(gold: list[Document], predicted: list[Document], message: str) -> None:
    with pytest.raises(DataError, match=message):
        pair_documents(gold, predicted)


def test_says_where_two_texts_part() -> None:
    with pytest.raises(DataError, match="character 2") as caught:
        pair_documents([Document("a", "abcd", "en")], [Document("a", "abd", "en")])
    assert caught.value.mend


def test_pool_keeps_equal_ids_of_two_files_apart(tmp_path: Path) -> None:
    write_documents(tmp_path / "one.jsonl", [ONE, OTHER])
    write_documents(tmp_path / "another.jsonl", [ONE])
    write_documents(tmp_path / "empty.jsonl", [])
    pooled = read_pool(tmp_path)
    assert [d.id for d in pooled] == ["another/a", "one/a", "one/b"]
    assert pooled == pool({"one": [ONE, OTHER], "another": [ONE]})
    assert len(pair_documents(pooled, pooled)) == 3
