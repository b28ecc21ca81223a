"""Diagrams over the unit square as inline SVG: lines over a threshold, and how often scores are right.

Lengths along the width are percentages, as in `charts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from bioner.evaluation.reliability import Bin
from bioner.report.charts import Point, number

_HEIGHT = 220.0  # of a diagram, in pixels
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_SMALLEST, _LARGEST = 3.0, 8.0  # radius of a dot, by its predictions


def lines(series: Mapping[str, Sequence[Point]], label: str) -> Markup:
    """Several lines of points in [0, 1]; line number n has the class `line-n`.

    Args:
        series: name -> points with ascending first coordinate.
        label: what a screen reader says.
    """
    drawn = [
        Markup('<polyline class="line-{}" points="{}"><title>{}</title></polyline>').format(
            n, " ".join(f"{number(1000 * x)},{number(_down(y))}" for x, y in points), name
        )
        for n, (name, points) in enumerate(series.items())
    ]
    inner = Markup(
        '<svg viewBox="0 0 1000 {height}" preserveAspectRatio="none" width="100%" height="{height}">{lines}</svg>'
    ).format(height=number(_HEIGHT), lines=Markup("").join(drawn))
    return _framed(inner, label)


def reliability(bins: Sequence[Bin], label: str) -> Markup:
    """Dots of mean score and share of right predictions, with intervals; on the dashed line both are equal.

    The area of a dot grows with the predictions in its bin.
    """
    most = max((one.predicted for one in bins), default=1)
    diagonal = Markup('<line class="ideal" x1="0" y1="{}" x2="100%" y2="{}"/>').format(
        number(_down(0.0)), number(_down(1.0))
    )
    return _framed(diagonal + Markup("").join(_dot(one, most) for one in bins), label)


def _dot(one: Bin, most: int) -> Markup:
    low, high = one.interval()
    radius = _SMALLEST + (_LARGEST - _SMALLEST) * (one.predicted / most) ** 0.5
    return Markup(
        "<g><title>{count} predictions, mean score {score}: {rate} right</title>"
        '<line class="whisker" x1="{x}%" x2="{x}%" y1="{low}" y2="{high}"/>'
        '<circle class="dot" cx="{x}%" cy="{y}" r="{radius}"/></g>'
    ).format(
        count=one.predicted,
        score=f"{one.score:.2f}",
        rate=f"{one.rate:.2f}",
        x=number(100 * one.score),
        low=number(_down(low)),
        high=number(_down(high)),
        y=number(_down(one.rate)),
        radius=number(radius),
    )


def _framed(inner: Markup, label: str) -> Markup:
    """Inside a frame with a grid and the labels of the vertical axis; those of the other axis stand in the page."""
    grid = [
        Markup(
            '<line class="grid" x1="0" x2="100%" y1="{0}" y2="{0}"/><text class="tick" x="-6" y="{1}">{2}</text>'
        ).format(number(_down(tick)), number(_down(tick) + 4), f"{tick:g}")
        for tick in _TICKS
    ]
    return Markup(
        '<svg class="curve diagram" role="img" aria-label="{label}" width="100%" height="{height}">{grid}{inner}</svg>'
    ).format(label=label, height=number(_HEIGHT), grid=Markup("").join(grid), inner=inner)


def _down(value: float) -> float:
    """From a share to pixels below the upper edge."""
    return (_HEIGHT - 1) - (_HEIGHT - 10) * value
