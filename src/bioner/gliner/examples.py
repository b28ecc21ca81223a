"""Training examples: annotated documents as words, tokens and word spans, cut to pieces that fit into a window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bioner.documents import Document
from bioner.free_labels import negatives_of
from bioner.gliner.encoding import Encoding, WordTokens
from bioner.gliner.overlap import Overlap, overlap_of
from bioner.windows import Limits, cut, sentence_starts
from bioner.words import Words, losses

CUT = "cut by a window"
UNKNOWN = "type not asked for"
Group = tuple[str, str]  # language and source: documents of one group share their set of types


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of a document: what one window holds at least.

    Attributes:
        words: the tokens of each word.
        spans: first word, last word and type key of each entity.
        scores: how sure each of the spans is; empty where all count in full.
    """

    words: WordTokens
    spans: tuple[tuple[int, int, str], ...]
    scores: tuple[float, ...] = ()

    @property
    def tokens(self) -> int:
        """Number of tokens."""
        return sum(map(len, self.words))


@dataclass(frozen=True, slots=True)
class Examples:
    """What a training learns from.

    Attributes:
        groups: the examples of each language and source.
        types: the types that each group annotates: only these can be asked for, as the absence of another one
            from its annotations says nothing (AIONER, Luo et al. 2023: pooling corpora without this costs F1).
            A group without any type teaches nothing and is left out.
        lost: how many spans could not be used, by reason.
        overlap: how entities lie over one another.
    """

    groups: Mapping[Group, tuple[Example, ...]]
    types: Mapping[Group, tuple[str, ...]]
    lost: Mapping[str, int]
    overlap: Overlap

    @property
    def spans(self) -> int:
        """Number of spans that are learnt from."""
        return sum(len(example.spans) for group in self.groups.values() for example in group)


def make_examples(
    documents: Sequence[Document], keys: Sequence[str], encoding: Encoding, limits: Limits, *, soft: bool = False
) -> Examples:
    """Turn annotated documents into examples; documents without a word are left out.

    Args:
        soft: whether examples have the scores of their spans; one without a score, as in gold data, counts in full.
    """
    wanted = frozenset(keys)  # thousands, where labels are free words
    words = [Words.of(document.text) for document in documents]
    texts = [w.texts(document.text) for document, w in zip(documents, words, strict=True)]
    groups: dict[Group, list[Example]] = {}
    types: dict[Group, set[str]] = {}
    known = [tuple(span for span in document.spans if span.label in wanted) for document in documents]
    lost = Counter(losses(list(zip(known, words, strict=True)), limits.width))
    entities = []
    for document, split, tokens in zip(documents, words, encoding.words(texts), strict=True):
        group = document.language, document.source
        held = _held(document, split, wanted, limits.width)
        lost[UNKNOWN] += sum(span.label not in wanted for span in document.spans)
        pieces = list(_pieces(sentence_starts(document.text, split), tokens, held, limits, soft=soft))
        lost[CUT] += len(held) - sum(len(piece.spans) for piece in pieces)
        entities.append(tuple(held))
        groups.setdefault(group, []).extend(pieces)
        types.setdefault(group, set()).update(label for _, _, label in held)
        types[group].update(wanted.intersection(negatives_of(document)))
    return Examples(
        {group: tuple(pieces) for group, pieces in groups.items() if types[group]},
        {group: tuple(key for key in keys if key in found) for group, found in types.items() if found},
        dict(lost),
        overlap_of(entities),
    )


def _held(document: Document, words: Words, keys: frozenset[str], width: int) -> dict[tuple[int, int, str], float]:
    """The spans that a word-level model of this width can hold, each with its score."""
    held: dict[tuple[int, int, str], float] = {}
    for span in document.spans:
        place = words.locate(span)
        if place is not None and place[1] - place[0] < width and span.label in keys:
            found = (*place, span.label)
            held[found] = max(held.get(found, 0.0), 1.0 if span.score is None else span.score)
    return held


def _pieces(
    sentences: frozenset[int],
    tokens: WordTokens,
    spans: Mapping[tuple[int, int, str], float],
    limits: Limits,
    *,
    soft: bool,
) -> Iterator[Example]:
    extents = {(first, last) for first, last, _ in spans}
    for start, end in cut([len(word) for word in tokens], sentences, extents, limits):
        inner = sorted((first, last, key) for first, last, key in spans if start <= first and last < end)
        scores = tuple(spans[span] for span in inner) if soft else ()
        yield Example(tokens[start:end], tuple((s - start, e - start, key) for s, e, key in inner), scores)
