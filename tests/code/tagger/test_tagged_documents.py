"""Random documents as tagged lines, of items and of characters: all comes back, or what does not is counted exactly.

Set `BIONER_TAGGED_DOCUMENTS` to check more of them: each number is one document, always the same.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from random import Random

from bioner.corpora.bracketed import encode as write
from bioner.corpora.bracketed import recovered
from bioner.corpora.symbol_scan import BRACKETS, Symbols
from bioner.documents import Document, Fragment, Span
from bioner.tagger.cursor import CHOICES, Cursor
from bioner.tagger.free_text import parse as read
from bioner.tagger.symbols import END, Extent, encode, extents_of, parse
from bioner.words import Words

DOCUMENTS = int(os.environ.get("BIONER_TAGGED_DOCUMENTS", "2000"))
LABELS = ("x", "y")
PAIRS = (BRACKETS, Symbols("【", "】"), Symbols("<e>", "</e>"), Symbols("@@", "##"))
# Words, decomposed accents and kana, characters beyond 16 bits, and the symbols themselves, whole and in parts.
PARTS = [
    *(
        "gene",
        "p53",
        "IL",
        "kappa",
        "e\u0301te\u0301",
        "n\u0303",
        "β",
        "肝",
        "炎",
        "病",
        "か\u3099",
        "𠮷",
        "👩\u200d🔬",
    ),
    *("[", "]", "[[", "]]", "[3H]", "【", "】", "<e>", "</e>", "<", "@@", "@", "##", "#", "\\", "(", ")", "-", "3"),
]
GAPS = ("", "", " ", " ", " ", "  ", "\n", "\u3000")
REASONS = ("discontinuous", "not at word boundaries", "crossing", "nested too deep")


def document(number: int) -> Document:
    """A document as awkward as it may be."""
    random = Random(number)
    parts = PARTS if number % 3 else [part for part in PARTS if not any(c in part for c in "[]【】<@#")]
    text = "".join(random.choice(parts) + random.choice(GAPS) for _ in range(random.randrange(1, 30)))
    words = Words.of(text)
    spans: list[Span] = []
    while len(spans) < number % 14:
        spans += _spans(random, words, len(text), spans)
    return Document(str(number), text, "en", tuple(spans))


def _spans(random: Random, words: Words, length: int, before: list[Span]) -> list[Span]:
    label, last = random.choice(LABELS), before[-1] if before else None
    kind = random.randrange(8)
    first, second = sorted((random.randrange(len(words)), random.randrange(len(words))))
    if kind == 0:  # anywhere
        start = random.randrange(length)
        return [Span.of(start, random.randrange(start, length) + 1, label)]
    if kind == 1 and length > 3:  # in two fragments
        places = sorted(random.sample(range(length + 1), 4))
        return [Span(((places[0], places[1]), (places[2], places[3])), label)]
    if kind == 2 and last:  # of the same extent
        return [Span(last.fragments, label)]
    if kind == 3 and last and last.end < length:  # right behind
        behind = next((i for i, (start, _) in enumerate(words.offsets) if start >= last.end), len(words) - 1)
        return [Span.of(*words.characters(behind, max(behind, second)), label)]
    if kind == 4 and not random.randrange(6):  # one in the other, deep
        return [Span.of(*words.characters(first, place), label) for place in range(first, len(words))]
    return [Span.of(*words.characters(first, second), label)]


def documents() -> Iterator[Document]:
    """As many as were asked for."""
    return map(document, range(DOCUMENTS))


# ------------------------------------------------------------------------------------ what must come back, said naively


def expected(one: Document, label: str) -> tuple[set[Extent], Counter[str]]:
    """The mentions that a line holds, and what it loses."""
    offsets = Words.of(one.text).offsets
    starts, ends = {start: i for i, (start, _) in enumerate(offsets)}, {end: i for i, (_, end) in enumerate(offsets)}
    lost: Counter[str] = Counter()
    extents = set()
    for span in one.spans:
        if span.label == label and len(span.fragments) > 1:
            lost["discontinuous"] += 1
        elif span.label == label and (span.start not in starts or span.end not in ends):
            lost["not at word boundaries"] += 1
        elif span.label == label:
            extents.add((starts[span.start], ends[span.end]))
    kept: list[set[int]] = []
    for first, last in sorted(extents, key=lambda extent: (-(extent[1] - extent[0]), extent)):
        words = set(range(first, last + 1))
        if any(words & other and not words <= other and not other <= words for other in kept):
            lost["crossing"] += 1
        elif sum(words <= other for other in kept) >= 8:
            lost["nested too deep"] += 1
        else:
            kept.append(words)
    return {(min(words), max(words)) for words in kept}, lost


def test_a_line_of_items_gives_back_all_but_what_is_counted() -> None:
    seen: Counter[str] = Counter()
    for one in documents():
        words = Words.of(one.text)
        for label in LABELS:
            extents, lost = extents_of(one.spans, label, words)
            line = encode(extents)
            assert (set(extents), +lost) == expected(one, label), one.id
            assert set(parse(line)) == set(extents), one.id
            assert _allowed(line, len(words)), one.id
            seen += lost
    assert set(seen) == set(REASONS)


def _allowed(line: tuple[int, ...], words: int) -> bool:
    """Whether every item may follow the ones before it, so that decoding can write the line."""
    cursor = Cursor(words)
    for item in line:
        if not cursor.allowed()[CHOICES.index(min(item, 0))] or (item >= 0 and item != cursor.word):
            return False
        if item != END:
            cursor = cursor.after(item)
    return True


def test_a_line_of_characters_gives_back_all_but_what_is_counted() -> None:
    beside = 0
    for number, one in enumerate(documents()):
        symbols = PAIRS[number % len(PAIRS)]
        extents = _nested(span for span in one.spans if span.contiguous)
        kept = recovered(one.text, extents, symbols)
        assert read(write(one.text, kept, symbols), one.text, symbols) == (kept, {}), one.id
        lost = Counter(extents) - Counter(kept)
        assert len(kept) + sum(lost.values()) == len(extents), one.id
        assert not lost or set(symbols.opening + symbols.closing) & set(one.text), one.id
        if lost:  # the line of all of them is read as other mentions
            assert read(write(one.text, extents, symbols), one.text, symbols).mentions != extents, one.id
        beside += sum(lost.values())
    assert beside


def _nested(spans: Iterator[Span]) -> list[Fragment]:
    """Extents of which no two cross."""
    kept: list[Fragment] = []
    for start, end in ((span.start, span.end) for span in spans):
        if not any(a < start < b < end or start < a < end < b for a, b in kept):
            kept.append((start, end))
    return sorted(kept, key=lambda extent: (extent[0], -extent[1]))
