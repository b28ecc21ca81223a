"""The licence of the model that a training began as, as its package or repository states it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import yaml

from bioner.errors import ModelError
from bioner.references import download

_FIELDS = ("License-Expression", "License")
_OSI = "License :: OSI Approved :: "


def licence_of(reference: str) -> str:
    """The licence; empty where nothing states one. A folder states none."""
    scheme, _, rest = reference.partition(":")
    if scheme == "package":
        return _of_package(rest.partition("/")[0])
    return _of_repository(rest) if scheme == "hf" else ""


def _of_package(module: str) -> str:
    try:
        about = metadata(module)
    except (PackageNotFoundError, ValueError):
        return ""
    stated = next((about[field] for field in _FIELDS if field in about), "")
    if stated and "\n" not in stated:  # some put the whole text of the licence there
        return stated
    return ", ".join(line.removeprefix(_OSI) for line in about.get_all("Classifier") or () if line.startswith(_OSI))


def _of_repository(name: str) -> str:
    """What the header of its card says, if that was fetched before or can be had."""
    try:
        card = download(name, ["README.md"]) / "README.md"
    except ModelError:
        return ""
    return stated_in(card) if card.is_file() else ""


def stated_in(card: Path) -> str:
    """The licence in the header of a card."""
    parts = card.read_text(encoding="utf-8", errors="replace").split("---", 2)
    try:
        fields = yaml.safe_load(parts[1]) if len(parts) == 3 and not parts[0].strip() else None
    except yaml.YAMLError:
        return ""
    return str(fields.get("license_name") or fields.get("license") or "") if isinstance(fields, dict) else ""
