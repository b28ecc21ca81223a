"""The limits of a card: what a model is for, what it is not for, and what it cannot do."""

from __future__ import annotations

from bioner.cards.facts import Facts
from bioner.cards.markdown import MISSING, listed, number, shown
from bioner.cards.scores import missed
from bioner.entity_types import EntityTypes


def intended(facts: Facts) -> list[str]:
    """The section on intended use."""
    return [
        f"Finding mentions of the entity types below in biomedical text ({_languages(facts)}): the place, type and",
        "score of each. What it finds is for people to read, or for programs that bear errors.",
        "",
    ]


def out_of_scope(facts: Facts) -> list[str]:
    """The section on what the model is not for."""
    return listed(
        [
            "decisions about patients that nobody with knowledge of the subject looks at",
            f"other languages than {_languages(facts)}; other kinds of text than those of the corpora below",
            "other entity types: they can be asked for in words, but how well they are found was not measured",
            "finding what identifies a person, or making a text anonymous",
            "linking mentions to the entries of a terminology",
        ]
    )


def limits(facts: Facts) -> list[str]:
    """The section on limits."""
    manifest = facts.manifest
    items = [
        f"languages it learnt from: {_languages(facts)}",
        f"reads windows of up to {shown(manifest.get('max_words', ''))} words (a Chinese character is a word)",
        _width(facts),
        f"overlapping predictions: {shown(manifest.get('overlap', ''))}" if facts.family == "gliner" else "",
        f"reports what scores at least {number(manifest.get('threshold'))} (the threshold), unless asked otherwise",
    ]
    return [*_types(facts), "Bounds of what it finds:", "", *listed(filter(None, items)), *missed(facts)]


def _languages(facts: Facts) -> str:
    return ", ".join(sorted({shown(corpus.language) for corpus in facts.chain.corpora})) or MISSING


def _types(facts: Facts) -> list[str]:
    if not facts.manifest.get("types"):
        return [f"Entity types: {MISSING}.", ""]
    types = EntityTypes.from_record(facts.manifest["types"])
    called = {key: next(iter(names.values())) for key, names in types.types.items()}
    lines = (
        f"{shown(key)}: {shown(name.name)}{f', {shown(name.definition)}' if name.definition else ''}"
        for key, name in called.items()
    )
    return ["Entity types:", "", *listed(lines)]


def _width(facts: Facts) -> str:
    """A span head judges spans up to a width; nothing else of ours has such a limit."""
    if facts.family != "gliner":
        return ""
    if facts.config.get("span_mode") == "token_level":
        return "the width of an entity is limited by the window alone"
    return f"never finds an entity of more words than: {shown(facts.config.get('max_width', ''))}"
