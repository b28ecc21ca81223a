"""Asking: the requests for one text, and its annotation from what came back; of several answers, their agreement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bioner.seeds import derive
from bioner.teacher.agreement import votes
from bioner.teacher.annotation import Annotation, Answer, Reading
from bioner.teacher.chat import AnswerError, Reply, Request, RequestError
from bioner.teacher.chunks import Text
from bioner.teacher.question import Question
from bioner.teacher.tasks.problems import Problem

_AGAIN = 0.7  # temperature at least, of what is asked again: at 0 the same answer would come


@dataclass(frozen=True, slots=True)
class Asking:
    """How a question is asked.

    Attributes:
        question: what is asked about each text.
        temperature: of the sampling.
        max_tokens: of one answer.
        seed: of the sampling.
    """

    question: Question
    temperature: float
    max_tokens: int
    seed: int

    def request(self, text: Text, sample: int, number: int) -> Request:
        """The request for one of several samples, and for the how manieth time, from 1 on."""
        language, content = text
        return Request(
            self.question.messages(text),
            self.question.schema(language),
            temperature=self.temperature if number == 1 else max(self.temperature, _AGAIN),
            max_tokens=self.max_tokens,
            seed=derive(self.seed, language, content, str(sample), str(number)) >> 1,  # some take no more than 31 bits
        )

    def read_anew(self, text: Text, answers: Sequence[Answer]) -> Annotation | None:
        """The annotation that kept answers are read as now; `None` if one of them cannot be used any more."""
        replies = [Reply(said, finish, 0, 0, "") for said, finish in answers]
        try:
            return agreed([self.question.read(reply, text) for reply in replies])
        except AnswerError:
            return None


def agreed(samples: Sequence[Reading]) -> Annotation:
    """The spans of several answers, each with the share of them that hold it, and what was wrong in all of them."""
    mismatches: Counter[str] = Counter()
    for sample in samples:
        if sample.mismatches:
            mismatches.update(sample.mismatches)
    spans = votes([sample.spans for sample in samples])
    return Annotation(spans, dict(mismatches), lost=tuple(problem for sample in samples for problem in sample.lost))


def failed(error: RequestError, reply: Reply | None) -> Annotation:
    """That there is no annotation, and the beginning of the answer that could not be used, if one came."""
    lost = (Problem.of(error.reason, reply.text),) if reply and reply.text else ()
    return Annotation(failure=error.reason, lost=lost)
