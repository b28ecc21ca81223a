"""What the two phases of a GLiNER training have in common: inputs in, trained model, curve and figures out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioner.config import GlinerPhase, Variant
from bioner.documents import Document
from bioner.files import atomic_directory, write_json
from bioner.stages import layout
from bioner.stages.context import Context, live, write_curve

if TYPE_CHECKING:
    from bioner.entity_types import EntityTypes
    from bioner.gliner.fit import Fit
    from bioner.gliner.folder import Manifest
    from bioner.gliner.model import Gliner
    from bioner.gliner.overlap import Overlap
    from bioner.tracking.runs import StageRun
    from bioner.training import Plan

_AVERAGED = 20  # steps behind the two losses in the metrics


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of one variant."""

    context: Context
    name: str
    variant: Variant
    settings: GlinerPhase

    @classmethod
    def of(cls, context: Context, settings: GlinerPhase) -> Phase:
        """The phase that a stage was called for."""
        name = context.need_item()
        return cls(context, name, context.params.gliner.variants[name], settings)

    def plan(self, inputs: Sequence[Path]) -> Plan:
        """The plan of the training; the inputs and all params it depends on are its identity."""
        types = self.context.params.entity_types.to_record()
        identity = self.context.identity(inputs, self.variant, self.settings, types)
        plan = self.context.plan(self.settings.steps, self.settings.warmup, identity)
        return replace(plan, accumulate=self.settings.accumulate, precision=self.settings.precision)

    def seed(self) -> int:
        """Seed torch, and return the seed of the batches."""
        from bioner.seeds import derive, seed_torch

        seed_torch(derive(self.context.params.seed, self.context.name, "torch"), self.context.params.threads)
        return derive(self.context.params.seed, self.context.name, "batches")

    def train(
        self,
        model: Gliner,
        documents: Sequence[Document],
        plan: Plan,
        seed: int,
        run: StageRun,
        *,
        types: EntityTypes | None = None,
        evaluate: Callable[[Overlap], float] | None = None,
    ) -> Fit:
        """Train the model in place, its curve recorded live.

        Args:
            types: those that are learnt, where these are others than those of the params.
            evaluate: see `bioner.gliner.fit.fit`.
        """
        from bioner.gliner.fit import fit

        return fit(
            model,
            documents,
            types or self.context.params.entity_types,
            self.settings,
            plan=plan,
            seed=seed,
            description=self.context.name,
            on_step=live(run),
            evaluate=evaluate,
        )

    def manifest(self, threshold: float, overlap: Overlap) -> Manifest:
        """What the model folder will say about the model."""
        from bioner.gliner.folder import Manifest

        types = self.context.params.entity_types
        limits = self.variant
        return Manifest(limits.encoder, types, threshold, overlap, limits.max_words, limits.max_types)

    def write(self, folder: Path, model: Gliner, manifest: Manifest, fitted: Fit, figures: dict[str, Any]) -> None:
        """Write the model, its curve and its metrics; `figures` are those of the stage itself."""
        from bioner.gliner.folder import write_folder

        with atomic_directory(folder) as aside:
            write_folder(aside, model, manifest)
        write_curve(layout.curve(self.context.stage, self.name), fitted.curve)
        write_json(layout.metrics(self.context.stage, self.name), _training(fitted) | figures)


def _training(fitted: Fit) -> dict[str, Any]:
    losses = [point.loss for point in fitted.curve]
    ends = {"first": losses[:_AVERAGED], "last": losses[-_AVERAGED:]}
    scores = {point.step + 1: point.score for point in fitted.curve if point.score is not None}
    return {
        "examples": sum(map(len, fitted.examples.groups.values())),
        "spans": fitted.examples.spans,
        "spans_lost": dict(fitted.examples.lost),
        "new_characters": fitted.characters,
        "steps": len(losses),
        "loss": {name: round(sum(part) / len(part), 6) for name, part in ends.items()},
    } | ({"best_step": max(scores, key=scores.__getitem__)} if scores else {})


def described(documents: Sequence[Document]) -> dict[str, int]:
    """Number of documents of each language."""
    return dict(sorted(Counter(document.language for document in documents).items()))
