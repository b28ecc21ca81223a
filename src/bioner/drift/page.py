"""A drift check as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from bioner.drift.check import Check, Name
from bioner.pages import templates_of
from bioner.report.charts import share_bar

TITLES: Mapping[Name, str] = {
    "language": "language of sentences",
    "length": "words of a sentence",
    "unknown_words": "unknown words",
    "labels": "mix of entity types",
    "density": "entities per word",
    "confidence": "confidence of entities",
}
_SHOWN = 12  # values of a measure; the JSON has all


def render_page(check: Check) -> str:
    """The page as HTML: it loads nothing, runs no script, and follows the reader's choice of light or dark."""
    environment = templates_of("bioner.drift")
    environment.globals |= {"share_bar": share_bar, "titles": TITLES}
    shown = {measure.name: _most_changed(measure.shares) for measure in check.measures}
    return environment.get_template("drift.html.j2").render(check=check, shown=shown)


def _most_changed(shares: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """The values whose shares differ most, in the order in which they stand."""
    ranked = sorted(shares, key=lambda value: -abs(shares[value][1] - shares[value][0]))[:_SHOWN]
    return {value: both for value, both in shares.items() if value in ranked}
