"""Shards: whatever is cut, each text is in one shard with the key of its record, and chunks stay whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.teacher.chunks import Text, key_of
from bioner.teacher.shards import read_shard, write_shards

TEXTS = st.tuples(st.sampled_from(["en", "zh"]), st.text(st.characters(exclude_categories=["Cs"])))
GROUPS = st.lists(TEXTS, unique=True, max_size=40).flatmap(
    lambda texts: st.lists(st.integers(1, 5), min_size=len(texts), max_size=len(texts)).map(
        lambda sizes: list(_cut(texts, sizes))
    )
)


def _cut(texts: Sequence[Text], sizes: Sequence[int]) -> list[Sequence[Text]]:
    """Groups of these sizes, as far as the texts go."""
    groups, rest = [], list(texts)
    for size in sizes:
        if rest:
            groups.append(rest[:size])
            rest = rest[size:]
    return groups


@settings(max_examples=30)
@given(groups=GROUPS, size=st.integers(1, 12))
def test_nothing_is_lost_or_parted(
    tmp_path_factory: pytest.TempPathFactory, groups: list[Sequence[Text]], size: int
) -> None:
    shards = list(write_shards(tmp_path_factory.mktemp("shards"), iter(groups), key_of, size))
    plans = [read_shard(shard.path) for shard in shards]
    chunks = [chunk for plan in plans for chunk in plan.chunks()]
    assert [list(chunk.texts) for chunk in chunks] == [list(group) for group in groups]
    assert all(chunk.keys == tuple(map(key_of, chunk.texts)) for chunk in chunks)
    assert [shard.texts for shard in shards] == [sum(len(chunk.texts) for chunk in plan.chunks()) for plan in plans]
    assert all(shard.texts >= size for shard in shards[:-1]), "a shard was closed too early"
    assert all(
        shard.texts - len(list(plan.chunks())[-1].texts) < size for shard, plan in zip(shards, plans, strict=True)
    )
    assert all(plan.key(text) == key_of(text) for plan in plans for chunk in plan.chunks() for text in chunk.texts)


def test_a_shard_is_written_when_it_is_drawn(tmp_path: Path) -> None:
    drawn: list[int] = []

    def groups() -> Iterator[Sequence[Text]]:
        for number in range(9):
            drawn.append(number)
            yield [("en", str(number))]

    shards = write_shards(tmp_path, groups(), key_of, 2)
    assert not list(tmp_path.iterdir())
    next(shards)
    assert drawn == [0, 1]
