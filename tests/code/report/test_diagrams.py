"""Diagrams: what they draw follows the figures, and their labels are escaped."""

from __future__ import annotations

from html_page import Element, parse
from hypothesis import given
from hypothesis import strategies as st

from bioner.evaluation.reliability import Bin
from bioner.report import diagrams

SHARES = st.floats(0, 1)


def path(svg: Element, name: str) -> list[tuple[float, float]]:
    (line,) = svg.all("polyline", class_=name)
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in line.attributes["points"].split())]


@given(st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=20))
def test_lines_stay_within_their_frame(points: list[tuple[float, float]]) -> None:
    svg = parse(diagrams.lines({"precision": points, "recall": points[::-1]}, "Scores"))
    for name in ("line-0", "line-1"):
        assert all(0 <= x <= 1000 and 0 <= y <= 220 for x, y in path(svg, name))


def test_higher_is_drawn_higher() -> None:
    (low, high) = path(parse(diagrams.lines({"F1": [(0.0, 0.2), (1.0, 0.9)]}, "F1")), "line-0")
    assert (low[0], high[0]) == (0, 1000) and high[1] < low[1]


def test_bin_is_a_dot_with_its_interval() -> None:
    svg = parse(diagrams.reliability([Bin(0.8, 0.9, 40, 30, 0.85), Bin(0.9, 1.0, 10, 10, 0.95)], "Scores"))
    first, second = svg.all("circle")
    assert (first.attributes["cx"], second.attributes["cx"]) == ("85%", "95%")
    assert float(first.attributes["r"]) > float(second.attributes["r"])
    for whisker, dot in zip(svg.all("line", class_="whisker"), (first, second), strict=True):
        assert float(whisker.attributes["y2"]) <= float(dot.attributes["cy"]) <= float(whisker.attributes["y1"])
    assert svg.all("title")[0].text == "40 predictions, mean score 0.85: 0.75 right"


def test_labels_are_escaped() -> None:
    hostile = '"><script>alert(1)</script>'
    for svg in (diagrams.lines({hostile: [(0, 1)]}, hostile), diagrams.reliability([], hostile)):
        page = parse(svg)
        assert not page.all("script") and page.children[0].attributes["aria-label"] == hostile
