"""Stage validate: Great Expectations judges the synthetic annotations; bad rows are quarantined, a bad batch stops."""

from __future__ import annotations

from bioner.documents import read_documents, write_documents
from bioner.errors import GateError
from bioner.files import write_json
from bioner.stages import layout
from bioner.stages.context import Context, read_split
from bioner.validation.gate import validate
from bioner.validation.rows import parse_leniently


def run(context: Context) -> None:
    """Part `data/distilled.jsonl` into `data/synthetic.jsonl` and `data/quarantine.jsonl`.

    The quarantine and the metrics are written before the gate decides: DVC leaves the outputs of a failed stage where
    they are, so that they can be looked at. Refused annotations are not written, and none of an earlier run stay.

    Raises:
        GateError: a rule of the batch failed, or a rule had nothing to evaluate.
    """
    params = context.params
    documents = list(read_documents(layout.DISTILLED, parse_leniently))
    verdict = validate(documents, read_split("train"), params.entity_types.keys, params.validate_)
    layout.SYNTHETIC.unlink(missing_ok=True)
    write_documents(layout.QUARANTINE, verdict.quarantined)
    write_json(layout.metrics("validate"), verdict.to_record())
    if verdict.failures:
        raise GateError(
            f"the synthetic annotations did not pass the gate: {'; '.join(verdict.failures)}",
            where=f"{layout.QUARANTINE} (each row with its reasons), {layout.metrics('validate')}",
            mend="look at the quarantined rows, then improve the teacher or change `validate` in params.yaml",
        )
    write_documents(layout.SYNTHETIC, verdict.accepted)
