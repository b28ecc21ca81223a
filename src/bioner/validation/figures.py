"""The figures of a batch: how much of it is left, how much was found, and how far it is from the gold data."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence

from bioner.documents import Document
from bioner.validation.drift import drift
from bioner.validation.rows import span_words
from bioner.words import Words

ACCEPTED, QUARANTINED, ANSWERED = "accepted_rows", "quarantined_share", "answered_share"
YIELD, TYPES = "texts_with_entities", "types_occurring"
DENSITY, LABEL_DRIFT, LENGTH_DRIFT = "density_ratio", "label_drift", "length_drift"


def shares(
    documents: Sequence[Document], accepted: Sequence[Document], labels: Collection[str], requested: Collection[str]
) -> dict[str, float]:
    """How much is left of a batch, and how much of what was asked for is in it.

    Args:
        documents: the batch.
        accepted: the documents that met every rule of a row.
        labels: the vocabulary.
        requested: the ids of the texts that were to be annotated.

    Returns:
        The number of accepted rows; the share that is quarantined; of the texts that were to be annotated the share
        that is in the batch; of the accepted texts the share that has any entity; of the types the share that occurs
        in accepted rows. What is a share of nothing is not a number, so that nothing passes for want of a measure.
    """
    given = {document.id for document in documents}
    occurring = {span.label for document in accepted for span in document.spans}
    return {
        ACCEPTED: float(len(accepted)),
        QUARANTINED: _share(len(documents) - len(accepted), len(documents)),
        ANSWERED: _share(len(given & set(requested)), len(requested)),
        YIELD: _share(sum(bool(document.spans) for document in accepted), len(accepted)),
        TYPES: len(occurring & set(labels)) / len(labels),
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def against_gold(
    languages: Iterable[str], accepted: Sequence[Document], gold: Sequence[Document]
) -> dict[str, dict[str, float]]:
    """What differs from the gold data: figure -> language -> value; a language that cannot be compared is left out.

    Figures: the density (entities per word) over that of the gold data; the drift of the mix of labels, of those that
    the gold data of this language has; the drift of the number of words of an entity.
    """
    found: dict[str, dict[str, float]] = {DENSITY: {}, LABEL_DRIFT: {}, LENGTH_DRIFT: {}}
    for language in sorted(languages):
        ours, theirs = ([d for d in part if d.language == language] for part in (accepted, gold))
        if reference := density(theirs):
            found[DENSITY][language] = density(ours) / reference
        known = _labels(theirs)
        mixes = {
            LABEL_DRIFT: (Counter({label: n for label, n in _labels(ours).items() if label in known}), known),
            LENGTH_DRIFT: (_lengths(ours), _lengths(theirs)),
        }
        for name, (counts, expected) in mixes.items():
            if counts and expected:
                found[name][language] = drift(counts, expected)
    return found


def _labels(documents: Sequence[Document]) -> Counter[Hashable]:
    return Counter(span.label for document in documents for span in document.spans)


def _lengths(documents: Sequence[Document]) -> Counter[Hashable]:
    """Number of words -> how many entities have it."""
    return Counter(length for document in documents for length in span_words(document.spans, Words.of(document.text)))


def density(documents: Sequence[Document]) -> float:
    """Entities per word; 0 where there is no word."""
    words = sum(len(Words.of(document.text)) for document in documents)
    return sum(len(document.spans) for document in documents) / words if words else 0.0
