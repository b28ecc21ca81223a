"""Leaks: which annotated texts hold something of a text that models are judged on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bioner.curation.compare import Comparison
from bioner.curation.decontaminate import Protected
from bioner.documents import Document


def judged_texts(
    documents: Sequence[Document], judged: Mapping[str, Sequence[Document]], comparison: Comparison
) -> npt.NDArray[np.float64]:
    """For each document in how many ways it repeats one of a dev or test set, by the rules of `curate`.

    It is not a number where no set has its language, so that nothing counts as compared that was not.

    Args:
        documents: the annotated texts.
        judged: split -> the documents that models are judged on.
        comparison: from when a text counts as shared.
    """
    protected = Protected(judged, comparison)
    known = {document.language for split in judged.values() for document in split}
    found = np.full(len(documents), np.nan)
    for language in sorted(known & {document.language for document in documents}):
        places = [place for place, document in enumerate(documents) if document.language == language]
        texts = comparison.prepare([documents[place].text for place in places], language)
        found[places] = sum(flags for _, flags in protected.offences(texts))
    return found
