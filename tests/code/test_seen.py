"""Strings that were met before are known again, the table's growth included, in little memory."""

from __future__ import annotations

import tracemalloc

import pytest

from bioner.documents import Document, read_documents, write_documents
from bioner.seen import Seen


def test_knows_what_it_was_told_and_nothing_else() -> None:
    seen = Seen()
    names = [f"d{number}" for number in range(20_000)]
    assert not any(map(seen.add, names))
    assert all(map(seen.add, names))
    assert not any(map(seen.add, (f"e{number}" for number in range(20_000))))


def test_takes_few_bytes_a_string() -> None:
    tracemalloc.start()
    seen = Seen()
    for number in range(100_000):
        seen.add(str(number))
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 40 * 100_000
    assert most < 60 * 100_000


def test_two_ids_with_one_hash_are_two_ids(tmp_path_factory: pytest.TempPathFactory) -> None:
    class Same(Seen):
        def add(self, value: str) -> bool:
            super().add(value)
            return True

    path = tmp_path_factory.mktemp("seen") / "some.jsonl"
    write_documents(path, [Document("a", "x", "en"), Document("b", "x", "en")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bioner.documents.Seen", Same)
        assert [document.id for document in read_documents(path)] == ["a", "b"]
