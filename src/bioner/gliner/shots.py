"""Shots: a few annotated sentences with at least k mentions of each type, for few-shot training.

The rule joins three published ones. Sentences come in random order, types rarest first, as in the greedy sampling of
Yang and Katiyar (2020, arXiv 2010.02405). A sentence is preferred that brings no type over 2k mentions, the N-way
K~2K sampling of Few-NERD (Ding et al. 2021, arXiv 2105.07464); where every one does, the one that exceeds least.
Last, each sentence is dropped again that no type needs, so that the set is minimal (Hou et al. 2020, arXiv 2006.05702).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bioner.curation.sentences import sentences
from bioner.documents import Document, Span
from bioner.errors import DataError
from bioner.seeds import generator
from bioner.words import Words


def shots(documents: Sequence[Document], keys: Sequence[str], k: int, seed: int) -> list[Document]:
    """Choose sentences with at least k mentions of every type; `mentions` counts how many each has in the end.

    Args:
        documents: annotated texts of any length. They are cut to sentences, never within a mention.
        keys: the types; the sentences keep the annotations of these alone.
        k: mentions of each type; a type with fewer of them in the documents is there with all it has.
        seed: of the choice; the order of the documents matters too.

    Returns:
        The sentences in the order of the documents, each as a document of its own.

    Raises:
        DataError: a type has no mention that begins and ends at words.
    """
    places = [sentence for document in documents for sentence in _sentences(document, frozenset(keys))]
    counts = [mentions([sentence], keys) for sentence in places]
    total = mentions(places, keys)
    for key in keys:
        if not total[key]:
            mend = "leave the type out, or give documents that mention it"
            raise DataError(f"the documents have no mention of the type {key!r} to choose from", mend=mend)
    wanted = {key: min(k, total[key]) for key in keys}
    order = generator(seed, "shots").sample(range(len(places)), len(places))
    chosen: dict[int, None] = {}  # in the order of choice
    have = Counter(dict.fromkeys(keys, 0))
    for key in sorted(keys, key=lambda key: total[key]):
        left = [place for place in order if counts[place][key]]
        while have[key] < wanted[key]:
            left = [place for place in left if place not in chosen]
            place = _least_excess(left, counts, have, 2 * k)
            chosen[place] = None
            have.update(counts[place])
    return [places[place] for place in sorted(_needed(list(chosen), counts, have, wanted))]


def mentions(documents: Sequence[Document], keys: Sequence[str]) -> dict[str, int]:
    """How many mentions of each type some documents have; only those that begin and end at words count."""
    found = dict.fromkeys(keys, 0)
    for document in documents:
        words = Words.of(document.text)
        for span in document.spans:
            if span.label in found and words.locate(span) is not None:
                found[span.label] += 1
    return found


def _least_excess(left: Sequence[int], counts: Sequence[Mapping[str, int]], have: Mapping[str, int], most: int) -> int:
    """The first of the sentences that brings no type over `most` mentions, else the first that exceeds it least."""

    def excess(place: int) -> int:
        return sum(max(0, have[key] + count - max(most, have[key])) for key, count in counts[place].items())

    first = next((place for place in left if not excess(place)), None)
    return min(left, key=excess) if first is None else first


def _needed(
    chosen: Sequence[int], counts: Sequence[Mapping[str, int]], have: Counter[str], wanted: Mapping[str, int]
) -> list[int]:
    """The sentences without those that no type needs, looked at from the first chosen on."""
    kept = []
    for place in chosen:
        if all(have[key] - count >= wanted[key] for key, count in counts[place].items()):
            have.subtract(counts[place])
        else:
            kept.append(place)
    return kept


def _sentences(document: Document, keys: frozenset[str]) -> Iterator[Document]:
    """The sentences of a document with their annotations; those that a mention goes over stay together."""
    known = [span for span in document.spans if span.label in keys]
    merged: list[tuple[int, int]] = []
    for start, end in sentences(document.text):
        if merged and any(span.start < start and span.end > merged[-1][1] for span in known):
            merged[-1] = merged[-1][0], end
        else:
            merged.append((start, end))
    for number, (start, end) in enumerate(merged, 1):
        inner = [_moved(span, start) for span in known if start <= span.start and span.end <= end]
        yield Document(
            f"{document.id}/{number}", document.text[start:end], document.language, tuple(inner), document.source
        )


def _moved(span: Span, start: int) -> Span:
    return Span(tuple((first - start, last - start) for first, last in span.fragments), span.label, span.score)
