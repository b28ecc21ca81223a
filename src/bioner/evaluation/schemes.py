"""The scoring schemes: which prediction counts as right, and which gold mention it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from bioner.evaluation.matching import assign
from bioner.evaluation.mentions import Case, Extent, Pair

Mode = Literal["strict", "boundary", "overlap", "type_within_overlap", "overlap_greedy"]
MODES: tuple[Mode, ...] = get_args(Mode)
SCHEMES: tuple[Mode, ...] = MODES[:-1]  # overlap_greedy is for comparison with published tables only


def strict(case: Case) -> list[Pair]:
    """Right: the same extent (all fragments) and the same type."""
    place = {(mention.extent, mention.label): i for i, mention in enumerate(case.gold)}
    keys = [(mention.extent, mention.label) for mention in case.predicted]
    return [(place[key], j) for j, key in enumerate(keys) if key in place]


def boundary(case: Case) -> list[Pair]:
    """Right: the same extent, whatever the type; one to one where an extent has several types.

    Of several gold mentions with the extent, a prediction answers the one of its own type if there is one.
    """
    pairs = strict(case)
    answered, used = {i for i, _ in pairs}, {j for _, j in pairs}
    free: dict[Extent, list[int]] = {}
    for i, mention in enumerate(case.gold):
        if i not in answered:
            free.setdefault(mention.extent, []).append(i)
    for j, mention in enumerate(case.predicted):
        if j not in used and free.get(mention.extent):
            pairs.append((free[mention.extent].pop(0), j))
    return pairs


def overlap(case: Case) -> list[Pair]:
    """Right: the same type and at least one shared character, one to one, in the pairing that makes the most right."""
    same = {pair: n for pair, n in case.edges.items() if _same_type(case, pair)}
    return assign(same, case.gold, case.predicted)


def type_within_overlap(case: Case) -> list[Pair]:
    """Right: the same type, within a pairing that was made without looking at types.

    Gold mentions and predictions that share at least one character are paired one to one, whatever their types, in
    as many pairs as possible; among those pairings the one with the most pairs of one type is taken. A pair is right
    when its types are equal. Precision and recall are over all predictions and all gold mentions, so that a wrong
    type costs both (as in the `type` scheme of SemEval-2013 task 9); right over pairs is how often the type is right
    where something was found at all.

    Never more than `overlap`, which may leave mentions unpaired to make more types right.
    """
    return [pair for pair in overlapping(case) if _same_type(case, pair)]


def overlapping(case: Case) -> list[Pair]:
    """The pairing behind `type_within_overlap`: any shared character, whatever the types (see `matching.assign`)."""
    return assign(case.edges, case.gold, case.predicted)


def overlap_greedy(case: Case) -> list[Pair]:
    """The published rule of GLiNER-BioMed: each prediction in turn takes the first free gold mention it overlaps.

    The types have to be equal. Orders and duplicates stay as given, and both change the counts: this is for comparison
    with their published tables only. Theirs compares words, ours characters; the same where spans end at words.

    Source: `evaluation/gliner_evaluator.py` of ds4dh/GLiNER-biomed (arXiv 2504.00676).
    """
    candidates: dict[int, list[int]] = {}
    for i, j in sorted(case.edges):
        if _same_type(case, (i, j)):
            candidates.setdefault(j, []).append(i)
    taken: set[int] = set()
    pairs: list[Pair] = []
    for j in sorted(candidates):
        first = next((i for i in candidates[j] if i not in taken), None)
        if first is not None:
            taken.add(first)
            pairs.append((first, j))
    return pairs


def _same_type(case: Case, pair: Pair) -> bool:
    return case.gold[pair[0]].label == case.predicted[pair[1]].label


MATCHERS: Mapping[Mode, Callable[[Case], list[Pair]]] = {
    "strict": strict,
    "boundary": boundary,
    "overlap": overlap,
    "type_within_overlap": type_within_overlap,
    "overlap_greedy": overlap_greedy,
}
