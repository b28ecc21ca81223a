"""Charts: what they draw follows the figures, and what they say is escaped."""

from __future__ import annotations

import re

import pytest
from html_page import parse
from hypothesis import given
from hypothesis import strategies as st

from bioner.report import charts

VALUES = st.floats(-1e6, 1e6, allow_nan=False)


def path(svg: str, name: str) -> list[tuple[float, float]]:
    (line,) = parse(svg).all("polyline", class_=name)
    pairs = (pair.split(",") for pair in line.attributes["points"].split())
    return [(float(x), float(y)) for x, y in pairs]


def test_interval_is_drawn_from_end_to_end() -> None:
    svg = parse(charts.interval_bar(0.5, (0.25, 0.625)))
    (line,), (dot,) = svg.all("line", class_="range"), svg.all("circle")
    assert (line.attributes["x1"], line.attributes["x2"], dot.attributes["cx"]) == ("25%", "62.5%", "50%")


def test_stacked_bar_fills_its_width_and_says_its_parts() -> None:
    svg = parse(charts.stacked_bar({"missed": 3, "spurious": 0, "wrong type": 1}, "Errors")).children[0]
    rects = svg.all("rect")
    assert [r.attributes["width"] for r in rects] == ["75%", "25%"]
    assert svg.attributes["aria-label"] == "Errors: 3 missed, 0 spurious, 1 wrong type"


def test_share_is_against_the_largest() -> None:
    assert 'width="50%" height' in charts.share_bar(2, 4)
    assert 'width="0%" height' in charts.share_bar(0, 0)


def test_running_mean_is_over_a_tenth_of_the_points() -> None:
    points = [(float(n), float(n % 2)) for n in range(20)]
    assert charts.running_mean(points)[0] == (0.0, 0.0)
    assert {value for _, value in charts.running_mean(points)[1:]} == {0.5}


def test_falling_loss_is_drawn_falling_from_edge_to_edge() -> None:
    line = path(charts.curve([(0, 4.0), (1, 3.0), (2, 1.0)], "Loss"), "raw")
    assert [x for x, _ in line] == [0, 500, 1000]
    assert line[0][1] < line[1][1] < line[2][1]


@given(st.lists(VALUES, min_size=1, max_size=25))
def test_any_curve_stays_within_its_frame(values: list[float]) -> None:
    svg = charts.curve(list(enumerate(values)), "Loss")
    for name in ("raw", "mean"):
        assert all(0 <= x <= 1000 and -1 <= y <= 181 for x, y in path(svg, name))


@given(st.lists(st.floats(1e-9, 1e9), min_size=2, max_size=25))
def test_axis_has_a_few_ascending_labels(values: list[float]) -> None:
    labels = [float(tick.text) for tick in parse(charts.curve(list(enumerate(values)), "Loss")).all("text")]
    assert 1 <= len(labels) <= 13
    assert labels == sorted(set(labels))


def test_wide_range_gets_a_logarithmic_axis() -> None:
    falling = [(n, 300 * 0.9**n) for n in range(60)]
    labels = [tick.text for tick in parse(charts.curve(falling, "Loss")).all("text")]
    assert labels == ["1", "10", "100"]


def test_long_training_is_thinned_to_what_can_be_seen() -> None:
    line = path(charts.curve([(n, 1.0) for n in range(10_000)], "Loss"), "raw")
    assert len(line) <= 501 and line[-1][0] == 1000


@pytest.mark.parametrize("hostile", ['"><script>alert(1)</script>', "a & b < c"])
def test_labels_are_escaped(hostile: str) -> None:
    for svg in (charts.curve([(0, 1.0)], hostile), charts.stacked_bar({"missed": 1}, hostile)):
        page = parse(svg)
        assert not page.all("script")
        assert hostile in page.children[0].attributes["aria-label"]
    assert not re.search("<script", charts.stacked_bar({"<script>": 1}, "Errors"))
