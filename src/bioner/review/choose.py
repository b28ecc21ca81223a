"""Which documents people review: a random sample, which measures the teacher, and the least certain, which pay most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from bioner.documents import Document
from bioner.seeds import generator

Sample = Literal["random", "least_certain"]
SAMPLES: tuple[Sample, ...] = get_args(Sample)


def choose(documents: Sequence[Document], *, random: int, least_certain: int, seed: int) -> dict[str, list[Sample]]:
    """The ids of the documents to review, and the samples that each is in, in a random order.

    The random sample is drawn from all documents, those without entities and the least certain ones included: else it
    would say nothing about the whole. A document can be in both samples.

    Args:
        random: size of the random sample.
        least_certain: how many of the documents with the lowest certainty; one without entities has none.
        seed: of the sample, and of the choice among equally certain ones.
    """
    rng = generator(seed, "review")
    ids = sorted(document.id for document in documents)  # so that the order of the file changes nothing
    drawn = rng.sample(ids, min(random, len(ids)))
    shuffled = rng.sample(ids, len(ids))
    certain = {document.id: certainty(document) for document in documents if document.spans}
    ranked = sorted((key for key in shuffled if key in certain), key=certain.__getitem__)
    chosen: dict[str, list[Sample]] = {}
    for sample, keys in (("random", drawn), ("least_certain", ranked[:least_certain])):
        for key in keys:
            chosen.setdefault(key, []).append(sample)  # type: ignore[arg-type]
    return {key: chosen[key] for key in shuffled if key in chosen}


def certainty(document: Document) -> float:
    """How sure the teacher was of its least sure span; a span without a score counts as 0."""
    return min(span.score or 0.0 for span in document.spans)
