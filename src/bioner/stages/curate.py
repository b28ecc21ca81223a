"""The stage `curate`: the unlabelled texts of all corpora become the sentences that the teacher annotates."""

from __future__ import annotations

from collections import Counter

from bioner.curation.curate import curate
from bioner.curation.decontaminate import shared_texts
from bioner.documents import Document, write_documents
from bioner.errors import DataError
from bioner.files import write_json
from bioner.stages import layout
from bioner.stages.context import Context, read_split

_JUDGED = ("test", "dev")


def run(context: Context) -> None:
    """Write `data/curated.jsonl`, and count in `metrics/curate.json` what was dropped and what leaks between splits.

    Raises:
        DataError: there is no text, or none is left.
    """
    texts = read_split("unlabelled")
    gold = {split: read_split(split) for split in ("train", *_JUDGED)}
    protected = {split: gold[split] for split in _JUDGED}
    rules = context.params.curate
    result = curate(texts, protected, rules, context.params.seed)
    if not result.kept:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(result.dropped.items()))
        mend = "relax the limits of `curate` in params.yaml, or give more unlabelled text"
        what = f"no unlabelled text is left of {result.sentences} sentences: {reasons}"
        raise DataError(what, where=str(layout.split("unlabelled")), mend=mend)
    write_documents(layout.CURATED, result.kept)
    metrics = {
        "documents": len(texts),
        "sentences": result.sentences,
        "kept": len(result.kept),
        "kept_by_source": dict(Counter(document.source for document in result.kept)),
        "dropped": result.dropped,
        "leakage": leakage(gold),
    }
    write_json(layout.metrics("curate"), metrics)


def leakage(gold: dict[str, list[Document]]) -> dict[str, int]:
    """How many documents of one split have the text of a document of a later one, for each pair of splits."""
    texts = {split: [document.text for document in documents] for split, documents in gold.items()}
    pairs = (("train", "dev"), ("train", "test"), ("dev", "test"))
    return {f"{left} in {right}": shared_texts(texts[left], texts[right]) for left, right in pairs}
