"""The schemes once more, by trying everything; and random annotations to try them on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from hypothesis import strategies as st

from bioner.documents import Document, Span
from bioner.evaluation.mentions import Case

LENGTH = 12
Key = tuple[frozenset[int], str]


def _fragments(cuts: list[int]) -> Iterator[tuple[tuple[int, int], ...]]:
    """Contiguous, touching and discontinuous spans over ascending cuts."""
    yield ((cuts[0], cuts[1]),)
    if len(cuts) >= 3:
        yield (cuts[0], cuts[1]), (cuts[1], cuts[2])
    if len(cuts) >= 4:
        yield (cuts[0], cuts[1]), (cuts[2], cuts[3])


_cuts = st.lists(st.integers(0, LENGTH), min_size=2, max_size=4, unique=True).map(sorted)
_extents = _cuts.flatmap(lambda cuts: st.sampled_from(list(_fragments(cuts))))
spans = st.builds(Span, _extents, st.sampled_from("AB"), st.sampled_from([None, 0.25, 0.75]))
sides = st.lists(spans, max_size=5)


def document(found: Sequence[Span], name: str = "d", language: str = "en") -> Document:
    return Document(name, "x" * LENGTH, language, tuple(found))


def case(gold: Sequence[Span], predicted: Sequence[Span]) -> Case:
    return Case.distinct(document(gold), document(predicted))


def keys(side: Sequence[Span]) -> set[Key]:
    return {(frozenset(c for start, end in span.fragments for c in range(start, end)), span.label) for span in side}


def matchings(gold: list[Key], predicted: list[Key]) -> Iterator[list[tuple[Key, Key]]]:
    """Every way to pair overlapping mentions one to one."""
    if not gold:
        yield []
        return
    first, rest = gold[0], gold[1:]
    yield from matchings(rest, predicted)
    for n, other in enumerate(predicted):
        if first[0] & other[0]:
            for more in matchings(rest, predicted[:n] + predicted[n + 1 :]):
                yield [(first, other), *more]


def strict(gold: Sequence[Span], predicted: Sequence[Span]) -> int:
    return len(keys(gold) & keys(predicted))


def boundary(gold: Sequence[Span], predicted: Sequence[Span]) -> int:
    both = (Counter(extent for extent, _ in keys(side)) for side in (gold, predicted))
    one, other = both
    return (one & other).total()


def _same(pairs: list[tuple[Key, Key]]) -> int:
    return sum(one[1] == other[1] for one, other in pairs)


def overlap(gold: Sequence[Span], predicted: Sequence[Span]) -> int:
    return max(_same(pairs) for pairs in matchings(list(keys(gold)), list(keys(predicted))))


def type_within_overlap(gold: Sequence[Span], predicted: Sequence[Span]) -> int:
    return max((len(pairs), _same(pairs)) for pairs in matchings(list(keys(gold)), list(keys(predicted))))[1]


def overlap_greedy(gold: Sequence[Span], predicted: Sequence[Span]) -> int:
    free = [next(iter(keys([span]))) for span in gold]
    found = 0
    for span in predicted:
        ((extent, label),) = keys([span])
        for key in free:
            if key[1] == label and key[0] & extent:
                free.remove(key)
                found += 1
                break
    return found


def aims(pairs: list[tuple[Key, Key]]) -> tuple[int, int, int, int]:
    """What `matching.assign` makes as large as possible, the first first."""
    same_extent = sum(one[0] == other[0] for one, other in pairs)
    return len(pairs), _same(pairs), same_extent, sum(len(one[0] & other[0]) for one, other in pairs)


BRUTE: dict[str, Callable[[Sequence[Span], Sequence[Span]], int]] = {
    "strict": strict,
    "boundary": boundary,
    "overlap": overlap,
    "type_within_overlap": type_within_overlap,
}
