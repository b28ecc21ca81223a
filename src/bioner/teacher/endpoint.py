"""A model behind an endpoint: its manifest as a teacher, its key, and the teacher opened."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bioner.config.teacher import Endpoint, Teacher
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError, ModelError
from bioner.files import hash_value
from bioner.teacher.asking import Asking
from bioner.teacher.budget import Purse, Spent
from bioner.teacher.chunks import Key, Text, key_of
from bioner.teacher.manifest import TeacherManifest
from bioner.teacher.question import COPIES, open_question
from bioner.teacher.vocabulary_file import heard

if TYPE_CHECKING:
    from pydantic import SecretStr

    from bioner.teacher.endpoint_teacher import EndpointTeacher

BACKEND = "endpoint"
_REMEMBERED = 10_000  # keys of texts
_HOW_READ = ("code", "mode", "grounding", "min_score")  # in a manifest: what decides nothing that is asked


def describe_endpoint(settings: Teacher, types: EntityTypes) -> TeacherManifest:
    """The manifest of the model that an endpoint has under a name.

    Raises:
        ConfigError: the key is missing, or two types have one name.
        ModelError: the endpoint does not answer, refuses the key, or has no such model.
    """
    endpoint = _section(settings)
    question = open_question(endpoint, heard(endpoint, types))
    asked = {name: getattr(endpoint, name) for name in ("mode", "max_tokens", "answers", "extra")}
    task: dict[str, Any] = {}
    if endpoint.task != COPIES:
        task = {"task": endpoint.task, "grounding": endpoint.grounding.model_dump()}
    if endpoint.free:
        task["labels"] = "free"
    return TeacherManifest(
        backend=BACKEND,
        model=asyncio.run(_reported(endpoint, read_key(endpoint.api_key_env))),
        prompt=question.prompt,
        code=question.reader,
        min_score=settings.min_score,
        types=types,
        url=endpoint.url,
        sampling={
            **(settings.sampling.model_dump() if settings.sampling else {"samples": 1, "temperature": 0.0}),
            **asked,
            **task,
            "omit": list(endpoint.omit),
        },
    )


def identity(manifest: TeacherManifest, seed: int) -> dict[str, Any]:
    """All that decides what is asked about a text: answers to the same may be read anew without asking again."""
    record = manifest.to_record() | {"seed": seed}
    record["sampling"] = {key: value for key, value in record["sampling"].items() if key not in _HOW_READ}
    return {key: value for key, value in record.items() if key not in _HOW_READ}


def record_key(asking: Asking, teacher: Mapping[str, Any]) -> Callable[[Text], Key]:
    """Gives the key of a text's record: of the text, its messages with their shots, the schema, and the teacher."""
    own = hash_value(teacher)

    @lru_cache(maxsize=_REMEMBERED)  # it is looked up, asked and stored under it, one soon after the other
    def key(text: Text) -> Key:
        schema = asking.question.schema(text[0])
        return key_of([own, text, asking.question.messages(text), dict(schema.value) if schema else None])

    return key


async def _reported(endpoint: Endpoint, key: SecretStr | None) -> str:
    """The id of the model, as the endpoint has it in its list, if it has one."""
    from bioner.teacher.endpoint_client import Client

    async with Client(endpoint, key, _purse(endpoint, Spent())) as client:
        known = await client.models()
    if known is not None and endpoint.model not in known:
        mend = f"name one of these as teacher.endpoint.model: {', '.join(known[:20])}" if known else "load it there"
        raise ModelError(f"the endpoint has no model {endpoint.model!r}", where=endpoint.url, mend=mend)
    return endpoint.model


def read_key(variable: str | None) -> SecretStr | None:
    """The key that an environment variable holds; it is shown by nothing that prints it.

    Raises:
        ConfigError: the variable is empty, or what it holds cannot be a key.
    """
    from pydantic import SecretStr

    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        what = f"the environment variable {variable} is to hold the endpoint's key, and is empty"
        raise ConfigError(what, where="teacher.endpoint.api_key_env", mend=f"set it: export {variable}=...")
    if not key.isascii() or not key.isprintable() or " " in key:
        what = f"what the environment variable {variable} holds cannot be a key"
        raise ConfigError(what, where="teacher.endpoint.api_key_env", mend="see that it holds the key and nothing else")
    return SecretStr(key)


def asking_of(manifest: TeacherManifest, settings: Teacher, seed: int) -> Asking:
    """How the model of a manifest is asked."""
    endpoint = _section(settings)
    question = open_question(endpoint, heard(endpoint, manifest.types))
    return Asking(question, manifest.sampling["temperature"], endpoint.max_tokens, seed)


@contextmanager
def open_endpoint(
    manifest: TeacherManifest, settings: Teacher, asking: Asking, spent: Spent, workers: int = 1
) -> Iterator[EndpointTeacher]:
    """The teacher of a manifest; on leaving, its connections are closed.

    Args:
        settings: the limits, prices and budget; what decides the answers is in the manifest, too.
        spent: what earlier runs took of the budget.
        workers: how many ask at a time, of which this is one: they share the limits.

    Raises:
        ConfigError: they are more than the requests at a time, or in a minute, that are allowed.
    """
    from anyio.from_thread import start_blocking_portal

    from bioner.teacher.endpoint_client import Client
    from bioner.teacher.endpoint_teacher import EndpointTeacher

    endpoint = share_of(_section(settings), workers)
    client = Client(endpoint, read_key(endpoint.api_key_env), _purse(endpoint, spent, workers))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(client):
        yield EndpointTeacher(portal, client, endpoint, asking, manifest.sampling["samples"])


def _section(settings: Teacher) -> Endpoint:
    if settings.endpoint is None:
        what = "the teacher's manifest is of an endpoint, and the params have none"
        raise ConfigError(what, where="teacher", mend="let the teacher stage write the manifest anew: bioner run")
    return settings.endpoint


def share_of(endpoint: Endpoint, workers: int) -> Endpoint:
    """The section with what is limited for all divided by their number; the endpoint is never asked harder."""
    limits, changed = endpoint.limits, {}
    for name in ("concurrency", "requests_per_minute"):
        allowed = getattr(limits, name)
        if allowed is not None:
            changed[name] = allowed // workers
            if not changed[name]:
                what = f"{workers} workers cannot share a limit of {allowed}"
                mend = "lower distill.workers, or raise the limit"
                raise ConfigError(what, where=f"teacher.endpoint.limits.{name}", mend=mend)
    return endpoint.model_copy(update={"limits": limits.model_copy(update=changed)})


def _purse(endpoint: Endpoint, spent: Spent, workers: int = 1) -> Purse:
    return Purse(endpoint.budget, endpoint.prices, spent, endpoint.url, workers)
