"""The model card of a version: as it was kept, and what it says against what the evidence says now."""

from __future__ import annotations

from collections.abc import Iterator

from bioner.audit.findings import Finding
from bioner.audit.subject import Subject
from bioner.cards.card import FORMAT, render
from bioner.cards.facts import collect
from bioner.cards.keeping import CARD, kept_card, mark_of

_ITEM = "model card"


def check_card(subject: Subject) -> Iterator[Finding]:
    """The card by its hash, and made once more; nothing of a version that never had one."""
    mark = subject.version.tags.get(CARD)
    if mark is None:
        return
    mend = f"bioner card {subject.name} --keep makes it anew; the other findings say what else was changed"
    card = kept_card(subject.client, subject.version)
    if card is None:
        yield Finding.wrong("registry", _ITEM, "it is gone", mend)
    elif mark_of(card) != mark and mark.startswith(f"{FORMAT}:"):
        yield Finding.wrong("registry", _ITEM, f"its format and SHA-256 are {mark_of(card)}, the tag says {mark}", mend)
    elif mark.startswith(f"{FORMAT}:"):
        yield Finding.judged(
            "registry", _ITEM, holds=_again(subject) == card.read_bytes(), what="the evidence says otherwise", mend=mend
        )
    else:
        yield Finding.unchecked("registry", _ITEM, "it is of another format than this code writes")


def _again(subject: Subject) -> bytes:
    """The card as it would be written now; nothing if what was kept cannot be read any more."""
    try:
        return render(collect(subject.client, subject.version, subject.project)).encode()
    except (AttributeError, KeyError, TypeError, ValueError):
        return b""
