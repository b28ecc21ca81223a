"""Texts that are made of sections: joined by newlines, with the label and the place of each kept beside them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

SECTIONS = "sections"  # key of `Document.meta`


def joined(sections: Iterable[tuple[str, str]]) -> tuple[str, list[dict[str, Any]]]:
    """Join `(label, text)` pairs; those without text are left out.

    Returns:
        the text, and `label`, `start` and `end` of each section in code points of it, end exclusive.
    """
    texts: list[str] = []
    places: list[dict[str, Any]] = []
    position = 0
    for label, text in sections:
        if text:
            places.append({"label": label, "start": position, "end": position + len(text)})
            texts.append(text)
            position += len(text) + 1
    return "\n".join(texts), places


def squeezed(text: str) -> str:
    """The text with single spaces for all its blanks, and none around it."""
    return " ".join(text.split())
