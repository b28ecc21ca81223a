"""Drawing documents from a stream that is too long to be kept: every document with the same chance."""

from __future__ import annotations

import random
from collections.abc import Iterable

from bioner.documents import Document


def draw(documents: Iterable[Document], count: int, chance: random.Random) -> tuple[list[Document], int]:
    """Draw some of the documents that are not blank, in random order.

    Vitter's algorithm R (Random Sampling with a Reservoir, ACM Transactions on Mathematical Software 11, 1985).

    Args:
        count: how many are drawn; all, if there are fewer.
        chance: what draws.

    Returns:
        Those that were drawn, and how many there were.
    """
    drawn: list[Document] = []
    seen = 0
    for document in documents:
        if not document.text.strip():
            continue
        seen += 1
        if len(drawn) < count:
            drawn.append(document)
        elif (place := chance.randrange(seen)) < count:
            drawn[place] = document
    chance.shuffle(drawn)
    return drawn, seen
