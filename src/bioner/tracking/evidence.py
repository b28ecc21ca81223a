"""What a promotion is judged by: a model's predictions on the test documents, and what they were made from."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bioner.config import Params, Promotion
from bioner.documents import Document
from bioner.errors import RegistryError
from bioner.evaluation.pairing import read_pool
from bioner.evaluation.score import score_documents
from bioner.evaluation.scores import Scores
from bioner.evaluation.significance import PairedTest, compare
from bioner.files import hash_file, hash_tree, hash_value

PREDICTIONS = "predictions"
PIPELINE_FILES = ("dvc.lock", "dvc.yaml", "params.yaml")  # kept beside it: they move on, a version does not
_TEST = Path("data/test")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The files that speak for a model, by their hashes; nothing is read before it is needed.

    Attributes:
        model: the key of the model in `models` of the params.
        folder: the model.
        predictions: the folder of its predictions.
        gold: the folder of the test documents.
        content: hash of the model folder.
        test: hash of the test documents and the types that were asked for: only what shares it can be compared.
        id: hash of all of these.
    """

    model: str
    folder: Path
    predictions: Path
    gold: Path
    content: str
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

    def test_against(self, champion: list[Document], params: Params) -> PairedTest:
        """Whether the model is better than a champion that made these predictions."""
        return compare(
            self.gold_documents(),
            champion,
            read_pool(self.predictions),
            scheme=params.promotion.metric,
            resamples=params.evaluate.resamples,
            confidence=params.evaluate.confidence,
            seed=params.seed,
        )


def find_evidence(workspace: Path, params: Params, model: str) -> Evidence:
    """The evidence that the stages left in a workspace.

    Raises:
        RegistryError: the model or its predictions are not there.
    """
    folder, predictions, gold = (
        workspace / params.models[model].path,
        workspace / PREDICTIONS / model,
        workspace / _TEST,
    )
    for path, what in ((folder, "model"), (predictions, "predictions"), (gold, "test documents")):
        if not path.is_dir():
            mend = "run the pipeline first: bioner run"
            raise RegistryError(f"the {what} of {model!r} cannot be registered: not there", where=str(path), mend=mend)
    content, test = hash_tree(folder), hash_test_set(gold, params)
    return Evidence(
        model, folder, predictions, gold, content, test, hash_value([content, test, hash_tree(predictions)])
    )


def hash_test_set(gold: Path, params: Params) -> str:
    """Hash of a folder of test documents and the types asked for; the empty file of a corpus without any is none."""
    files = {file.name: hash_file(file) for file in gold.glob("*.jsonl") if file.stat().st_size}
    return hash_value([files, params.entity_types.to_record()])


def basis(evidence: Evidence, policy: Promotion, champion: str | None) -> str:
    """Hash of all that a decision depends on: while it stays, the decision does."""
    return hash_value([evidence.id, policy.model_dump(mode="json"), champion])


def gather(evidence: Evidence, workspace: Path, place: Path) -> None:
    """Copy predictions, scores and the pipeline's own files to an empty folder, for the registry to keep."""
    shutil.copytree(evidence.predictions, place / PREDICTIONS)
    metrics = workspace / "metrics" / "evaluate" / f"{evidence.model}.json"
    sources: Mapping[str, Path] = {"evaluation.json": metrics} | {name: workspace / name for name in PIPELINE_FILES}
    for name, source in sources.items():
        if source.is_file():
            shutil.copyfile(source, place / name)
