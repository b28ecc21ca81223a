"""The bench: runs trials one after the other; each result is one file, so that a killed protocol goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bioner.config import Variant
from bioner.documents import Document
from bioner.files import hash_value, read_json, write_json
from bioner.progress import console, track
from bioner.protocols.teaching import Teaching
from bioner.protocols.trial import THRESHOLD, Outcome, Trial, row_name

if TYPE_CHECKING:
    from bioner.gliner.model import Gliner
    from bioner.gliner.overlap import Overlap


@dataclass(frozen=True, slots=True)
class Bench:
    """What all trials of a protocol have in common.

    Attributes:
        variant: of the GLiNER: its encoder and limits.
        documents: those that are judged, with their gold spans, which no model sees.
        folder: of the results, and of the model that the next trials begin with.
        code: hash of the code that results depend on.
        batch_size: windows of a batch of prediction.
        threads: of torch.
        seed: from which those of the trials are derived.
    """

    variant: Variant
    documents: Sequence[Document]
    folder: Path
    code: str
    batch_size: int
    threads: int
    seed: int

    def run(self, trials: Sequence[Trial]) -> Iterator[Outcome]:
        """The outcomes of the trials, in their order; those that a killed run left are not made again."""
        teaching = self._teaching()
        files = [self.folder / f"{trial.identity(teaching.surroundings)}.json" for trial in trials]
        missing = sum(not file.is_file() for file in files)
        done, began = 0, time.monotonic()
        for number, (trial, file) in enumerate(zip(trials, files, strict=True), 1):
            if not file.is_file():
                minutes = (time.monotonic() - began) / 60 * (missing - done) / max(done, 1)
                left = f", about {minutes:.0f} min left" if done else ""
                console().print(f"trial {number}/{len(trials)}: {_name(trial)}{left}", highlight=False, markup=False)
                write_json(file, self._outcome(trial, teaching).to_record())
                done += 1
            yield Outcome.from_record(read_json(file), self.documents)

        teaching.clear()

    def _teaching(self) -> Teaching:
        documents = hash_value([document.to_record() for document in self.documents])
        numbers = [self.batch_size, self.threads, self.seed]
        surroundings = hash_value([self.variant.model_dump(mode="json"), documents, self.code, numbers])
        return Teaching(self.variant, self.folder, self.threads, self.seed, surroundings)

    def _outcome(self, trial: Trial, teaching: Teaching) -> Outcome:
        from bioner.gliner.predictor import GlinerPredictor

        model, overlap, reports = teaching.taught(trial, len(trial.lessons))
        threshold = _threshold(model, trial, overlap)
        predictor = GlinerPredictor(model, trial.asked, threshold, overlap)
        bare = [document.with_spans(()) for document in self.documents]
        found = predictor.predict(bare, trial.asked, batch_size=self.batch_size)
        predicted = tuple(track(found, f"predict {_name(trial)}", len(bare)))
        return Outcome(trial.arm, trial.k, trial.seed, threshold, tuple(reports), predicted)


def _name(trial: Trial) -> str:
    return row_name(trial.arm, trial.k, trial.seed)


def _threshold(model: Gliner, trial: Trial, overlap: Overlap) -> float:
    if not trial.dev:
        return THRESHOLD
    from bioner.evaluation.score import strict_f1
    from bioner.gliner.calibration import GRID, choose_threshold
    from bioner.gliner.predictor import GlinerPredictor

    scored = list(GlinerPredictor(model, trial.asked, GRID[0], overlap).score(trial.dev, trial.asked, floor=GRID[0]))
    return choose_threshold(trial.dev, scored, overlap, strict_f1).value
