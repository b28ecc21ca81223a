"""Slots are claimed once, given back, and claimed again; no two claims ever share one."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from bioner.tagger.memory import Memory


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 30)), min_size=1, max_size=40))
def test_no_slot_is_held_twice_and_none_is_wasted(steps: list[tuple[int, int]]) -> None:
    memory, held, most = Memory(), list[int](), 0
    for claimed, released in steps:
        slots = memory.claim(claimed)
        assert len(set(slots)) == claimed
        assert not set(slots) & set(held)
        held += slots
        most = max(most, len(held))
        assert max(held) < most
        memory.release(held[:released])
        held = held[released:]
        assert memory.used == len(held)


def test_what_was_written_stays_as_the_room_grows() -> None:
    memory = Memory()
    first = torch.arange(6.0).view(3, 2)
    slots = memory.claim(3)
    memory.write(0, torch.tensor(slots), first, -first)
    more = memory.claim(5000)
    keys, values = memory.write(0, torch.tensor(more), torch.ones(5000, 2), torch.zeros(5000, 2))
    assert torch.equal(keys[list(slots)], first)
    assert torch.equal(values[list(slots)], -first)
    assert torch.equal(keys[list(more)], torch.ones(5000, 2))
