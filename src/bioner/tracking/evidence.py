"""What a promotion is judged by: a model's predictions on the test documents, and what they were made from."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioner.config import Params, Promotion
from bioner.documents import Document
from bioner.errors import RegistryError
from bioner.evaluation.group_significance import compare_groups
from bioner.evaluation.pairing import read_pool
from bioner.evaluation.score import score_documents
from bioner.evaluation.scores import Scores
from bioner.evaluation.significance import compare
from bioner.files import hash_file, hash_tree, hash_value
from bioner.tracking.policy import Versus, resamples_for
from bioner.tracking.policy_findings import RECORDS, hash_records

PREDICTIONS = "predictions"
PIPELINE_FILES = ("dvc.lock", "dvc.yaml", "params.yaml")  # kept beside it: they move on, a version does not
TEACHER = "models/teacher.json"  # likewise, by its own name, if there is one
GOLD = "gold"
TEST_DOCUMENTS = Path("data/test")
_METRICS = Path("metrics")


@dataclass(frozen=True, slots=True)
class Tested:
    """The files that speak for a model, by their hashes; nothing is read before it is needed.

    Attributes:
        predictions: the folder of its predictions.
        gold: the folder of the test documents.
        records: the folder of what the stages noted (see `policy_findings`).
        size: bytes of the model folder; `None` if nobody noted them.
        test: hash of the test documents and the types that were asked for: only what shares it can be compared.
        id: hash of the model, the test, the predictions and the records.
    """

    predictions: Path
    gold: Path
    records: Path
    size: int | None
    test: str
    id: str

    def gold_documents(self) -> list[Document]:
        """The test documents of all corpora."""
        return read_pool(self.gold)

    def scores(self, params: Params) -> Scores:
        """How good the model is."""
        settings = params.evaluate
        return score_documents(
            self.gold_documents(),
            read_pool(self.predictions),
            resamples=settings.resamples,
            confidence=settings.confidence,
            seed=params.seed,
        )

    def versus(self, champion: list[Document], params: Params) -> Versus:
        """Whether the model is better than a champion that made these predictions, and worse in any type."""
        policy, least = params.promotion, params.evaluate.resamples
        sides = self.gold_documents(), champion, read_pool(self.predictions)
        settings: dict[str, Any] = {
            "scheme": policy.metric,
            "confidence": params.evaluate.confidence,
            "seed": params.seed,
        }
        overall = compare(*sides, resamples=least, **settings)
        if policy.type_significance == 1.0:
            return Versus(overall, {})
        enough = resamples_for(len(params.types), policy.type_significance, least)
        groups = compare_groups(*sides, resamples=enough, **settings)
        return Versus(overall, {name: test for (group, name), test in groups.items() if group == "types"})


@dataclass(frozen=True, slots=True)
class Evidence(Tested):
    """The evidence of a model in a workspace.

    Attributes:
        model: the key of the model in `models` of the params.
        folder: the model.
        content: hash of the model folder.
    """

    model: str
    folder: Path
    content: str


def find_evidence(workspace: Path, params: Params, model: str) -> Evidence:
    """The evidence that the stages left in a workspace.

    Raises:
        RegistryError: the model or its predictions are not there.
    """
    folder, predictions, gold = (
        workspace / params.models[model].path,
        workspace / PREDICTIONS / model,
        workspace / TEST_DOCUMENTS,
    )
    for path, what in ((folder, "model"), (predictions, "predictions"), (gold, "test documents")):
        if not path.is_dir():
            mend = "run the pipeline first: bioner run"
            raise RegistryError(f"the {what} of {model!r} cannot be registered: not there", where=str(path), mend=mend)
    content, test, records = hash_tree(folder), hash_test_set(gold, params), workspace / _METRICS
    return Evidence(
        predictions=predictions,
        gold=gold,
        records=records,
        size=sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
        test=test,
        id=evidence_id(content, test, predictions, records),
        model=model,
        folder=folder,
        content=content,
    )


def evidence_id(content: str | None, test: str | None, predictions: Path, records: Path) -> str:
    """Hash of all that speaks for a model."""
    noted = hash_records(records)
    return hash_value([content, test, hash_tree(predictions), *([noted] if noted else [])])


def hash_test_set(gold: Path, params: Params) -> str:
    """Hash of a folder of test documents and the types asked for; the empty file of a corpus without any is none."""
    files = {file.name: hash_file(file) for file in gold.glob("*.jsonl") if file.stat().st_size}
    return hash_value([files, params.entity_types.to_record()])


def basis(evidence: Tested, policy: Promotion, champion: str | None) -> str:
    """Hash of all that a decision depends on: while it stays, the decision does."""
    return hash_value([evidence.id, policy.model_dump(mode="json"), champion])


def gather(evidence: Evidence, workspace: Path, place: Path) -> None:
    """Copy predictions, test documents, scores, the teacher's manifest and the pipeline's own files to an empty folder.

    The registry keeps it.
    """
    shutil.copytree(evidence.predictions, place / PREDICTIONS)
    shutil.copytree(evidence.gold, place / GOLD, ignore=shutil.ignore_patterns(".*"))
    metrics = evidence.records / "evaluate" / f"{evidence.model}.json"
    files = {Path(name).name: workspace / name for name in (*PIPELINE_FILES, TEACHER)}
    files |= {name: evidence.records / name for name in RECORDS}
    sources: Mapping[str, Path] = {"evaluation.json": metrics} | files
    for name, source in sources.items():
        if source.is_file():
            shutil.copyfile(source, place / name)
