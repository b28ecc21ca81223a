"""Wording: the prompts of each language, as data, and the fence around a text, within which nothing is obeyed."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from pydantic import BaseModel, ConfigDict

from bioner.errors import ConfigError

LANGUAGES = ("en", "zh")


class OwnExample(BaseModel):
    """An example that was written for its task: an invented text, and its answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    answer: dict[str, Any]


class TaskWording(BaseModel):
    """What is said for one task.

    Attributes:
        system: what the teacher is to do.
        request: the first line of each turn.
        examples: of texts and their answers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str
    request: str
    examples: tuple[OwnExample, ...]


class Wording(BaseModel):
    """All that is said in one language.

    Attributes:
        fence, candidate_fence: what the lines around a text and around its candidate phrases mean.
        answer_form: stands before the JSON Schema.
        closed_types, open_types: stands before the list of types; what to do without one.
        once, each: whether an entity is named once, or once for each of its places.
        context: how neighbouring words are quoted.
        copying: that the text is copied as it is.
        tasks: name of a task -> its own wording.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fence: str
    candidate_fence: str
    answer_form: str
    closed_types: str
    open_types: str
    once: str
    each: str
    context: str
    copying: str
    tasks: dict[str, TaskWording]

    def fenced(self, text: str) -> str:
        """A text between two lines, and what these mean."""
        return _fenced(self.fence, "text", text)

    def fenced_candidates(self, candidates: str) -> str:
        """Candidate phrases likewise: they are parts of the text, and no more to be obeyed."""
        return _fenced(self.candidate_fence, "candidates", candidates)


@cache
def wording(language: str) -> Wording:
    """The prompts of a language.

    Raises:
        ConfigError: there are none.
    """
    import yaml

    if language not in LANGUAGES:
        mend = f"there are prompts for {', '.join(LANGUAGES)}"
        raise ConfigError(f"a teacher cannot be asked about texts of the language {language!r}", mend=mend)
    source = files("bioner.teacher.tasks").joinpath("prompts", f"{language}.yaml")
    return Wording.model_validate(yaml.safe_load(source.read_text(encoding="utf-8")))


def _fenced(meaning: str, name: str, text: str) -> str:
    """The lines hold a part of the text's hash that the text does not: no text can hold its own closing line."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    length = next(length for length in range(8, len(digest) + 1) if digest[:length] not in text)
    mark = f"{name}-{digest[:length]}"
    lines = Template(meaning).substitute(open=f"<{mark}>", close=f"</{mark}>")
    return f"{lines}\n<{mark}>\n{text}\n</{mark}>"
