"""Registry: the tasks by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError
from bioner.teacher.grounding import Grounding
from bioner.teacher.tasks.entities import EntityTask
from bioner.teacher.tasks.prompted import PromptedTask
from bioner.teacher.tasks.relations import RelationTask
from bioner.teacher.tasks.task import Task

TASKS: Mapping[str, Callable[[str], Task]] = MappingProxyType(
    {
        "annotation": partial(EntityTask, relations=True),
        "annotation_guided": partial(EntityTask, relations=True, guided=True),
        "open_ner": EntityTask,
        "described_ner": partial(PromptedTask, asks="description", answers="mentions"),
        "relations": RelationTask,
        "question_answering": partial(PromptedTask, asks="question", answers="answers"),
        "open_matching": partial(PromptedTask, asks="request", answers="passages"),
        "summarisation": partial(PromptedTask, asks="request", answers="sentences"),
        "open_extraction": partial(PromptedTask, asks="request", answers="pieces"),
    }
)


def open_task(name: str, grounding: Grounding | None = None, types: EntityTypes | None = None) -> Task:
    """A task by its name.

    Args:
        name: a key of `TASKS`.
        grounding: how answers are brought back to the text.
        types: the entity types that are asked for, where a task has any; without them the teacher names types itself.

    Raises:
        ConfigError: there is no such task, or it cannot be asked in this way.
    """
    if name not in TASKS:
        raise ConfigError(f"unknown task {name!r}", mend=f"one of {', '.join(TASKS)}")
    task = replace(TASKS[name](name), grounding=grounding or Grounding(), types=types)
    if not isinstance(task, EntityTask):
        if types:
            raise ConfigError(f"the task {name!r} has no entity types", mend="leave the types out")
        if task.grounding.occurrence == "context":
            mend = "choose all, first or order"
            raise ConfigError(f"the task {name!r} quotes no context of its answers", mend=mend)
    return task
