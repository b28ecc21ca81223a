"""Texts annotated by a causal LM of this machine, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bioner.teacher.annotation import Annotation, Answered, Reading
from bioner.teacher.asking import Asking, agreed, failed
from bioner.teacher.budget import Spent
from bioner.teacher.chat import Reply, RequestError
from bioner.teacher.chunks import Text
from bioner.teacher.local_model import LocalModel


class LocalTeacher:
    """Annotates with a model of this machine; see `bioner.teacher.annotation.Teacher`.

    Args:
        asking: what is asked, and how; what a text draws hangs on its seed and on the text alone.
        samples: answers for each text.
        spent: what earlier runs took.
    """

    def __init__(self, model: LocalModel, asking: Asking, samples: int, spent: Spent) -> None:
        self._model = model
        self._asking = asking
        self._samples = samples
        self._spent = spent

    @property
    def spent(self) -> Spent:
        """What all answers took, those of earlier runs included."""
        return self._spent

    def heed(self, others: Spent) -> None:
        """It has no budget."""

    def answers(self, chunks: Iterator[Sequence[Text]]) -> Iterator[list[Answered]]:
        """Annotate chunk by chunk: rounding hangs on the company in a batch, so that a chunk is stored as one."""
        for texts in chunks:
            requests = [self._asking.request(text, sample, 1) for text in texts for sample in range(self._samples)]
            replies = self._model.ask(requests)
            yield [self._answered(text, [next(replies) for _ in range(self._samples)]) for text in texts]

    def _answered(self, text: Text, replies: Sequence[Reply | RequestError]) -> Answered:
        for reply in replies:
            if isinstance(reply, Reply):
                self._spent = self._spent.plus(reply)
        read = [self._read(text, reply) for reply in replies]
        unusable = next((said for said in read if isinstance(said, Annotation)), None)
        if unusable is not None:
            return Answered(text, unusable)
        answers = tuple((reply.text, reply.finish) for reply in replies if isinstance(reply, Reply))
        return Answered(text, agreed([said for said in read if isinstance(said, Reading)]), answers)

    def _read(self, text: Text, reply: Reply | RequestError) -> Reading | Annotation:
        """What a reply says, or that it cannot be used."""
        if isinstance(reply, RequestError):
            return failed(reply, None)
        try:
            return self._asking.question.read(reply, text)
        except RequestError as error:
            return failed(error, reply)
