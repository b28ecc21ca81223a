"""How fast the paired bootstrap is: 1,000 resamples over 5,000 documents, against a plain Python loop."""

from __future__ import annotations

import random

import numpy as np
from common import alternate, options, show

from bioner.documents import Document, Span
from bioner.evaluation import bootstrap
from bioner.evaluation.score import score_documents
from bioner.evaluation.significance import compare

Counts = list[tuple[int, int]]  # right, and gold plus predicted, of each document

_TYPES = ("disease", "drug", "gene", "anatomy")
_SENTENCE = 160  # characters


def main() -> None:
    """Measure, check that both ways agree, and print."""
    chosen = options(__doc__ or "")
    documents, resamples, rounds = (500, 100, 2) if chosen.quick else (5000, 1000, 7)
    gold = _gold(documents)
    sides = [_predicted(gold, recall, seed) for recall, seed in ((0.70, 1), (0.72, 2))]
    counts = [_counts(gold, side) for side in sides]
    _check(np.array(_loop(counts, resamples)), _vectorised(counts, resamples))
    result = alternate(
        f"paired bootstrap, {resamples} resamples, {documents} documents",
        baseline=lambda: _loop(counts, resamples),
        ours=lambda: _vectorised(counts, resamples),
        rounds=rounds,
        also={
            "compare(): two models, documents to p-values": lambda: compare(gold, *sides, resamples=resamples),
            "score_documents(): all schemes, cells and errors": lambda: score_documents(
                gold, sides[0], resamples=resamples
            ),
        },
    )
    show(result, chosen.json)


def _gold(documents: int) -> list[Document]:
    rng = random.Random(0)
    return [Document(f"{n:05}", "x" * _SENTENCE, "en", _spans(rng)) for n in range(documents)]


def _spans(rng: random.Random) -> tuple[Span, ...]:
    """Four mentions a sentence, on average; a sixth of them nested."""
    starts = [place * 20 for place in range(8) if rng.random() < 0.42]
    outer = [Span.of(start, start + rng.randint(4, 18), rng.choice(_TYPES)) for start in starts]
    inner = [Span.of(span.start + 1, span.end - 1, rng.choice(_TYPES)) for span in outer if rng.random() < 0.2]
    return (*outer, *inner)


def _predicted(gold: list[Document], recall: float, seed: int) -> list[Document]:
    """What a model finds: a part of the mentions as they are, another with a wrong boundary, and some of its own."""
    rng = random.Random(seed)

    def found(span: Span) -> Span:
        return span if rng.random() < 0.9 else Span.of(span.start, span.end - 1, rng.choice(_TYPES), 0.6)

    return [d.with_spans([found(span) for span in d.spans if rng.random() < recall]) for d in gold]


def _counts(gold: list[Document], predicted: list[Document]) -> Counts:
    pairs = [(set(one.spans), set(other.spans)) for one, other in zip(gold, predicted, strict=True)]
    return [(len(one & other), len(one) + len(other)) for one, other in pairs]


def _loop(counts: list[Counts], resamples: int) -> list[float]:
    """The baseline: one resample after the other, one document after the other."""
    rng = random.Random(0)
    before, after = counts
    differences = []
    for _ in range(resamples):
        right, total, other_right, other_total = 0, 0, 0, 0
        for n in rng.choices(range(len(before)), k=len(before)):
            right += before[n][0]
            total += before[n][1]
            other_right += after[n][0]
            other_total += after[n][1]
        differences.append(2 * other_right / other_total - 2 * right / total)
    return differences


def _vectorised(counts: list[Counts], resamples: int) -> bootstrap.Floats:
    """The same with the package's own parts, as `compare` uses them."""
    sums = bootstrap.resampled_sums(np.concatenate([np.array(side) for side in counts], axis=1), resamples, seed=0)
    return bootstrap.f1(sums[:, 2], sums[:, 3]) - bootstrap.f1(sums[:, 0], sums[:, 1])


def _check(one: bootstrap.Floats, other: bootstrap.Floats) -> None:
    """Two samples of one distribution: their means differ by less than their errors allow."""
    allowed = 6 * one.std() / np.sqrt(one.size)
    if abs(one.mean() - other.mean()) > allowed:
        raise AssertionError(f"the two ways disagree: {one.mean()} and {other.mean()}, allowed is {allowed}")


if __name__ == "__main__":
    main()
