"""What distillation does with each backend: what is annotated, by whom, and under which name it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioner.documents import read_documents
from bioner.files import hash_value
from bioner.stages import layout
from bioner.stages.context import Context
from bioner.teacher import endpoint, local
from bioner.teacher.annotate import Reader
from bioner.teacher.annotation import Teacher
from bioner.teacher.budget import Spent
from bioner.teacher.cache import RecordCache, open_cache
from bioner.teacher.chunks import Plan, apart, together
from bioner.teacher.manifest import TeacherManifest
from bioner.teacher.tagger import PredictorTeacher, check_tagger, open_tagger


@dataclass(frozen=True, slots=True)
class Work:
    """What one backend does.

    Attributes:
        identity: what the records of the cache hang on: all that is asked, or all that decides what is said.
        plan: parts the texts; it may read them all.
        teacher: opens it, given what it has spent.
        code: hash of what reads answers, where these are kept.
        reader: reads answers anew, likewise.
    """

    identity: Mapping[str, Any]
    plan: Callable[[], Plan]
    teacher: Callable[[Spent], AbstractContextManager[Teacher]]
    code: str = ""
    reader: Reader | None = None

    def cache(self) -> AbstractContextManager[RecordCache]:
        """Open what the teacher said before."""
        return open_cache(cache_file(self.identity), self.identity, self.code)


def work_of(context: Context, manifest: TeacherManifest) -> Work:
    """What the backend of a manifest does.

    Raises:
        ModelError: the model is not the one that the manifest was written for.
    """
    return {endpoint.BACKEND: _endpoint, local.BACKEND: _local}.get(manifest.backend, _tagger)(context, manifest)


def cache_file(identity: Mapping[str, Any]) -> Path:
    """Every teacher has a file of its own: what an old one said is neither mixed in nor in the way."""
    return layout.RECORDS / f"{hash_value(identity)[:16]}.sqlite"


def _tagger(context: Context, manifest: TeacherManifest) -> Work:
    """The threads and batches of a model of this machine decide what it says, too."""
    check_tagger(manifest)
    params = context.params
    settings = {"seed": params.seed, "threads": params.threads, "batch_size": params.distill.batch_size}
    identity = {"annotator": manifest.annotator, **settings}

    def load(_: Spent) -> AbstractContextManager[Teacher]:
        predictor = open_tagger(manifest, params.seed, params.threads)
        return nullcontext(PredictorTeacher(predictor, manifest.types, params.distill.batch_size))

    return Work(identity, _together(identity, params.distill.chunk), load)


def _endpoint(context: Context, manifest: TeacherManifest) -> Work:
    params = context.params
    identity = endpoint.identity(manifest, params.seed)
    asking = endpoint.asking_of(manifest, params.teacher, params.seed)
    plan = apart(lambda: read_documents(layout.CURATED), params.distill.chunk, endpoint.record_key(asking, identity))

    def connect(spent: Spent) -> AbstractContextManager[Teacher]:
        return endpoint.open_endpoint(manifest, params.teacher, asking, spent, params.distill.workers)

    return Work(identity, lambda: plan, connect, manifest.code, asking.read_anew)


def _local(context: Context, manifest: TeacherManifest) -> Work:
    """As the tagger, but what it writes is kept, as of an endpoint."""
    local.check_local(manifest)
    params = context.params
    asking = local.asking_of(manifest, params.teacher, params.seed)
    batch_size = local.section(params.teacher).batch_size
    shared = {"threads": params.threads, "batch_size": batch_size}
    identity = {**endpoint.identity(manifest, params.seed), **shared}

    def load(spent: Spent) -> AbstractContextManager[Teacher]:
        return nullcontext(local.open_local(manifest, params.teacher, asking, params.threads, spent))

    return Work(identity, _together(identity, batch_size), load, manifest.code, asking.read_anew)


def _together(identity: Mapping[str, Any], size: int) -> Callable[[], Plan]:
    return lambda: together(read_documents(layout.CURATED), size, hash_value(identity))
