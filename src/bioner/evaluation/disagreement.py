"""Disagreement: where two models differ on the same documents, by mention and by document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from bioner.documents import Document
from bioner.evaluation.counts import cases
from bioner.evaluation.mentions import Case
from bioner.evaluation.pairing import pair_documents
from bioner.evaluation.schemes import strict

Who = Literal["both", "first only", "second only", "neither"]
WHO: tuple[Who, ...] = get_args(Who)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two models on the same documents; right is what the scheme `strict` calls so.

    Attributes:
        documents: how many documents each annotates without an error.
        gold: how many gold mentions each finds.
        wrong: how many wrong predictions each makes; `neither` is 0.
        balance: id of a document -> gold mentions missed and wrong predictions of the first, and of the second.
    """

    documents: Mapping[Who, int]
    gold: Mapping[Who, int]
    wrong: Mapping[Who, int]
    balance: Mapping[str, tuple[int, int]]


def disagreement(gold: Sequence[Document], first: Sequence[Document], second: Sequence[Document]) -> Disagreement:
    """Compare what two models make of the same documents.

    Raises:
        DataError: the documents do not fit together (see `pair_documents`).
    """
    documents: Counter[Who] = Counter()
    found: Counter[Who] = Counter()
    wrong: Counter[Who] = Counter()
    balance: dict[str, tuple[int, int]] = {}
    sides = (cases(pair_documents(gold, side), "strict") for side in (first, second))
    for one, other in zip(*sides, strict=True):
        hits, others = ({i for i, _ in strict(case)} for case in (one, other))
        slips, other_slips = _wrong(one), _wrong(other)
        found.update(_who(i in hits, i in others) for i in range(len(one.gold)))
        wrong.update(_who(key in slips, key in other_slips) for key in slips | other_slips)
        counts = len(one.gold) - len(hits) + len(slips), len(other.gold) - len(others) + len(other_slips)
        documents[_who(not counts[0], not counts[1])] += 1
        balance[one.document] = counts
    return Disagreement(_in_order(documents), _in_order(found), _in_order(wrong), balance)


def _in_order(counts: Counter[Who]) -> dict[Who, int]:
    return {who: counts[who] for who in WHO}


def _wrong(case: Case) -> set[tuple[object, str]]:
    right = {j for _, j in strict(case)}
    return {(mention.extent, mention.label) for j, mention in enumerate(case.predicted) if j not in right}


def _who(first: bool, second: bool) -> Who:
    if first:
        return "both" if second else "first only"
    return "second only" if second else "neither"
