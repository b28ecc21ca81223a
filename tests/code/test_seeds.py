"""Seeds: the parts of a computation repeat, and do not depend on each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bioner.seeds import derive, generator, seed_torch


def test_a_seed_is_the_same_on_every_machine() -> None:
    assert derive(13, "curate") == 0x2E891574
    assert derive(13, "a", "b") != derive(13, "ab")


@given(st.integers(0, 2**31), st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1))
def test_a_seed_fits_every_library_and_depends_on_all_it_is_made_of(seed: int, names: list[str]) -> None:
    assert 0 <= derive(seed, *names) < 2**32
    assert derive(seed, *names) == derive(seed, *names)
    assert len({derive(seed, *names), derive(seed + 1, *names), derive(seed, *names, "more")}) == 3


def test_generators_of_two_parts_do_not_disturb_each_other() -> None:
    alone = [generator(1, "a").random() for _ in range(1)]
    first, other = generator(1, "a"), generator(1, "b")
    other.random()
    assert [first.random()] == alone


def test_torch_repeats() -> None:
    import torch

    draws = []
    for _ in range(2):
        seed_torch(5, 1)
        draws.append(torch.rand(4))
    assert torch.equal(*draws)
    assert torch.get_num_threads() == 1
