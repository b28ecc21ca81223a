"""Registered models with versions that hold nothing, and processes that move their aliases at random."""

from __future__ import annotations

import random
from pathlib import Path

from bioner.errors import RegistryError
from bioner.tracking.ledger import Change, Move
from bioner.tracking.ledger_changes import change
from bioner.tracking.registry import CHALLENGER, CHAMPION, CONTENT, alias_map
from bioner.tracking.store import Store, connect

NAMES = ("bioner-gliner", "bioner-tagger")
VERSIONS = 4


def make_versions(root: Path, names: tuple[str, ...] = NAMES) -> Store:
    """A store whose models have versions and no aliases."""
    store = connect(root)
    for name in names:
        store.client.create_registered_model(name)
        for number in range(VERSIONS):
            store.client.create_model_version(name, f"{root.as_uri()}/model", tags={CONTENT: f"{name} {number}"})
    return store


def move(store: Store, alias: str, before: str | None, after: str | None, name: str = NAMES[0]) -> None:
    """Move one alias by the ledger."""
    change(store, Change(name, (Move(alias, before, after),), "registered", f"{alias} by a test"))


def change_for_ever(root: str, seed: int) -> None:
    """Move aliases at random until killed; what is refused because others were first is tried no more."""
    store, rng = connect(Path(root)), random.Random(seed)
    while True:
        name = rng.choice(NAMES)
        found = alias_map(store, name)
        moves = [Move(CHAMPION, found.get(CHAMPION), str(rng.randint(1, VERSIONS)))]
        if rng.random() < 0.5:
            after = None if CHALLENGER in found and rng.random() < 0.5 else str(rng.randint(1, VERSIONS))
            moves.append(Move(CHALLENGER, found.get(CHALLENGER), after))
        try:
            change(store, Change(name, tuple(moves), "registered", f"seed {seed}"))
        except RegistryError as error:
            assert "by " in error.what or "all the time" in error.what
