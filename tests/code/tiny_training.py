"""A training of a tiny GLiNER in a process of its own, for tests that kill it or start several of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from bioner.config import EarlyStopping, GlinerPhase, LabelSampling, Variant
from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.gliner.backbone import open_base
from bioner.gliner.fit import fit
from bioner.seeds import seed_torch
from bioner.training import Plan, Point

TYPES = EntityTypes.of_words(["disease", "drug"])
STEPS = 24
DRUGS = ("aspirin", "ibuprofen", "metformin", "warfarin", "heparin")


def document(number: int) -> Document:
    before = f"Patient {number} was given "
    drug = DRUGS[number % len(DRUGS)]
    return Document(f"d{number}", f"{before}{drug}.", "en", (Span.of(len(before), len(before) + len(drug), "drug"),))


DOCUMENTS = [document(number) for number in range(41)]  # the last batch of an epoch is smaller


def run(
    encoder: str,
    checkpoint: str,
    out: str,
    *,
    on_step: Callable[[Point], None] = lambda _point: None,
    dropout: bool = True,
    early: bool = False,
) -> None:
    """Train, and write weights and losses.

    Args:
        dropout: whether units are dropped; without it, several processes compute what one does.
        early: whether to stop by a score that falls from its third value on.
    """
    seed_torch(3, 1)
    variant = Variant(encoder=encoder, max_width=4, max_words=15, max_types=5, dropout=0.1)
    model = open_base(variant)
    if not dropout:
        for module in model.network.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
    phase = GlinerPhase(
        steps=STEPS,
        batch_size=3,
        warmup=0.1,
        encoder_learning_rate=1e-3,
        head_learning_rate=1e-3,
        sampling=LabelSampling(negatives=1, hard_negatives=0, label_dropout=0, synonyms=0, definitions=0),
        early_stopping=EarlyStopping(every=5, patience=2) if early else None,
    )
    scores = {5: 0.1, 10: 0.5, 15: 0.4, 20: 0.3}
    done: list[int] = []

    def step(point: Point) -> None:
        done.append(point.step)
        on_step(point)

    fitted = fit(
        model,
        DOCUMENTS,
        TYPES,
        phase,
        plan=Plan(STEPS, 0.1, Path(checkpoint), "tiny", checkpoint_every=0),
        seed=4,
        description="tiny",
        on_step=step,
        evaluate=lambda _nested: scores[len(done) + 1],
    )
    losses = [point.loss for point in fitted.curve]
    torch.save({"weights": model.network.state_dict(), "losses": losses}, out)


def report(connection: Connection, encoder: str, checkpoint: str, out: str) -> None:
    """Train with early stopping, and send the number of every step that is done."""
    run(encoder, checkpoint, out, on_step=lambda point: connection.send(point.step), early=True)


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    run(sys.argv[1], str(folder / "checkpoint.pt"), str(folder / f"{os.environ['RANK']}.pt"), dropout=False)
