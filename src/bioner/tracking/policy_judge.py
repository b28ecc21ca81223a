"""Judging a version by the policy: against the champion, on the test documents that the version was tested on."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bioner.config import Params
from bioner.documents import Document, read_documents
from bioner.evaluation.pairing import pool, read_pool
from bioner.evaluation.scores import Scores
from bioner.registered import fetch
from bioner.tracking.evidence import PREDICTIONS, Tested
from bioner.tracking.ledger_state import withdrawn
from bioner.tracking.ledger_store import Ledger
from bioner.tracking.policy import Decision, decide
from bioner.tracking.policy_findings import read_findings
from bioner.tracking.registry import EVIDENCE, TEST
from bioner.tracking.store import Store

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion


def judge(
    store: Store, params: Params, version: ModelVersion, evidence: Tested, scores: Scores, *, champion: str | None
) -> Decision:
    """What the policy says of a version.

    Args:
        evidence: what speaks for the version.
        scores: of the version, from its evidence.
        champion: the number of the version it is up against, if there is one.

    Raises:
        ModelError: the champion has to be run, but is no model of this project.
    """
    versus = None
    if champion is not None:
        present = store.client.get_model_version(version.name, champion)
        versus = evidence.versus(_champion_predictions(store, params, present, evidence), params)
    gone = withdrawn(Ledger(store).entries(), version.name, str(version.version))
    sentence = f"rolled back by {gone.by} on {gone.at[:10]}" if gone else None
    findings = read_findings(evidence.records, evidence.size, sentence)
    return decide(params.promotion, scores.schemes[params.promotion.metric], versus, findings)


def _champion_predictions(store: Store, params: Params, champion: ModelVersion, evidence: Tested) -> list[Document]:
    """What the champion predicts on the test documents of the evidence: as it was kept, or predicted anew.

    A champion that was tested on other documents, or asked for other types, is run again.
    """
    if champion.tags.get(TEST) == evidence.test:
        with tempfile.TemporaryDirectory() as place:
            folder = f"{champion.tags[EVIDENCE]}/{PREDICTIONS}"
            return read_pool(Path(store.client.download_artifacts(champion.run_id, folder, place)))
    from bioner.predictors import load_predictor
    from bioner.seeds import seed_torch

    seed_torch(params.seed, params.threads)
    predictor = load_predictor(f"path:{fetch(store.client, champion)}")
    bare = {file.stem: [d.with_spans(()) for d in read_documents(file)] for file in evidence.gold.glob("*.jsonl")}
    size = params.evaluate.batch_size
    return pool({name: predictor.predict(part, params.entity_types, batch_size=size) for name, part in bare.items()})
