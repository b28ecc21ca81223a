"""The stage `pretrain`: a GLiNER variant learns from the teacher's annotations."""

from __future__ import annotations

from dataclasses import replace

from bioner.distribution import first_process
from bioner.documents import read_documents
from bioner.errors import DataError
from bioner.free_labels import apart, with_free
from bioner.stages import layout
from bioner.stages.context import Context
from bioner.stages.gliner_phase import Phase, described

_THRESHOLD = 0.5  # until fine-tuning calibrates it on gold data


def run(context: Context) -> None:
    """Train the variant named by the item on the synthetic documents, from its encoder or checkpoint.

    Raises:
        DataError: there is nothing to learn from.
        ModelError: the encoder cannot be resolved or used.
    """
    from bioner.gliner.backbone import open_base
    from bioner.tracking.runs import stage_run
    from bioner.training import forget

    phase = Phase.of(context, context.params.pretrain)
    # one teacher annotated them all, for all types, wherever the texts came from
    documents = [apart(replace(document, source="teacher")) for document in read_documents(layout.SYNTHETIC)]
    if not documents:
        raise DataError("there is no synthetic document", where=str(layout.SYNTHETIC), mend="run the stage distill")
    plan = phase.plan([layout.SYNTHETIC])
    with stage_run(context, [layout.SYNTHETIC]) as tracked:
        seed = phase.seed()
        model = open_base(phase.variant)
        types = with_free(context.params.entity_types, documents)
        fitted = phase.train(model, documents, plan, seed, tracked, types=types)
        if not first_process():
            return  # it has helped to train; the first one writes
        manifest = phase.manifest(_THRESHOLD, fitted.examples.overlap)
        folder = layout.pretrained(phase.name)
        figures = {"documents": described(documents)}
        phase.write(folder, model, manifest, fitted, figures)
        tracked.model(folder)
    forget(plan)
