"""BioC documents, as both of its forms hold them, written: the record of a document."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bioner.corpora.bioc import LABEL, PASSAGES, RESERVED
from bioner.corpora.bioc_layout import Passage, fit
from bioner.corpora.losses import count_unheld
from bioner.documents import Document, Span
from bioner.errors import DataError

HEADER: Mapping[str, str] = MappingProxyType({"source": "bioner-foundry", "date": "", "key": ""})
"""What a collection says of itself: without a date, equal documents give equal bytes."""

_Passages = list[tuple[int, str, Mapping[str, Any]]]  # offset, text and infons of each


def record(document: Document, lost: Counter[str]) -> dict[str, Any]:
    """The document in the form of BioC JSON; `meta` becomes infons, scores have no place.

    The passages are those that it was read with, or one of the whole text.

    Args:
        lost: is added to, by reason.
    """
    count_unheld(document, lost, identity=True, meta=document.meta.keys())
    passages = _passages(document)
    starts = [offset for offset, _, _ in passages]
    annotations: list[list[dict[str, Any]]] = [[] for _ in passages]
    for number, span in enumerate(document.spans):
        annotations[max(bisect_right(starts, span.start) - 1, 0)].append(_annotation(number, span, document.text))
    return {
        "id": document.id,
        "infons": {key: value for key, value in document.meta.items() if key not in RESERVED},
        "passages": [
            {"infons": infons, "offset": offset, "text": text, "sentences": [], "annotations": here, "relations": []}
            for (offset, text, infons), here in zip(passages, annotations, strict=True)
        ],
        "relations": [],
    }


def _annotation(number: int, span: Span, text: str) -> dict[str, Any]:
    locations = [{"offset": start, "length": end - start} for start, end in span.fragments]
    return {"id": str(number), "infons": {LABEL: span.label}, "locations": locations, "text": span.mention(text)}


def _passages(document: Document) -> _Passages:
    whole: _Passages = [(0, document.text, {})]
    try:
        noted: _Passages = [(s, document.text[s:e], dict(infons)) for s, e, infons in document.meta[PASSAGES]]
        joined = fit([Passage(infons, ((start, text),)) for start, text, infons in noted], (), len, document.id)
    except (KeyError, TypeError, ValueError, DataError):  # none are noted, or something else under the same name
        return whole
    return noted if noted and joined.text == document.text else whole
