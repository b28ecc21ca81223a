"""A training of a tiny tagger in a process of its own, for tests that kill it."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from tiny_lm import sentence, tagger_settings

from bioner.entity_types import EntityTypes, TypeName
from bioner.seeds import seed_torch
from bioner.tagger.fit import fit_tagger
from bioner.tagger.model import TAGGER, open_base
from bioner.tagger.network import Lora
from bioner.training import Plan, Point

STEPS = 20
TYPES = EntityTypes(
    {
        "drug": {"en": TypeName(name="drug", definition="a medicine"), "zh": TypeName(name="药物", definition="药品")},
        "disease": {"en": TypeName(name="disease"), "zh": TypeName(name="疾病")},
    }
)
ENGLISH = [sentence(n, f"Patient {n} takes aspirin daily.", "en", ("aspirin", "drug")) for n in range(13)]
CHINESE = [sentence(n, f"{n}号患者有哮喘。", "zh", ("哮喘", "disease")) for n in range(5)]


def run(base: str, checkpoint: str, out: str, *, on_step: Callable[[Point], None] = lambda _point: None) -> None:
    """Train with dropout, micro-batches, definitions and mixed languages, and write the adapter."""
    seed_torch(3, 1)
    lora = Lora(rank=4, alpha=8, dropout=0.2, layers="all")
    model = open_base(base, lora, definitions=True)
    settings = tagger_settings(base, lora, steps=STEPS, batch_size=3, learning_rate=0.01)
    fit_tagger(
        model,
        [*ENGLISH, *CHINESE],
        TYPES,
        settings.model_copy(update={"language_temperature": 2.0}),
        plan=Plan(STEPS, 0.1, Path(checkpoint), "tiny", accumulate=2, checkpoint_every=0),
        seed=4,
        description="tiny",
        on_step=on_step,
    )
    model.network.save(TAGGER, Path(out))


def report(connection: Connection, base: str, checkpoint: str, out: str) -> None:
    """Train, and send the number of every step that is done."""
    run(base, checkpoint, out, on_step=lambda point: connection.send(point.step))
