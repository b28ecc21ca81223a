"""Agreement is the share of the samples that hold a span; what a majority holds never crosses; settings are checked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.errors import ConfigError
from bioner.tagger.lines import Tagged
from bioner.tagger.reading import agreed
from bioner.tagger.sampling import Sampling
from bioner.tagger.symbols import Extent, encode

extents = st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] <= pair[1])


def crossing(one: Extent, other: Extent) -> bool:
    return one[0] < other[0] <= one[1] < other[1] or other[0] < one[0] <= other[1] < one[1]


@st.composite
def nested(draw: st.DrawFn) -> tuple[Extent, ...]:
    kept: list[Extent] = []
    for extent in draw(st.lists(extents, max_size=5)):
        if extent not in kept and not any(crossing(extent, other) for other in kept):
            kept.append(extent)
    return tuple(kept)


def line(held: tuple[Extent, ...], copies: int = 1) -> Tagged:
    items = encode(held)
    return Tagged(items, (1.0,) * len(items), copies)


@given(st.lists(st.tuples(nested(), st.integers(1, 4)), min_size=1, max_size=6))
def test_agreement_is_a_share_of_the_samples(samples: list[tuple[tuple[Extent, ...], int]]) -> None:
    lines = [line(held, copies) for held, copies in samples]
    every = [held for held, copies in samples for _ in range(copies)]
    found = agreed(lines, 0.0)
    assert found == {e: (sum(e in held for held in every) / len(every),) for held in every for e in held}
    majority = [extent for extent, (share,) in found.items() if share > 0.5]
    assert list(agreed(lines, 0.5)) == majority
    assert not any(crossing(one, other) for one in majority for other in majority)


def test_chances_depend_on_seed_text_and_type_alone() -> None:
    def drawn(seed: int, source: tuple[int, ...], header: tuple[int, ...], copies: tuple[int, ...]) -> np.ndarray:
        return Sampling(4, seed=seed).chances(source, header).at(70, copies)

    first = drawn(1, (5, 6), (7,), (0, 1, 2, 3))
    assert np.array_equal(drawn(1, (5, 6), (7,), (2, 0)), first[[2, 0]])
    others = [
        drawn(2, (5, 6), (7,), (0, 1, 2, 3)),
        drawn(1, (5,), (7,), (0, 1, 2, 3)),
        drawn(1, (5, 6), (8,), (0, 1, 2, 3)),
    ]
    assert not any(np.array_equal(first, other) for other in others)


@pytest.mark.parametrize("wrong", [{"copies": 0}, {"temperature": 0.0}, {"agreement": 1.0}, {"agreement": -0.1}])
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        Sampling(**({"copies": 4} | wrong))  # type: ignore[arg-type]
