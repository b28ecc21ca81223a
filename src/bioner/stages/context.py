"""What a stage is given, and what the stages share: params, checkpoints, gold data, curves."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bioner
from bioner.config import Params
from bioner.documents import Document, read_documents
from bioner.errors import DataError
from bioner.files import atomic_write, hash_file, hash_tree, hash_value
from bioner.stages import layout

if TYPE_CHECKING:  # torch takes seconds to import, and half of the stages do without
    from bioner.tracking.runs import StageRun
    from bioner.training import Plan, Point


HELD_OUT = "held_out"  # in the meta of documents that no stage but `protocol` may learn from or choose by


@dataclass(frozen=True, slots=True)
class Context:
    """One call of a stage.

    Attributes:
        stage: the stage's name.
        item: which corpus, variant or model, for stages that have several; else `None`.
        params: all params; a stage reads only those that `dvc.yaml` declares for it.
    """

    stage: str
    item: str | None
    params: Params

    @property
    def name(self) -> str:
        """`stage` or `stage-item`: fit for a file name."""
        return f"{self.stage}-{self.item}" if self.item else self.stage

    def need_item(self) -> str:
        """The item, for a stage that has several."""
        if self.item is None:
            raise ValueError(f"the stage {self.stage} needs an item")
        return self.item

    def identity(self, inputs: Sequence[Path], *params: Any) -> str:
        """Hash of what the result depends on: this code, contents of files, values of params (JSON or sections)."""
        values = [p.model_dump(mode="json") if hasattr(p, "model_dump") else p for p in params]
        code = [hash_file(p) for p in sorted(Path(bioner.__file__).parent.rglob("*.py"))]
        files = [hash_tree(p) for p in inputs]
        return hash_value([self.name, self.params.seed, self.params.threads, code, files, values])

    def plan(self, steps: int, warmup: float, identity: str) -> Plan:
        """A training plan whose checkpoint lies in the state folder of the workspace."""
        from bioner.training import Plan

        return Plan(steps, warmup, layout.STATE / "checkpoints" / f"{self.name}.pt", identity)


def read_split(name: str) -> list[Document]:
    """All documents of a split, over all corpora, in the order of the corpora's names.

    Raises:
        DataError: the split is empty in every corpus.
    """
    return [document for documents in read_corpora(name).values() for document in documents]


def read_corpora(name: str, *, held_out: bool = False) -> dict[str, list[Document]]:
    """The documents of a split by corpus, in the order of the corpora's names; a corpus without any is left out.

    Args:
        held_out: whether documents that are held out from the stages of the pipeline are read too.

    Raises:
        DataError: the split is empty in every corpus.
    """
    files = sorted(layout.split(name).glob("*.jsonl"))
    read = {file.stem: [d for d in read_documents(file) if held_out or not d.meta.get(HELD_OUT)] for file in files}
    corpora = {corpus: documents for corpus, documents in read.items() if documents}
    if not corpora:
        raise DataError(
            f"no corpus has any {name} document",
            where=str(layout.split(name)),
            mend=f"give at least one entry of `corpora` a {name} split (or `dev_fraction`)",
        )
    return corpora


def live(run: StageRun) -> Callable[[Point], None]:
    """What shows a training in its MLflow run while it goes on: seconds belong there, and not into the curve's file."""

    def record(point: Point) -> None:
        values = {"loss": point.loss, "learning_rate": point.learning_rate, "examples_per_second": point.throughput}
        run.metrics(values if point.score is None else values | {"dev_score": point.score}, point.step)

    return record


def write_curve(path: Path, points: Sequence[Point]) -> None:
    """Write a training curve as CSV, for `dvc plots`."""
    with atomic_write(path) as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["step", "loss", "learning_rate"])
        writer.writerows((p.step, f"{p.loss:.6f}", f"{p.learning_rate:.3e}") for p in points)
