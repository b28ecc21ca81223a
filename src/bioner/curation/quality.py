"""Quality filters: which sentences are worth annotating, judged by their words and characters alone.

A word is one of `bioner.words`, a single character in Chinese, so the same thresholds serve both languages.
"""

from __future__ import annotations

from bioner.config import Curate
from bioner.curation.passages import Passage

TOO_SHORT = "too short"
TOO_LONG = "too long"
TOO_MANY_SYMBOLS = "too many symbols"


def defect(passage: Passage, rules: Curate) -> str | None:
    """The first rule that a sentence breaks, or `None`."""
    count = len(passage.words)
    if count < rules.min_words:
        return TOO_SHORT
    if count > rules.max_words:
        return TOO_LONG
    characters = "".join(passage.words)
    symbols = sum(not character.isalnum() for character in characters)
    return TOO_MANY_SYMBOLS if symbols > rules.max_symbol_share * len(characters) else None
