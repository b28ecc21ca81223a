"""Tally: the figures of a distillation, and a sample of what could not be taken, gathered document by document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.files import atomic_write
from bioner.teacher.annotation import Annotation

_MOST_OF_A_REASON = 50  # of what was lost, in the file for inspection


def sure(annotation: Annotation, min_score: float) -> tuple[Span, ...]:
    """The spans that score at least `min_score`; one without a score counts as 0."""
    return tuple(span for span in annotation.spans if (span.score or 0.0) >= min_score)


FREE = "free labels"  # in the figures: all that are no key of a type, together


class Tally:
    """Counts what a teacher found, and what was dropped of it."""

    def __init__(self, types: EntityTypes) -> None:
        self._per_type = Counter(dict.fromkeys(types.keys, 0))
        self._failed: Counter[str] = Counter()
        self._scores = 0.0
        self._documents = self._with_spans = self._dropped = 0
        self._seen: Counter[str] = Counter()
        self._lost: list[dict[str, str]] = []

    def add(self, document: Document, said: Annotation, kept: tuple[Span, ...]) -> None:
        """Count a document.

        Args:
            said: what the teacher says of it.
            kept: the spans of this that are not dropped.
        """
        self._keep_lost(document, said)
        if said.failure is not None:
            self._failed[said.failure] += 1
            return
        self._documents += 1
        self._with_spans += bool(kept)
        self._dropped += len(said.spans) - len(kept)
        for span in kept:
            self._per_type[span.label if span.label in self._per_type else FREE] += 1
            self._scores += span.score or 0.0

    def summary(self, texts: int) -> dict[str, Any]:
        """The figures of what was found; `texts` is how many different ones have an annotation."""
        spans = self._per_type.total()
        return {
            "documents": self._documents,
            "texts": texts,
            "with_spans": self._with_spans,
            "empty": self._documents - self._with_spans,
            "spans": spans,
            "spans_per_type": dict(self._per_type),
            "mean_score": round(self._scores / spans, 6) if spans else None,
            "dropped": {"below_min_score": self._dropped},
        }

    def account(self, mismatches: Mapping[str, int]) -> dict[str, Any]:
        """What went wrong: documents without an answer by reason, and what was wrong with answers, once a text."""
        return {"failed": _by_number(self._failed), "mismatches": _by_number(mismatches)}

    def write_lost(self, path: Path) -> None:
        """Write what could not be taken as JSON Lines; of each reason the first ones."""
        with atomic_write(path) as out:
            for item in self._lost:
                out.write(json.dumps(item, ensure_ascii=False) + "\n")

    def _keep_lost(self, document: Document, said: Annotation) -> None:
        for reason, what in said.lost:
            self._seen[reason] += 1
            if self._seen[reason] <= _MOST_OF_A_REASON:
                self._lost.append({"id": document.id, "reason": reason, "said": what, "text": document.text})


def _by_number(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
