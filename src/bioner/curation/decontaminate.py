"""Decontamination: no text that the teacher annotates may hold anything of a text that models are judged on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bioner.curation.compare import Comparison, Known, Texts
from bioner.curation.passages import whole_and_sentences
from bioner.curation.ragged import Flags
from bioner.documents import Document


class Protected:
    """The texts of the splits that models are judged on, each as a whole and in sentences.

    Args:
        splits: split -> its documents.
        comparison: from when a text counts as shared.
    """

    def __init__(self, splits: Mapping[str, Iterable[Document]], comparison: Comparison) -> None:
        self._known: dict[tuple[str, str], Known] = {}
        for split, documents in splits.items():
            for language, texts in _by_language(documents).items():
                self._known[split, language] = Known(comparison.prepare(texts, language), comparison)

    def offences(self, texts: Texts) -> list[tuple[str, Flags]]:
        """What texts may have in common with a split, in words, and which texts have it."""
        found: list[tuple[str, Flags]] = []
        for (split, language), known in self._known.items():
            if language == texts.language:
                found.append((f"repeats {split}", known.equal(texts)))
                found.append((f"shares words with {split}", known.share_runs(texts)))
                found.append((f"nearly repeats {split}", known.resemble(texts)))
        return found


def _by_language(documents: Iterable[Document]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for document in documents:
        texts.setdefault(document.language, []).extend(whole_and_sentences(document.text))
    return texts
