"""The scores of a card: overall, by language, type, shape and corpus, and what was missed most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bioner.cards.facts import Facts
from bioner.cards.markdown import MISSING, listed, number, shown, table

_HEAD = ("", "mentions", "precision", "recall", "strict F1", "interval", "overlap F1")
_GROUPS = {"languages": "language", "types": "type", "shapes": "shape"}
_WEAKEST = 5  # types that are named


def scores(facts: Facts) -> list[str]:
    """The section on scores."""
    found = facts.evaluation.get("scores")
    if not found:
        return ["The evaluation was not kept with this version.", ""]
    confidence = f"{found['confidence']:.0%}"
    lines = [
        f"On {found['documents']} test documents. Strict: type and boundaries are right. Overlap: type is right and",
        f"characters are shared. Intervals ({confidence}) are of strict F1, by bootstrap over documents.",
        "",
    ]
    lines += table(_HEAD, _rows(found["schemes"]))
    corpora = facts.evaluation.get("corpora", {})
    rows = [_row(f"corpus {shown(name)}", part["schemes"], ("micro",)) for name, part in sorted(corpora.items())]
    return lines + (table(_HEAD, rows) if rows else [])


def missed(facts: Facts) -> list[str]:
    """What the model missed most, by type, and how it was wrong."""
    found = facts.evaluation.get("scores")
    if not found:
        return []
    types = found["schemes"]["strict"]["types"]
    asked = {key: score for key, score in types.items() if score["gold"]}
    weakest = sorted(asked, key=lambda key: (asked[key]["recall"], -asked[key]["gold"], key))[:_WEAKEST]
    lines = [f"{shown(key)}: found {asked[key]['right']} of {asked[key]['gold']}" for key in weakest]
    untested = [shown(key) for key in facts.manifest.get("types", {}) if key not in asked]
    if untested:
        lines.append(f"never tested, since no test document has any: {', '.join(untested)}")
    errors = ", ".join(f"{shown(kind)} {count}" for kind, count in found.get("errors", {}).items())
    return ["Missed most:", "", *listed(lines), f"Errors by kind: {errors or MISSING}.", ""]


def _rows(schemes: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    yield _row("all", schemes, ("micro",))
    for group, name in _GROUPS.items():
        for key in schemes["strict"].get(group, {}):
            yield _row(f"{name} {shown(key)}", schemes, (group, key))


def _row(title: str, schemes: Mapping[str, Any], path: tuple[str, ...]) -> tuple[str, ...]:
    strict, overlap = _at(schemes["strict"], path), _at(schemes.get("overlap", {}), path)
    low, high = strict.get("interval") or (None, None)
    interval = MISSING if low is None else f"{low:.3f} to {high:.3f}"
    figures = (number(strict.get(key)) for key in ("precision", "recall", "f1"))
    return title, str(strict.get("gold", MISSING)), *figures, interval, number(overlap.get("f1"))


def _at(value: Any, path: tuple[str, ...]) -> Mapping[str, Any]:
    for key in path:
        value = value.get(key, {})
    return value if isinstance(value, Mapping) else {}
