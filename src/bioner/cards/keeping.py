"""Keeping cards: beside the registered model, with the hash on the version, and in short in its description."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bioner.cards.card import FORMAT, render, summary
from bioner.cards.facts import LICENCE, Facts, collect
from bioner.cards.licence import licence_of
from bioner.files import hash_file
from bioner.lineage.kept import artifact, read_mapping
from bioner.registered import registry_client, resolve
from bioner.tracking.runs import BASE
from bioner.tracking.store import registry_errors

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CARD = "bioner.card"  # tag: format and SHA-256 of the card
NAME = "README.md"
_DESCRIPTION = 5000  # characters that MLflow keeps of a description


def facts_of(reference: str, start: Path | None = None) -> Facts:
    """The facts of a version.

    Raises:
        ModelError: the registry has no such version.
    """
    here = start or Path.cwd()
    client = registry_client(here)
    return collect(client, resolve(client, reference.removeprefix("mlflow:")), here)


def keep_cards(references: Iterable[str], start: Path) -> None:
    """Write the cards of versions that have none, or about which something else was decided since.

    Args:
        references: of versions, as `bioner-gliner/3`.
        start: a folder in the project.

    Raises:
        RegistryError: the registry cannot be reached.
    """
    client = registry_client(start)
    with registry_errors("the model cards cannot be kept"):
        for reference in references:
            _keep(client, resolve(client, reference), start)


def mark_of(card: Path) -> str:
    """What the tag of a version says of its card."""
    return f"{FORMAT}:{hash_file(card)}"


def kept_card(client: MlflowClient, version: ModelVersion) -> Path | None:
    """The card as it was kept; `None` if it was not."""
    return artifact(client, f"{version.source}/{NAME}")


def _keep(client: MlflowClient, version: ModelVersion, start: Path) -> None:
    """The model folder itself stays as it is: its hash is what the version is known by."""
    name, number = str(version.name), str(version.version)
    if LICENCE not in version.tags and (licence := licence_of(version.tags.get(BASE, ""))):
        client.set_model_version_tag(name, number, LICENCE, licence)
        version = client.get_model_version(name, number)
    facts = collect(client, version, start)
    with tempfile.TemporaryDirectory() as place:
        card = Path(place) / NAME
        card.write_text(render(facts), encoding="utf-8", newline="\n")
        mark, kept = mark_of(card), kept_card(client, version)
        if version.tags.get(CARD) == mark and kept is not None and mark_of(kept) == mark:
            return
        logged = read_mapping(artifact(client, f"{version.source}/MLmodel"))  # the registry does not keep its id
        client.log_model_artifact(str(logged.get("model_id")), str(card))
    client.set_model_version_tag(name, number, CARD, mark)
    decided = (version.description or "").partition("\n\n")[0]
    described = f"{decided}\n\n{summary(facts)}"
    if len(described) <= _DESCRIPTION:
        client.update_model_version(name, number, described)
