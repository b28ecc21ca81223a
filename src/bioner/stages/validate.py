"""Stage validate: what people corrected is taken over, then Great Expectations judges: bad rows are quarantined, a bad
batch stops.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from bioner.curation.compare import Comparison
from bioner.documents import Document, read_documents, write_documents
from bioner.errors import GateError
from bioner.events import event
from bioner.files import write_json
from bioner.project import project_root
from bioner.review.acceptance import acceptance, figures
from bioner.review.corrections import Corrections, correct
from bioner.review.exported import parse_tasks, read_tasks
from bioner.stages import layout
from bioner.stages.context import Context, read_split
from bioner.validation.datadocs import INDEX, write_docs
from bioner.validation.gate import Reference, Verdict, validate
from bioner.validation.quarantine import REASONS
from bioner.validation.rows import parse_leniently

_JUDGED = ("test", "dev")


def run(context: Context) -> None:
    """Part `data/distilled.jsonl` into `data/synthetic.jsonl` and `data/quarantine.jsonl`, as an MLflow run.

    Documents that people have reviewed replace the teacher's. This is no stage of its own, which would cost seconds in
    every run without a review.

    The quarantine, the metrics and the Data Docs are written, and the run has them, before the gate decides: DVC leaves
    the outputs of a failed stage where they are, so that they can be looked at. Refused annotations are not written,
    and none of an earlier run stay.

    Raises:
        DataError: the review is missing or damaged, or does not fit the documents.
        GateError: a rule of the batch failed, or a rule had nothing to evaluate.
        RegistryError: the tracking store cannot be reached.
    """
    from bioner.tracking.runs import stage_run

    layout.SYNTHETIC.unlink(missing_ok=True)
    review = _review_file(context)
    inputs = [layout.DISTILLED, layout.CURATED, *map(layout.split, ("train", *_JUDGED)), *([review] if review else [])]
    with stage_run(context, inputs) as tracked:
        distilled = list(read_documents(layout.DISTILLED, parse_leniently))
        corrections = _corrections(context, distilled, review)
        write_json(layout.metrics("review"), figures(corrections, context.params.entity_types.keys))
        tracked.metrics(_accepted(context, corrections))
        verdict = validate(corrections.applied(distilled), _reference(context), context.params.validate_)
        record = verdict.to_record()
        write_documents(layout.QUARANTINE, verdict.quarantined)
        _tell(verdict)
        write_json(layout.metrics("validate"), record)
        totals = {name: record[name] for name in ("documents", "accepted", "quarantined")}
        write_docs(layout.DATA_DOCS, verdict.suites, verdict.failures, totals)
        tracked.metrics(totals | _observed(verdict))
        tracked.artifact(layout.DATA_DOCS, layout.DATA_DOCS.name)
        _check(verdict)
        write_documents(layout.SYNTHETIC, verdict.accepted)


def _tell(verdict: Verdict) -> None:
    for document in verdict.quarantined:
        reasons = document.meta[REASONS]
        event("quarantined", ", ".join(reasons), logging.WARNING, document=document.id, reasons=reasons)


def _review_file(context: Context) -> Path | None:
    named = context.params.review.file
    return None if named is None else named.locate(project_root(Path.cwd()), "review.file")


def _corrections(context: Context, documents: Sequence[Document], review: Path | None) -> Corrections:
    reviews = [] if review is None else parse_tasks(read_tasks(review), str(review))
    return correct(documents, reviews, context.params.entity_types)


def _accepted(context: Context, corrections: Corrections) -> dict[str, float]:
    """The acceptance rate of each type that people were shown spans of, and of all."""
    rates = acceptance(corrections.documents, context.params.entity_types.keys)
    return {f"acceptance_{key}": found.rate for key, found in rates.items() if found.rate is not None}


def _reference(context: Context) -> Reference:
    params, rules = context.params, context.params.curate
    judged: dict[str, list[Document]] = {split: read_split(split) for split in _JUDGED}
    return Reference(
        labels=params.entity_types.keys,
        languages={language for names in params.types.values() for language in names},
        requested=[document.id for document in read_documents(layout.CURATED)],
        gold=read_split("train"),
        judged=judged,
        comparison=Comparison.of(rules.near_duplicate, rules.decontaminate_ngram, params.seed),
    )


def _observed(verdict: Verdict) -> dict[str, float]:
    """What each rule observed, where it observed anything."""
    outcomes = (*verdict.rows, *verdict.batch)
    return {outcome.rule.name: outcome.observed for outcome in outcomes if outcome.observed is not None}


def _check(verdict: Verdict) -> None:
    if verdict.failures:
        places = (layout.DATA_DOCS / INDEX, f"{layout.QUARANTINE} (each row with its reasons)")
        raise GateError(
            f"the synthetic annotations did not pass the gate: {'; '.join(verdict.failures)}",
            where=", ".join(map(str, (*places, layout.metrics("validate")))),
            mend="look at the quarantined rows, then improve the teacher or change `validate` in params.yaml",
        )
