"""Acceptance: counted in the random sample alone, by type, with the interval of Wilson."""

from __future__ import annotations

import math

import pytest
from scipy.stats import norm

from bioner.documents import Document, Span
from bioner.review.acceptance import ALL, Acceptance, acceptance
from bioner.review.corrections import Corrected

TEXT = "aspirin for fever and a cold"


def wilson(right: int, total: int) -> tuple[float, float]:
    """The formula as Wilson gave it, with the quantile of scipy."""
    z, p = float(norm.ppf(0.975)), right / total
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    return middle - half, middle + half


@pytest.mark.parametrize(("right", "total"), [(0, 1), (1, 1), (0, 20), (20, 20), (1, 29), (15, 148), (81, 263)])
def test_the_interval_is_that_of_wilson(right: int, total: int) -> None:
    found = Acceptance(right, total, 0).interval()
    assert found == pytest.approx(wilson(right, total), abs=1e-6)


@pytest.mark.parametrize(
    ("right", "total", "expected"),  # Newcombe 1998, table I: method 3
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_the_interval_has_the_published_values(right: int, total: int, expected: tuple[float, float]) -> None:
    assert Acceptance(right, total, 0).interval() == pytest.approx(expected, abs=5e-5)


def test_nothing_shown_is_no_rate() -> None:
    assert Acceptance(0, 0, 3).to_record() == {"accepted": 0, "shown": 0, "added": 3, "rate": None, "interval": None}


def corrected(before: list[Span], after: list[Span], *, random: bool = True, as_shown: bool = True) -> Corrected:
    documents = (Document("d", TEXT, "en", tuple(spans)) for spans in (before, after))
    return Corrected(*documents, random, as_shown)


def test_only_what_was_shown_of_the_random_sample_counts() -> None:
    drug, moved, fever = Span.of(0, 7, "drug", 0.7), Span.of(0, 6, "drug", 1.0), Span.of(12, 17, "disease", 0.9)
    apart = Span(((0, 7), (12, 17)), "disease", 0.9)
    found = acceptance(
        [
            corrected([drug, fever, apart], [drug, apart]),  # one refused; what cannot be shown is no vote
            corrected([drug], [moved, fever]),
            corrected([drug], [], random=False),
            corrected([drug], [], as_shown=False),
        ],
        ["drug", "disease", "gene"],
    )
    assert found["drug"] == Acceptance(accepted=1, shown=2, added=1)
    assert found["disease"] == Acceptance(accepted=0, shown=1, added=1)
    assert found["gene"] == Acceptance(0, 0, 0)
    assert found[ALL] == Acceptance(accepted=1, shown=3, added=2)
    assert found[ALL].rate == pytest.approx(1 / 3, abs=1e-6)
