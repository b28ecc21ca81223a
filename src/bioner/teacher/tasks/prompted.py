"""Prompted tasks: the teacher thinks of a prompt for a text and answers it with pieces of the text.

Five post-training tasks of GLiNER-BioMed: NER from a description, question answering, open matching, extractive
summarisation and open extraction. There the prompt is put before the text, and the pieces are labelled `answer`; here
the prompt is the label itself, as our models are asked for anything by words, and the text stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from bioner.documents import Document
from bioner.teacher.grounding import Quote, ground
from bioner.teacher.tasks.answers import read_answer
from bioner.teacher.tasks.fields import schema_object, strings
from bioner.teacher.tasks.parsed import Mention, Parsed
from bioner.teacher.tasks.problems import NO_PROMPT, REPEATED, Problem, tidy
from bioner.teacher.tasks.task import Task
from bioner.teacher.tasks.training import Label, anchors, drawn, example, foreign


@dataclass(frozen=True)
class PromptedTask(Task):
    """A prompt of the teacher's own, and the pieces of the text that answer it.

    Attributes:
        asks: the field of the prompt.
        answers: the field of the list of pieces.
    """

    asks: str = "request"
    answers: str = "pieces"

    def schema(self, language: str) -> dict[str, Any]:  # noqa: ARG002
        """A prompt and a list of pieces."""
        pieces = {"type": "array", "items": {"type": "string"}}
        return schema_object({self.asks: {"type": "string"}, self.answers: pieces})

    def parse(self, answer: str, document: Document) -> Parsed:
        """Read the prompt and the pieces of an answer, and ground the pieces; without a prompt they mean nothing."""
        value, problems = read_answer(answer, document.text)
        asked = value.get(self.asks)
        prompt = " ".join(tidy(asked).split()) if isinstance(asked, str) else ""
        if not prompt:
            return Parsed(problems=(*problems, *([Problem.of(NO_PROMPT, value)] if value else [])))
        pieces = Counter(strings(value, self.answers, problems))
        problems += [Problem.of(REPEATED, piece) for piece, times in pieces.items() for _ in range(times - 1)]
        grounded = ground(document.text, [Quote(piece) for piece in pieces], self.grounding)
        mentions = tuple(Mention(piece, prompt, *place) for piece, place in zip(pieces, grounded, strict=True))
        return Parsed(mentions, prompt=prompt, problems=tuple(problems))

    def labels(self, parsed: Parsed, document: Document) -> list[Label]:
        """The prompt, with what it names of its own text."""
        return [Label(parsed.prompt, anchors(parsed.prompt, document))] if parsed.prompt else []

    def examples(self, parsed: Parsed, document: Document, pool: Sequence[Label], rng: Random) -> list[Document]:
        """One example if there is a prompt, with an answer in the text.

        Negatives are prompts of other texts that name something which is not in this one; a prompt that names nothing,
        such as to summarise, is never one.
        """
        if not parsed.spans():
            return []
        return [example(document, self.name, parsed.spans(), drawn(foreign(pool, document), [parsed.prompt], rng))]
