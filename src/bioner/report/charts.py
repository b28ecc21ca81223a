"""Charts as inline SVG: no script and no library, sharp at any width, coloured by the page's style sheet.

Lengths along the width are percentages, so that lines and letters keep their size on a narrow screen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from markupsafe import Markup

Point = tuple[float, float]

_HEIGHT = 180.0  # of a curve, in pixels
_GRID = 4  # lines of the grid at most
_POINTS = 500  # of a line at most
_LOG_FROM = 20.0  # ratio of the largest to the smallest value from which an axis is logarithmic
_LEAST = 1e-9  # a difference of values or steps that is drawn


def interval_bar(value: float, interval: tuple[float, float] | None) -> Markup:
    """A value in [0, 1] as a dot on a line that spans its interval; the numbers stand beside it in the page."""
    low, high = interval or (value, value)
    return Markup(
        '<svg class="interval" aria-hidden="true" width="100%" height="10">'
        '<line class="axis" x1="0" x2="100%" y1="5" y2="5"/>'
        '<line class="range" x1="{}%" x2="{}%" y1="5" y2="5"/><circle class="dot" cx="{}%" cy="5" r="3.5"/></svg>'
    ).format(*(number(100 * x) for x in (low, high, value)))


def share_bar(value: float, most: float) -> Markup:
    """A count as a bar, against the largest of its table."""
    width = number(100 * value / most) if most > 0 else "0"
    return Markup(
        '<svg class="share" aria-hidden="true" width="100%" height="10"><rect width="{}%" height="10" rx="2"/></svg>'
    ).format(width)


def stacked_bar(parts: Mapping[str, int], label: str) -> Markup:
    """Counts as parts of one bar; part number n has the class `part-n`."""
    total = sum(parts.values())
    ends = list(accumulate(parts.values(), initial=0))
    rects = [
        Markup('<rect class="part-{}" x="{}%" width="{}%" height="100%"><title>{}: {}</title></rect>').format(
            n, number(100 * ends[n] / total), number(100 * count / total), name, count
        )
        for n, (name, count) in enumerate(parts.items())
        if count
    ]
    spoken = f"{label}: " + ", ".join(f"{count} {name}" for name, count in parts.items())
    return Markup('<svg class="stacked" role="img" aria-label="{}" width="100%" height="14">{}</svg>').format(
        spoken, Markup("").join(rects)
    )


def curve(points: Sequence[Point], label: str) -> Markup:
    """A training curve: every point thin, the running mean thick, on axes from the first step and from zero.

    Where the running mean spans a factor of 20 or more, the vertical axis is logarithmic.

    Args:
        points: `(step, value)` with ascending steps and finite values, at least one.
        label: what a screen reader says.
    """
    smooth = running_mean(points)
    scale = _Scale(points, smooth)
    grid = [
        Markup(
            '<line class="grid" x1="0" x2="100%" y1="{0}" y2="{0}"/><text class="tick" x="-6" y="{1}">{2}</text>'
        ).format(number(scale.down(value)), number(scale.down(value) + 4), f"{value:g}")
        for value in scale.ticks()
    ]
    lines = [
        Markup('<polyline class="{}" points="{}"/>').format(name, _path(scale, line))
        for name, line in (("raw", [points[place] for place in _drawn(len(points))]), ("mean", smooth))
    ]
    return Markup(
        '<svg class="curve" role="img" aria-label="{label}" width="100%" height="{height}">{grid}'
        '<svg viewBox="0 0 1000 {height}" preserveAspectRatio="none" width="100%" height="{height}">{lines}</svg></svg>'
    ).format(label=label, height=number(_HEIGHT), grid=Markup("").join(grid), lines=Markup("").join(lines))


def running_mean(points: Sequence[Point]) -> list[Point]:
    """The mean over a tenth of the points, each time those up to and including the point, where one is drawn."""
    width = max(1, len(points) // 10)
    means = []
    for place in _drawn(len(points)):
        values = [value for _, value in points[max(0, place + 1 - width) : place + 1]]
        means.append((points[place][0], math.fsum(values) / len(values)))
    return means


def _drawn(count: int) -> list[int]:
    """Every n-th place and the last one: more than that cannot be seen."""
    return [*range(0, count - 1, -(-count // _POINTS)), count - 1]


class _Scale:
    """From steps and values to the coordinates of a curve."""

    def __init__(self, points: Sequence[Point], smooth: Sequence[Point]) -> None:
        values = [value for _, value in points]
        means = [value for _, value in smooth]
        self._first, self._last = points[0][0], points[-1][0]
        self._logarithmic = min(*values, *means) > 0 and max(means) >= _LOG_FROM * min(means)
        self._low = min(values) if self._logarithmic else min(0.0, *values)
        self._high = max(values) if self._logarithmic else max(0.0, *values) * 1.05
        if not self._logarithmic and self._high - self._low < _LEAST:
            self._high = self._low + 1.0

    def across(self, step: float) -> float:
        return 1000 * (step - self._first) / max(self._last - self._first, _LEAST)

    def down(self, value: float) -> float:
        low, high, value = (math.log10(x) if self._logarithmic else x for x in (self._low, self._high, value))
        return (_HEIGHT - 1) - (_HEIGHT - 10) * (value - low) / max(high - low, _LEAST)

    def ticks(self) -> list[float]:
        if self._logarithmic:
            lowest, highest = math.floor(math.log10(self._low)), math.ceil(math.log10(self._high))
            powers = range(lowest, highest + 1, -(-(highest - lowest) // (2 * _GRID)))
            steps = (1, 2, 5) if len(powers) <= _GRID else (1,)
            marks = [factor * 10.0**power for power in powers for factor in steps]
            return [mark for mark in marks if self._low <= mark <= self._high]
        rough = (self._high - self._low) / _GRID
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
        count = math.floor(self._high / step)
        return [round(n * step, 12) for n in range(math.ceil(self._low / step), count + 1)]


def _path(scale: _Scale, points: Iterable[Point]) -> str:
    return " ".join(f"{number(scale.across(step))},{number(scale.down(value))}" for step, value in points)


def number(value: float) -> str:
    """A coordinate, short: two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
