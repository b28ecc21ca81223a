"""The data of a card: corpora with their licences, and how synthetic annotations were made and judged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bioner.cards.facts import Facts
from bioner.cards.markdown import MISSING, listed, number, shown, table

_HEAD = ("corpus", "language", "used for", "licence", "source", "citation", "MD5")


def corpora(facts: Facts) -> list[str]:
    """The section on data."""
    if not facts.chain.corpora:
        return ["What it was trained on was not kept.", ""]
    rows = [
        tuple(map(shown, (c.name, c.language, _uses(facts, c.name), c.licence, c.source, c.citation, c.file.hash)))
        for c in facts.chain.corpora
    ]
    lines = table(_HEAD, rows)
    invented = [c.name for c in facts.chain.corpora if facts.section("corpora", c.name).get("demonstration")]
    if invented:
        names = ", ".join(map(shown, invented))
        lines += [f"For demonstration, so that scores on them say nothing about real text: {names}.", ""]
    return lines


def _uses(facts: Facts, corpus: str) -> str:
    entry = facts.section("corpora", corpus)
    splits = list(entry.get("splits", {}))
    if "train" in splits and "dev" not in splits and entry.get("dev_fraction"):
        splits.append("dev")
    return ", ".join(splits) + (", held out of training" if entry.get("held_out") else "")


def synthetic(facts: Facts) -> list[str]:
    """The section on what a teacher wrote."""
    if not facts.synthetic:
        return ["None: no stage behind this model reads annotations of a teacher.", ""]
    return [*listed([*_teacher(facts.teacher), *_gate(facts.validation), _people(facts.review)])]


def _teacher(teacher: Mapping[str, Any]) -> list[str]:
    if not teacher:
        return [f"teacher: {MISSING}"]
    sampling = json.dumps(teacher.get("sampling", {}), sort_keys=True, ensure_ascii=False)
    return [
        f"teacher: {shown(teacher.get('model', ''))} (backend {shown(teacher.get('backend', ''))})",
        f"began as: {shown(teacher.get('base', ''))}",
        f"SHA-256 of its prompts: {shown(teacher.get('prompt', ''))}",
        f"sampling: {shown(sampling)}",
    ]


def _gate(validation: Mapping[str, Any]) -> list[str]:
    if not validation:
        return [f"validation: {MISSING}"]
    verdict = "passed" if validation.get("passed") else "refused by"
    counts = ", ".join(f"{validation.get(key, MISSING)} {key}" for key in ("documents", "accepted", "quarantined"))
    reasons = ", ".join(f"{shown(name)} {count}" for name, count in validation.get("reasons", {}).items() if count)
    lines = [f"validation: {verdict} the gate: {counts}"]
    return lines + ([f"quarantined for: {reasons}"] if reasons else [])


def _people(review: Mapping[str, Any]) -> str:
    found = review.get("acceptance", {}).get("all", {})
    if found.get("rate") is None:
        return "acceptance by reviewers: nobody has reviewed it" if review else f"acceptance by reviewers: {MISSING}"
    low, high = found.get("interval") or (None, None)
    between = f"{review.get('confidence', 0):.0%} interval {number(low)} to {number(high)}"
    return f"acceptance by reviewers: {number(found['rate'])} of {found['shown']} spans ({between})"
