"""The stage `curate`: the unlabelled texts of all corpora become the sentences that the teacher annotates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from bioner.config import Params
from bioner.curation.compare import Comparison
from bioner.curation.curate import Curated, curate
from bioner.curation.leakage import Leakage, leakage
from bioner.documents import Document, read_documents, write_documents
from bioner.errors import DataError, GateError
from bioner.files import write_json
from bioner.progress import track
from bioner.stages import layout
from bioner.stages.context import Context, read_corpora

_SHOWN = 3  # pairs of sets that an error names


def run(context: Context) -> None:
    """Write `data/curated.jsonl`, and tell in `metrics/curate.json` what was dropped and what leaks between splits.

    Raises:
        DataError: there is no text, or none is left.
        GateError: too much of a dev or test set occurs in a training set; the metrics are written before.
    """
    rules, seed = context.params.curate, context.params.seed
    layout.CURATED.unlink(missing_ok=True)  # that of an earlier run must not stay where this one stops
    gold = {split: read_corpora(split) for split in ("train", "dev", "test")}
    judged = {split: list(chain(*gold[split].values())) for split in ("test", "dev")}
    result = curate(_Unlabelled(), judged, rules, seed)
    _check_left(result)
    write_documents(layout.CURATED, result)
    found = _leakage(gold, Comparison.of(rules.near_duplicate, rules.decontaminate_ngram, seed))
    write_json(
        layout.metrics("curate"), _figures(result) | {"leakage": {pair.name: pair.to_record() for pair in found}}
    )
    _check_leakage(found, context.params)


class _Unlabelled:
    """The unlabelled documents of all corpora, read anew each time: there may be more than memory holds."""

    def __init__(self) -> None:
        self._files = sorted(layout.split("unlabelled").glob("*.jsonl"))
        self._total = sum(map(_lines, self._files))

    def __iter__(self) -> Iterator[Document]:
        yield from track(chain.from_iterable(map(read_documents, self._files)), "curate", self._total)


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)


def _check_left(result: Curated) -> None:
    where = str(layout.split("unlabelled"))
    if not len(result.counts):
        mend = "give at least one entry of `corpora` an unlabelled split"
        raise DataError("no corpus has any unlabelled document", where=where, mend=mend)
    if not result.kept.total():
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(result.reasons.items()))
        mend = "relax the limits of `curate` in params.yaml, or give more unlabelled text"
        what = f"no unlabelled text is left of {len(result.taken)} sentences: {reasons}"
        raise DataError(what, where=where, mend=mend)


def _figures(result: Curated) -> dict[str, Any]:
    return {
        "documents": len(result.counts),
        "repaired": result.repaired,
        "sentences": len(result.taken),
        "kept": result.kept.total(),
        "kept_by_source": {source: count for (_, source), count in sorted(result.kept.items())},
        "dropped": result.reasons,
        "dropped_by_language": _table((language, reasons) for (language, _), reasons in result.dropped.items()),
        "dropped_by_source": _table((source, reasons) for (_, source), reasons in result.dropped.items()),
    }


def _table(rows: Iterable[tuple[str, Counter[str]]]) -> dict[str, dict[str, int]]:
    """Name -> reason -> how often, with every reason in every row; rows of one name are added up."""
    sums: dict[str, Counter[str]] = {}
    for name, reasons in rows:
        sums.setdefault(name, Counter()).update(reasons)
    columns = sorted(set(chain(*sums.values())))
    return {name: {reason: reasons[reason] for reason in columns} for name, reasons in sums.items() if columns}


def _leakage(gold: dict[str, dict[str, list[Document]]], comparison: Comparison) -> list[Leakage]:
    """What of each dev and test set occurs in each set that models are trained on, and of test in dev."""
    sets = {split: {f"{split}/{name}": found for name, found in corpora.items()} for split, corpora in gold.items()}
    curated: dict[str, list[Document]] = {}
    for document in read_documents(layout.CURATED):
        curated.setdefault(f"curated/{document.source}", []).append(document)
    trained = leakage(sets["train"] | curated, sets["test"] | sets["dev"], comparison)
    return [*trained, *leakage(sets["dev"], sets["test"], comparison)]


def _check_leakage(found: list[Leakage], params: Params) -> None:
    limit = params.curate.max_leakage
    over = sorted((pair for pair in found if pair.share > limit), key=lambda pair: -pair.share)
    if over:
        pairs = [
            f"{pair.near} of {pair.documents} documents ({pair.share:.1%}) of {pair.name}" for pair in over[:_SHOWN]
        ]
        more = f", and {len(over) - _SHOWN} more pairs" if len(over) > _SHOWN else ""
        layout.CURATED.unlink()
        raise GateError(
            f"more than {limit:.1%} of what models are judged on leaks: {'; '.join(pairs)}{more}",
            where=f"{layout.metrics('curate')}, leakage",
            mend="give one of the two sets other documents, or leave its corpus out; "
            "if the scores are to be read with that in mind, raise curate.max_leakage",
        )
