"""How often a check of drift raises an alarm where there is none: text that is compared with text of the same origin.

By default the training text of the sample, in both languages; `--text` takes other files of documents. Each check draws
new text twice: a part of it (the rest is the reference), and as many of all documents with replacement.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bioner.config import Drift
from bioner.documents import Document, read_documents
from bioner.drift.check import Material, Measured, measure
from bioner.drift.observe import observe_all
from bioner.files import write_json

_SAMPLE = [Path(__file__).parents[1] / f"data/sample/{language}/train.jsonl" for language in ("en", "zh")]
_LEVELS = (0.05, 0.01, 0.001)


@dataclass(frozen=True, slots=True)
class Rates:
    """What came of checks of equal text.

    Attributes:
        alarms: checks with an alarm, at the defaults.
        significant: level -> share of checks with a measure that is significant at it, whatever its effect.
    """

    text: str
    new: str
    checks: int
    alarms: int
    significant: dict[float, float]


def main() -> None:
    """Check and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, nargs="+", default=_SAMPLE, metavar="FILE")
    parser.add_argument("--checks", type=int, default=200)
    parser.add_argument("--share", type=float, default=0.3, help="of the documents that are the new text")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    found = [rates for file in chosen.text for rates in rates_of(file, chosen.checks, chosen.share)]
    table = Table("text", "new text", "checks", "alarms", *(f"p <= {level}" for level in _LEVELS), box=None)
    for rates in found:
        shares = (f"{share:.3f}" for share in rates.significant.values())
        table.add_row(rates.text.removesuffix(".jsonl"), rates.new, str(rates.checks), str(rates.alarms), *shares)
    Console().print(table)
    if chosen.json:
        write_json(chosen.json, [asdict(rates) for rates in found])


def rates_of(file: Path, checks: int, share: float) -> Iterator[Rates]:
    """The rates of a file, for both ways of drawing the new text from it."""
    text, settings = list(read_documents(file)), Drift()
    count = round(share * len(text))
    found: dict[str, list[tuple[Measured, ...]]] = {"a part": [], "resample": []}
    for seed in range(checks):
        chance = random.Random(seed)
        drawn = chance.sample(text, len(text))
        again = [replace(document, id=str(number)) for number, document in enumerate(chance.choices(text, k=count))]
        found["a part"].append(_check(drawn[count:], drawn[:count], settings, seed))
        found["resample"].append(_check(drawn, again, settings, seed))
    for new, measured in found.items():
        alarms = sum(any(one.alarm for one in check) for check in measured)
        least = [min(one.corrected for one in check) for check in measured]
        significant = {level: sum(p <= level for p in least) / checks for level in _LEVELS}
        yield Rates("/".join(file.parts[-2:]), new, checks, alarms, significant)


def _check(reference: Sequence[Document], new: Sequence[Document], settings: Drift, seed: int) -> tuple[Measured, ...]:
    """The measures; the spans are those of the gold annotation, which has no confidence."""
    observed, counted = observe_all(reference), observe_all(new)
    half = len(observed) // 2
    material = Material(observed[:half], observed[half:], counted, observed[half:], counted)
    return measure(material, settings, seed)[0]


if __name__ == "__main__":
    main()
