"""The trained tagger as a teacher: its manifest, and the check that it is still the model of that manifest."""

from __future__ import annotations

from pathlib import Path

import bioner
from bioner.entity_types import EntityTypes
from bioner.errors import ModelError
from bioner.files import hash_file, hash_tree, hash_value
from bioner.predictors import MANIFEST, Predictor, load_predictor, read_manifest
from bioner.seeds import seed_torch
from bioner.teacher.manifest import TeacherManifest

BACKEND = "tagger"
_CODE = ("tagger", "words.py")  # below src/bioner: what turns the model and a text into annotations


def describe_tagger(reference: str, types: EntityTypes, min_score: float) -> TeacherManifest:
    """The manifest of a tagger as it lies on disk.

    Raises:
        ModelError: nothing is there, it is not a tagger, or it does not say what it was made of.
    """
    folder, model = read_manifest(reference)
    if model.get("family") != BACKEND:
        what = f"the teacher has to be a tagger, and {reference!r} is of the family {model.get('family')!r}"
        raise ModelError(what, where=str(folder), mend="name a backend that fits, or train the tagger")
    if not {"base", "prompt"} <= model.keys():
        what = "the tagger does not say which base and which prompt it was trained with"
        raise ModelError(what, where=str(folder / MANIFEST), mend="train it again: bioner run --force tagger")
    return TeacherManifest(
        backend=BACKEND,
        model=reference,
        content=hash_tree(folder),
        base=model["base"],
        prompt=model["prompt"],
        code=_hash_code(Path(bioner.__file__).parent),
        min_score=min_score,
        types=types,
    )


def check_tagger(manifest: TeacherManifest) -> None:
    """Make sure that the model is the one that the manifest was written for.

    Raises:
        ModelError: the model is gone, or its files have changed.
    """
    folder, _ = read_manifest(manifest.model)
    if hash_tree(folder) != manifest.content:
        raise ModelError(
            "the teacher's model is not the one that its manifest was written for",
            where=str(folder),
            mend="describe it anew with `bioner run`, or restore the model with `dvc checkout`",
        )


def open_tagger(manifest: TeacherManifest, seed: int, threads: int) -> Predictor:
    """Load the model of a manifest, and make what it says repeatable."""
    seed_torch(seed, threads)
    return load_predictor(manifest.model)


def _hash_code(package: Path) -> str:
    """SHA-256 over the Python files of `_CODE`; compiled files and caches do not count."""
    roots = (package / name for name in _CODE)
    files = [file for root in roots for file in ([root] if root.is_file() else sorted(root.rglob("*.py")))]
    return hash_value([[file.relative_to(package).as_posix(), hash_file(file)] for file in files])
