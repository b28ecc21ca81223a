"""Task: the one interface of all that a teacher is asked; a runner joins it with a client and a cache of records.

messages and schema -> (the teacher) -> answer -> `parse` -> spans of the document, `examples` to train on, and `tally`
of the parsed answer against gold.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from random import Random
from typing import Any, Literal

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError
from bioner.files import hash_value
from bioner.teacher.grounding import Grounding
from bioner.teacher.manifest import hash_code
from bioner.teacher.tasks.parsed import Parsed
from bioner.teacher.tasks.training import Label
from bioner.teacher.tasks.wording import LANGUAGES, TaskWording, Wording, wording

Message = tuple[Literal["system", "user", "assistant"], str]  # role and content
_CODE = (  # below src/bioner: what turns a text into a prompt, and an answer into spans
    *("curation/stop_words.py", "teacher/chat.py", "teacher/tasks", "words.py"),
    *("teacher/grounding.py", "teacher/grounding_forms.py", "teacher/grounding_search.py"),
)


@dataclass(frozen=True)
class Task(ABC):
    """One thing that a teacher is asked about a text.

    Attributes:
        name: the key of its prompts.
        grounding: how the answer is brought back to the text.
        types: the entity types that are asked for; without them the teacher names types itself. Only some tasks have
            types.
    """

    name: str
    grounding: Grounding = field(default_factory=Grounding)
    types: EntityTypes | None = None

    def messages(self, document: Document, shots: Sequence[Document] = ()) -> list[Message]:
        """What is sent: a system message, examples as turns of a conversation, and the text.

        Args:
            document: its text is asked about; its annotations are not looked at.
            shots: annotated documents as examples, in place of our own.

        Raises:
            ConfigError: there are no prompts in the language of the document, or the task cannot use such shots.
        """
        language = document.language
        said = wording(language)
        before = self._opened(language, shots) if shots else self._opening(language)
        return [*before, ("user", self._turn(said, said.tasks[self.name], document.text, language))]

    @abstractmethod
    def schema(self, language: str) -> dict[str, Any]:
        """The JSON Schema of an answer about a text of this language: every field required, no other allowed."""

    @abstractmethod
    def parse(self, answer: str, document: Document) -> Parsed:
        """Read an answer and ground it in the text; nothing in an answer is an error, all that is wrong is counted."""

    def taught(self, parsed: Parsed, document: Document) -> list[Span]:
        """The annotations of an answer: those of given types, or with free labels those of all its examples."""
        if self.types is not None:
            return list(parsed.spans())
        return [span for one in self.examples(parsed, document, (), Random(0)) for span in one.spans]  # noqa: S311

    @abstractmethod
    def labels(self, parsed: Parsed, document: Document) -> list[Label]:
        """What training examples of this answer would ask for: gathered over documents, the pool of negatives."""

    @abstractmethod
    def examples(self, parsed: Parsed, document: Document, pool: Sequence[Label], rng: Random) -> list[Document]:
        """Turn an answer into examples for a GLiNER (see `bioner.teacher.tasks.training`).

        Args:
            parsed: the answer.
            document: what it is about.
            pool: the labels of this task in other documents, for negatives.
            rng: chooses them.

        Returns:
            No example if the answer could not be read.
        """

    def gold_answer(self, document: Document) -> dict[str, Any]:
        """The answer that the annotations of a document stand for.

        Raises:
            ConfigError: this task asks for more than annotations of entities say.
        """
        mend = "leave the shots out: the task has examples of its own"
        what = f"annotated documents are no examples for the task {self.name!r}"
        raise ConfigError(what, where=f"document {document.id}", mend=mend)

    @property
    def prompt(self) -> str:
        """SHA-256 of all that decides what is sent about a text, but for what is made of the text, and its shots."""
        spoken = {}
        for language in LANGUAGES:
            said = wording(language)
            own = said.tasks[self.name]
            spoken[language] = [self._system(said, own, language), own.model_dump(), said.model_dump(exclude={"tasks"})]
        return hash_value([self.name, spoken])

    @property
    def version(self) -> str:
        """SHA-256 of all that decides what becomes of a text and its answer: prompts, schema, settings and code."""
        types = self.types.to_record() if self.types else None
        return hash_value([self.prompt, types, asdict(self.grounding), _code()])

    @cached_property
    def _opening(self) -> Callable[[str], list[Message]]:
        """What is sent before a text of a language, without shots: the same for all texts, and made once."""
        return cache(self._opened)

    def _opened(self, language: str, shots: Sequence[Document] = ()) -> list[Message]:
        said = wording(language)
        own = said.tasks[self.name]
        messages: list[Message] = [("system", self._system(said, own, language))]
        given = [(shot.text, self.gold_answer(shot)) for shot in shots]
        for text, answer in given or self._own_examples(own):
            turn = self._turn(said, own, text, language)
            messages += [("user", turn), ("assistant", json.dumps(answer, ensure_ascii=False))]
        return messages

    def _system(self, said: Wording, own: TaskWording, language: str) -> str:
        schema = json.dumps(self.schema(language), ensure_ascii=False)
        return "\n\n".join([own.system, *self._rules(said, language), said.copying, f"{said.answer_form}\n{schema}"])

    def _rules(self, said: Wording, language: str) -> list[str]:  # noqa: ARG002
        """What is said to the system besides the task itself."""
        return []

    def _turn(self, said: Wording, own: TaskWording, text: str, language: str) -> str:  # noqa: ARG002
        return f"{own.request}\n{said.fenced(text)}"

    def _own_examples(self, own: TaskWording) -> list[tuple[str, Mapping[str, Any]]]:
        return [(example.text, example.answer) for example in own.examples]


@cache
def _code() -> str:
    return hash_code(_CODE)
