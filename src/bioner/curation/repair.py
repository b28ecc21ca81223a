"""Repair of texts whose encoding was broken on their way: mojibake, HTML entities, control characters.

Only for texts without annotations, since offsets would no longer fit. What is merely unusual stays: full-width Chinese
characters, curly quotes, ligatures, any Unicode form.
"""

from __future__ import annotations

import re

_SUSPECT = re.compile(r"[&\x00-\x08\x0b-\x1f\x7f]")


def repaired(text: str) -> str:
    """The text with its encoding repaired."""
    if text.isascii() and not _SUSPECT.search(text):
        return text  # as ftfy would find, at a hundredth of the time
    import ftfy

    return ftfy.fix_text(
        text,
        fix_character_width=False,
        fix_latin_ligatures=False,
        uncurl_quotes=False,
        normalization=None,
        explain=False,
    )
