"""Documents for the benchmark of curation: invented biomedical text in which some nearly repeat an earlier one.

Words follow Zipf's law, as in real text, and are joined by function words and stock phrases, so that unrelated texts
share n-grams too. A tenth of the documents nearly repeat an earlier one; a twentieth resemble one, but not enough, and
must not be found. What was planted stands in each document's `meta`: its original and the true similarity.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from bioner import documents
from bioner.documents import Document
from bioner.words import Words

NEAR = 0.9  # Jaccard similarity of word 3-grams from which a document nearly repeats its original
FAR = 0.75  # and up to which it does not; none is planted between the two

_NEAR_SHARE, _FAR_SHARE = 0.10, 0.05
_ORIGINALS = 20_000  # that may still be repeated
_HEADS = (
    "cardi neur hepat nephr pulmon gastr oste dermat hemat immun onc endocrin vascul lymph my arthr ot rhin ophthalm ur"
)
_MIDDLES = "o a i e ia io oto ano ero ino olo ato emo ico ulo"
_TAILS = "pathy itis oma osis emia algia ectomy gram lysis trophy plasia genesis ase in ol ine ide cyte plast stat"
_LINKS = "of the in with and to for was were by from on at after during between a an as that than which is not"
_PHRASES = (
    "were randomly assigned to receive",
    "in patients with",
    "there was no significant difference between",
    "the results suggest that",
    "was associated with an increased risk of",
    "compared with the control group",
    "on the other hand",
    "at the time of diagnosis",
)


def write_documents(file: Path, count: int, seed: int) -> None:
    """Write this many documents of one sentence each, about 60 words long."""
    documents.write_documents(file, itertools.islice(_documents(seed), count))


def _documents(seed: int) -> Iterator[Document]:
    rng = random.Random(seed)
    words = _vocabulary(rng)
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(words))))
    originals: list[tuple[str, list[str]]] = []
    for number in itertools.count():
        name, kind = f"d{number}", rng.random()
        if originals and kind < _NEAR_SHARE + _FAR_SHARE:
            original, text = rng.choice(originals)
            text, similarity = _variant(text, words, rng, near=kind < _NEAR_SHARE)
            meta = {"of": original, "jaccard": similarity}
        else:
            text, meta = _sentence(words, weights, rng), {"of": "", "jaccard": 0.0}
            if len(originals) < _ORIGINALS:
                originals.append((name, text))
            else:
                originals[rng.randrange(_ORIGINALS)] = (name, text)
        yield Document(name, _written(text), "en", source="planted", meta=meta)


def _vocabulary(rng: random.Random) -> list[str]:
    parts = itertools.product(_HEADS.split(), _MIDDLES.split(), _TAILS.split(), ("", "s", "al", "-like"))
    words = ["".join(part) for part in parts]
    rng.shuffle(words)
    return words


def _sentence(words: Sequence[str], weights: Sequence[float], rng: random.Random) -> list[str]:
    text: list[str] = []
    links = _LINKS.split()
    length = rng.randint(40, 70)
    content = iter(rng.choices(words, cum_weights=weights, k=length))
    while len(text) < length:
        text.append(next(content))
        kind = rng.random()
        if kind < 0.5:
            text.append(links[int(rng.random() ** 2 * len(links))])
        elif kind < 0.55:
            text += rng.choice(_PHRASES).split()
        elif kind < 0.6:
            text.append(str(rng.randint(2, 400)))
    return text


def _variant(text: list[str], words: Sequence[str], rng: random.Random, near: bool) -> tuple[list[str], float]:
    """Another wording of a text, and its true similarity: one word changed, or as many as it takes to be another."""
    for edits in itertools.count(1 if near else 6):
        other = _edited(text, words, rng, 1 if near else edits)
        similarity = _similarity(text, other)
        if similarity >= NEAR if near else similarity <= FAR:
            return other, similarity
    raise AssertionError("never reached")


def _edited(text: Sequence[str], words: Sequence[str], rng: random.Random, edits: int) -> list[str]:
    other = list(text)
    for _ in range(edits):
        place, kind = rng.randrange(len(other)), rng.random()
        if kind < 0.4:
            other[place] = rng.choice(words)
        elif kind < 0.7:
            other.insert(place, rng.choice(words))
        else:
            del other[place]
    return other


def _similarity(left: Sequence[str], right: Sequence[str]) -> float:
    one, other = (_shingles(_written(text)) for text in (left, right))
    return len(one & other) / len(one | other)


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = [word.casefold() for word in Words.of(text).texts(text)]
    return set(zip(words, words[1:], words[2:], strict=False))


def _written(text: Sequence[str]) -> str:
    return f"{' '.join(text).capitalize()}."
