"""Question: what a chat model is asked about a text, and how its answer is read; copies of the text, or a task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Protocol

from bioner.config.teacher import Endpoint
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.files import hash_value
from bioner.tagger.copies import Mode
from bioner.teacher import endpoint_tagging
from bioner.teacher.annotation import Reading
from bioner.teacher.chat import AnswerError, Reply, Role, Schema
from bioner.teacher.chunks import Text
from bioner.teacher.grounding import Grounding
from bioner.teacher.manifest import hash_code
from bioner.teacher.tasks.parsed import Parsed
from bioner.teacher.tasks.problems import BREAKS_OFF, NO_LIST, UNREADABLE, Problem
from bioner.teacher.tasks.registry import open_task
from bioner.teacher.tasks.task import Task

COPIES = "copies"
_CODE = (  # below src/bioner: what turns an answer into annotations; tasks know their own
    *("corpora/bracketed.py", "corpora/symbol_pairs.py", "corpora/symbol_scan.py"),
    *("tagger/copies.py", "tagger/free_text.py", "tagger/word_alignment.py"),
    *("teacher/chat.py", "teacher/endpoint_tagging.py", "teacher/question.py", "words.py"),
)
_MOST_LOST = 20  # of an answer, that are kept for inspection


class Question(Protocol):
    """What a model is asked about each text."""

    @property
    def prompt(self) -> str:
        """SHA-256 of what is said besides the text."""

    @property
    def reader(self) -> str:
        """SHA-256 of all that decides what an answer is read as."""

    def messages(self, text: Text) -> tuple[tuple[Role, str], ...]:
        """The conversation that asks about a text."""

    def schema(self, language: str) -> Schema | None:
        """What an answer in JSON has to meet."""

    def read(self, reply: Reply, text: Text) -> Reading:
        """What an answer says.

        Raises:
            AnswerError: it cannot be used: what it does not mention may be there all the same.
        """


def open_question(settings: Endpoint, types: EntityTypes) -> Question:
    """The question that an endpoint is asked.

    Raises:
        ConfigError: two types have one name.
    """
    endpoint_tagging.check_names(types)
    if settings.task == COPIES:
        return Copies(types, settings.mode)
    return Tasked(task_of(settings, types))


def task_of(settings: Endpoint, types: EntityTypes) -> Task:
    """The task that an endpoint is asked; with free labels it has no types."""
    grounding = Grounding(settings.grounding.occurrence, settings.grounding.max_edits)
    return open_task(settings.task, grounding, None if settings.free else types)


@dataclass(frozen=True)
class Copies:
    """Copies of the text with symbols around mentions, one a type."""

    types: EntityTypes
    mode: Mode

    @property
    def prompt(self) -> str:
        """SHA-256 of the wording."""
        return endpoint_tagging.fingerprint()

    @property
    def reader(self) -> str:
        """SHA-256 of the code and of the mode."""
        return hash_value([hash_code(_CODE), self.mode])

    def messages(self, text: Text) -> tuple[tuple[Role, str], ...]:
        """Rules, types and the text."""
        language, content = text
        return endpoint_tagging.messages(content, language, self.types)

    def schema(self, language: str) -> Schema | None:  # noqa: ARG002
        """None: copies are no JSON."""
        return None

    def read(self, reply: Reply, text: Text) -> Reading:
        """The mentions that the copies mark."""
        language, content = text
        return endpoint_tagging.read_answer(reply, content, self.types.names(language), self.mode)


@dataclass(frozen=True)
class Tasked:
    """A task of `bioner.teacher.tasks`: JSON after its schema, grounded in the text."""

    task: Task

    @property
    def prompt(self) -> str:
        """SHA-256 of the wording, with types and schema."""
        return self.task.prompt

    @property
    def reader(self) -> str:
        """SHA-256 of the code, of the task's included, and of the grounding."""
        return hash_value([hash_code(_CODE), self.task.version])

    def messages(self, text: Text) -> tuple[tuple[Role, str], ...]:
        """What the task says."""
        return tuple(self.task.messages(_document(text)))

    def schema(self, language: str) -> Schema:
        """The schema of the task."""
        return self._schemas(language)

    @cached_property
    def _schemas(self) -> Callable[[str], Schema]:
        return cache(lambda language: Schema(self.task.name, self.task.schema(language)))

    def read(self, reply: Reply, text: Text) -> Reading:
        """What is in the text; the rest is counted, and kept for inspection."""
        parsed = self.task.parse(reply.whole(), _document(text))
        unusable = next(filter(None, [_unusable(problem, parsed) for problem in parsed.problems]), None)
        if unusable:
            raise AnswerError(unusable)
        spans = self.task.taught(parsed, _document(text))
        absent = [Problem.of(m.how, f"{m.label}: {m.text}") for m in parsed.mentions if not m.extents]
        return Reading(spans, parsed.counts, (*parsed.problems, *absent)[:_MOST_LOST])


def _unusable(problem: Problem, parsed: Parsed) -> str | None:
    """The reason, if the answer is silent on what the text may hold for this problem: silence is read as none."""
    silent = problem.reason in UNREADABLE | {BREAKS_OFF} or (problem.reason == NO_LIST and not parsed.mentions)
    return problem.reason if silent else None


def _document(text: Text) -> Document:
    language, content = text
    return Document("text", content, language)
