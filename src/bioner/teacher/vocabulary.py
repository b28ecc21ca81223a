"""The vocabulary: every label that a teacher used -> its normal form, by case, number or synonym.

A label that means a type of the params becomes its key. The others are normalised among themselves: the normal form is
the commonest spelling, in the singular. A singular counts only where it was seen or is the name of a type: no rule for
English nouns knows that "diabetes" and "sepsis" are no plurals. Chinese has no number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple, get_args
from unicodedata import normalize

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes

Reason = Literal["as it is", "name", "case", "number", "synonym", "by hand"]
REASONS: tuple[Reason, ...] = get_args(Reason)
_PLURAL = re.compile(r"[a-z]{3,}")  # a last word that can be one; no abbreviation with digits, and no Chinese
_JOINTS = re.compile(r"[\s_-]+")


class Entry(NamedTuple):
    """What becomes of a label.

    Attributes:
        normal: the label that stands for it; `None` for none at all.
        times: how often it was seen.
        reason: why; blanks, hyphens and full-width letters count as case.
    """

    normal: str | None
    times: int
    reason: Reason


Vocabulary = Mapping[str, Entry]


def vocabulary(counts: Mapping[str, int], types: EntityTypes, reviewed: Vocabulary | None = None) -> dict[str, Entry]:
    """The map of labels, the most frequent first.

    Args:
        counts: label -> how often it was seen.
        types: those of the params, with their names and synonyms in all languages.
        reviewed: an earlier map, which a person may have changed: what it says stays.
    """
    earlier = reviewed or {}
    seen = dict.fromkeys(earlier, 0) | dict(counts)
    known = _known(types)
    forms = _normal_forms(seen, known)
    entries = {}
    for label in sorted(seen, key=lambda label: (-seen[label], label)):
        normal, reason = forms[label]
        before = earlier.get(label)
        if before is not None and (before.normal != normal or before.reason == "by hand"):
            entries[label] = Entry(before.normal, seen[label], "by hand")
        else:
            entries[label] = Entry(normal, seen[label], reason)
    return entries


def understood(types: EntityTypes, labels: Vocabulary) -> EntityTypes:
    """The types, with the labels that mean them as synonyms in every language: so that answers are read with them."""
    record = types.to_record()
    for label, entry in labels.items():
        for name in record.get(entry.normal or "", {}).values():
            known = name.get("synonyms", [])
            if label not in (name["name"], *known):
                name["synonyms"] = [*known, label]
    return EntityTypes.from_record(record)


def normalised(document: Document, labels: Vocabulary) -> Document:
    """The document with normal labels; a span whose label has none is dropped, of equal ones the surest stays."""
    kept: dict[tuple[Any, str], Span] = {}
    for span in document.spans:
        normal = labels[span.label].normal if span.label in labels else span.label
        if normal is not None:
            found = Span(span.fragments, normal, span.score)
            other = kept.get((span.fragments, normal))
            if other is None or (other.score or 0.0) < (span.score or 0.0):
                kept[span.fragments, normal] = found
    return document.with_spans(kept.values())


def labels_of(documents: Iterable[Document]) -> Counter[str]:
    """How often documents use each label."""
    return Counter(span.label for document in documents for span in document.spans)


def bare(label: str) -> str:
    """A label without what only spelling is: width, case, hyphens, underscores and blanks."""
    return _JOINTS.sub(" ", normalize("NFKC", label).casefold()).strip()


def _known(types: EntityTypes) -> dict[str, tuple[str, Reason]]:
    """Bare words -> the key of the type that they mean, and how they do; names before synonyms."""
    every = [(key, name) for key, names in types.types.items() for name in names.values()]
    known: dict[str, tuple[str, Reason]] = {bare(key): (key, "case") for key in types.keys}
    for key, name in every:
        known.setdefault(bare(name.name), (key, "name"))
    for key, name in every:
        for synonym in name.synonyms:
            known.setdefault(bare(synonym), (key, "synonym"))
    return known


def _normal_forms(seen: Mapping[str, int], known: Mapping[str, tuple[str, Reason]]) -> dict[str, tuple[str, Reason]]:
    """Label -> its normal form, and the reason."""
    spellings: dict[str, list[str]] = {}
    for label in sorted(seen, key=lambda label: (-seen[label], label)):
        spellings.setdefault(bare(label), []).append(label)
    found: dict[str, tuple[str, Reason]] = {}
    for form, labels in spellings.items():
        singular = _standing(form, known.keys() | spellings.keys(), known)
        for label in labels:
            if singular in known:
                key, how = known[singular]
                reason: Reason = "as it is" if label == key else "number" if singular != form else how
                found[label] = key, reason
            else:
                normal = spellings[singular][0]
                found[label] = normal, "number" if singular != form else "as it is" if label == normal else "case"
    return found


def _standing(form: str, real: Collection[str], known: Collection[str]) -> str:
    """The form that stands for this one: its singular, if that is real, and so on; one that is known is the last."""
    way = [form]
    while form not in known and (form := _singular(form)) in real and form not in way:
        way.append(form)
    return way[-1]


def _singular(form: str) -> str:
    """What a label may be the plural of: that of its last word, or of the one before "of"; or the label itself."""
    head, of, rest = form.partition(" of ")
    *before, last = head.split(" ")
    if not _PLURAL.fullmatch(last):
        return form
    singular = _engine().singular_noun(last)
    return " ".join([*before, singular]) + of + rest if singular else form


@cache
def _engine() -> Any:
    """The rules of English nouns; they take a second to load, and most labels need none."""
    import inflect

    return inflect.engine()
