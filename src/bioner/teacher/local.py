"""A causal LM of this machine as a teacher: its manifest, the check that it is still that model, and it opened."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from bioner.config.teacher import Local, Teacher
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError, ModelError
from bioner.files import hash_file, hash_value
from bioner.references import download, locate
from bioner.seeds import seed_torch
from bioner.teacher.asking import Asking
from bioner.teacher.budget import Spent
from bioner.teacher.grounding import Grounding
from bioner.teacher.manifest import TeacherManifest, hash_code
from bioner.teacher.question import Tasked
from bioner.teacher.tasks.registry import open_task
from bioner.teacher.tasks.wording import LANGUAGES

if TYPE_CHECKING:
    from bioner.teacher.local_teacher import LocalTeacher

BACKEND = "local"
_CODE = ("teacher/local_decoding.py", "teacher/local_grammar.py", "teacher/local_model.py")  # below src/bioner
_LIBRARIES = ("llguidance", "torch", "transformers")  # that decide what is written
_FILES = ("*.json", "*.jinja", "*.model", "*.safetensors", "*.txt")  # of a model's folder: no pickles


def describe_local(settings: Teacher, types: EntityTypes) -> TeacherManifest:
    """The manifest of the model that a reference names, as it is now.

    Raises:
        ConfigError: the task cannot be asked in this way.
        ModelError: nothing is there; a model on a hub is fetched.
    """
    local = section(settings)
    question = _question(local, types)
    return TeacherManifest(
        backend=BACKEND,
        model=local.model,
        content=_content(local.model),
        prompt=question.prompt,
        code=question.reader,
        min_score=settings.min_score,
        types=types,
        sampling={
            **(settings.sampling.model_dump() if settings.sampling else {"samples": 1, "temperature": 0.0}),
            "task": local.task,
            "grounding": local.grounding.model_dump(),
            "schema": hash_value([question.schema(language).value for language in LANGUAGES]),
            "max_tokens": local.max_tokens,
            "writer": hash_code(_CODE),
            "libraries": {name: version(name) for name in _LIBRARIES},
        },
    )


def check_local(manifest: TeacherManifest) -> None:
    """Make sure that the model is the one that the manifest was written for.

    Raises:
        ModelError: the model is gone, or its files have changed.
    """
    if _content(manifest.model) != manifest.content:
        mend = "describe it anew: bioner run --force teacher"
        raise ModelError("the teacher's model is not the one of its manifest", where=manifest.model, mend=mend)


def asking_of(manifest: TeacherManifest, settings: Teacher, seed: int) -> Asking:
    """How the model of a manifest is asked."""
    local = section(settings)
    return Asking(_question(local, manifest.types), manifest.sampling["temperature"], local.max_tokens, seed)


def open_local(
    manifest: TeacherManifest, settings: Teacher, asking: Asking, threads: int, spent: Spent
) -> LocalTeacher:
    """Load the model of a manifest.

    Args:
        settings: how many texts share a batch; what decides the answers is in the manifest, too.
        threads: that torch uses.
        spent: what earlier runs took.

    Raises:
        ModelError: it cannot be loaded, or cannot be held to a schema.
    """
    from bioner.tagger.backbone import load_backbone
    from bioner.teacher.local_model import LocalModel
    from bioner.teacher.local_teacher import LocalTeacher

    seed_torch(asking.seed, threads)
    model = LocalModel(load_backbone(_loaded(manifest.model)), section(settings).batch_size, manifest.model)
    return LocalTeacher(model, asking, manifest.sampling["samples"], spent)


def _question(local: Local, types: EntityTypes) -> Tasked:
    """What it is asked: tasks that are answered in JSON, after a schema."""
    return Tasked(open_task(local.task, Grounding(local.grounding.occurrence, local.grounding.max_edits), types))


def section(settings: Teacher) -> Local:
    """The section of the params.

    Raises:
        ConfigError: there is none.
    """
    if settings.local is None:
        what = "the teacher's manifest is of a local model, and the params have none"
        raise ConfigError(what, where="teacher", mend="let the teacher stage write the manifest anew: bioner run")
    return settings.local


def _loaded(reference: str) -> str:
    """A reference to the files that were hashed: those of a hub's model lie in a folder then."""
    hub = locate(reference).hub
    return reference if hub is None else f"path:{download(hub, list(_FILES))}"


def _content(reference: str) -> str:
    """SHA-256 of the files that make the model what it is; a GGUF file has its words in itself."""
    location = locate(_loaded(reference))
    folder = location.folder or Path()
    if location.file:
        return hash_file(folder / location.file)
    files = sorted(file for kind in _FILES for file in folder.glob(kind))
    if not any(file.suffix == ".safetensors" for file in files):
        mend = "name the folder of a model in safetensors, or a GGUF file"
        raise ModelError("the teacher's model has no weights that can be read", where=str(folder), mend=mend)
    return hash_value([[file.name, hash_file(file)] for file in files])
