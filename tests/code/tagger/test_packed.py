"""A packed pass gives what the model gives for each sequence alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.tagger.memory import Memory
from bioner.tagger.model import TaggerModel
from bioner.tagger.packed import Rows


@pytest.fixture(scope="module")
def plain(tiny_base: Path) -> torch.nn.Module:
    """The tiny base with the attention of transformers."""
    from transformers import AutoModelForCausalLM

    model: torch.nn.Module = AutoModelForCausalLM.from_pretrained(tiny_base).eval()
    return model


def alone(plain: torch.nn.Module, tokens: list[int]) -> torch.Tensor:
    states: torch.Tensor = plain.model(torch.tensor([tokens])).last_hidden_state[0]  # type: ignore[operator, union-attr]
    return states


tokens = st.lists(st.integers(3, 250), min_size=1, max_size=20)
trees = st.tuples(tokens, st.lists(st.tuples(tokens, st.lists(tokens, max_size=3)), min_size=1, max_size=4))
Tree = tuple[list[int], list[tuple[list[int], list[list[int]]]]]


@settings(max_examples=20)
@given(tree=trees)
@torch.inference_mode()
def test_every_branch_is_as_if_it_were_alone(untrained: TaggerModel, plain: torch.nn.Module, tree: Tree) -> None:
    root, sources = tree
    rows = Rows()
    begun = rows.add(root)
    branches = []
    for source, lines in sources:
        past = begun + rows.add(source, begun)
        branches.append((root + source, past[len(root) :], source))
        branches += [(root + source + line, rows.add(line, past), line) for line in lines]
    states = untrained.network.states(rows.build(torch.device("cpu")))
    assert len(states) == len(rows)
    for sequence, slots, own in branches:
        torch.testing.assert_close(states[list(slots)], alone(plain, sequence)[-len(own) :], atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_passes_go_on_from_the_memory(untrained: TaggerModel, plain: torch.nn.Module) -> None:
    memory = Memory()
    sequence = list(range(10, 40))
    begun: tuple[int, ...] = ()
    for part in (sequence[:7], sequence[7:8], sequence[8:]):
        rows = Rows(memory)
        rows.add([5, 6, 7])  # another sequence in between
        begun += rows.add(part, begun)
        states = untrained.network.states(rows.build(torch.device("cpu")))
    torch.testing.assert_close(states[3:], alone(plain, sequence)[8:], atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_slots_that_were_given_back_serve_again(untrained: TaggerModel, plain: torch.nn.Module) -> None:
    memory = Memory()
    kept: tuple[int, ...] = ()
    for part in ([11, 12], [13, 14, 15], [16]):
        rows = Rows(memory)
        given_back = rows.add([9, 9, 9])  # in between, so that the sequence comes to lie in pieces
        kept += rows.add(part, kept)
        states = untrained.network.states(rows.build(torch.device("cpu")))
        memory.release(given_back)
    assert memory.used == 6
    torch.testing.assert_close(states[3:], alone(plain, [11, 12, 13, 14, 15, 16])[5:], atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_a_memory_grows_beyond_its_first_size(untrained: TaggerModel, plain: torch.nn.Module) -> None:
    memory = Memory()
    begun: tuple[int, ...] = ()
    sequence = [3 + number % 200 for number in range(1500)]
    for start in range(0, 1500, 500):
        rows = Rows(memory)
        begun += rows.add(sequence[start : start + 500], begun)
        states = untrained.network.states(rows.build(torch.device("cpu")))
    torch.testing.assert_close(states[-1], alone(plain, sequence)[-1], atol=1e-4, rtol=1e-3)
