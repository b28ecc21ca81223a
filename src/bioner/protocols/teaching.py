"""Teaching: from the start of a trial through its lessons to a model; trials that begin alike share that work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from bioner.config import Variant
from bioner.files import atomic_directory, read_json, write_json
from bioner.gliner.overlap import Overlap
from bioner.protocols.trial import THRESHOLD, Lesson, Trial, row_name
from bioner.seeds import derive, seed_torch

if TYPE_CHECKING:
    from bioner.gliner.model import Gliner
    from bioner.training import Plan


@dataclass(frozen=True, slots=True)
class Teaching:
    """How models of a protocol are made.

    Attributes:
        variant: of the GLiNER: its encoder and limits.
        folder: of checkpoints, and of the model that the next trials begin with.
        threads: of torch.
        seed: from which those of the trials are derived.
        surroundings: hash of all that the trials of the protocol have in common.
    """

    variant: Variant
    folder: Path
    threads: int
    seed: int
    surroundings: str

    def taught(self, trial: Trial, lessons: int) -> tuple[Gliner, Overlap, list[dict[str, Any]]]:
        """The model after so many lessons, what may overlap in what it has learnt, and what each lesson did."""
        if lessons == 0:
            return *self._begin(trial), []
        model, overlap, reports = self._prepared(trial, lessons - 1)
        lesson = trial.lessons[lessons - 1]
        self._seed_torch(trial, f"lesson {lessons}")
        learnt, report = self._learn(model, trial, lesson, lessons)
        return model, max(overlap, learnt), [*reports, report]

    def _prepared(self, trial: Trial, lessons: int) -> tuple[Gliner, Overlap, list[dict[str, Any]]]:
        """As `taught`, by way of a folder that the next trials with the same lessons begin with."""
        if lessons == 0:
            return self.taught(trial, 0)
        from bioner.gliner.folder import Manifest, read_folder, write_folder

        folder = self._shelf / trial.identity(self.surroundings, lessons)
        if not folder.is_dir():
            model, overlap, reports = self.taught(trial, lessons)
            types, limits = trial.lessons[lessons - 1].types, self.variant
            manifest = Manifest(limits.encoder, types, THRESHOLD, overlap, limits.max_words, limits.max_types)
            self.clear()
            with atomic_directory(folder) as aside:
                write_folder(aside, model, manifest)
                write_json(aside / "lessons.json", reports)
        model, manifest = read_folder(folder)
        return model, manifest.overlap, read_json(folder / "lessons.json")

    def clear(self) -> None:
        """Remove the model that trials begin with: one is kept at a time, as each may have gigabytes."""
        rmtree(self._shelf, ignore_errors=True)

    def _seed_torch(self, trial: Trial, purpose: str) -> None:
        seed_torch(derive(self.seed, purpose, str(trial.seed)), self.threads)

    def _begin(self, trial: Trial) -> tuple[Gliner, Overlap]:
        from bioner.gliner.backbone import open_base
        from bioner.gliner.folder import read_folder

        self._seed_torch(trial, "weights")
        if trial.start is None:
            return open_base(self.variant), Overlap.FLAT
        model, manifest = read_folder(trial.start)
        return model, manifest.overlap

    def _learn(self, model: Gliner, trial: Trial, lesson: Lesson, number: int) -> tuple[Overlap, dict[str, Any]]:
        """Teach one lesson; what may overlap in it, and what it did."""
        from bioner.gliner.fit import fit
        from bioner.training import forget

        plan = self._plan(trial, lesson, number)
        fitted = fit(
            model,
            lesson.documents,
            lesson.types,
            lesson.phase,
            plan=plan,
            seed=derive(self.seed, "batches", str(trial.seed), str(number)),
            description=f"{row_name(trial.arm, trial.k, trial.seed)}: {lesson.name}",
        )
        forget(plan)
        return fitted.examples.overlap, {
            "name": lesson.name,
            "steps": len(fitted.curve),
            "batch_size": lesson.phase.batch_size,
            "documents": len(lesson.documents),
            "spans": fitted.examples.spans,
            "spans_lost": sum(fitted.examples.lost.values()),
        }

    def _plan(self, trial: Trial, lesson: Lesson, number: int) -> Plan:
        from bioner.training import Plan

        phase, identity = lesson.phase, trial.identity(self.surroundings, number)
        plan = Plan(phase.steps, phase.warmup, self.folder / "checkpoint.pt", identity)
        return replace(plan, accumulate=phase.accumulate, precision=phase.precision)

    @property
    def _shelf(self) -> Path:
        return self.folder / "prepared"
