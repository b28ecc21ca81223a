"""Texts annotated by a model behind an endpoint, side by side; of several answers, their agreement is the score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from anyio.from_thread import BlockingPortal

from bioner.config.teacher import Endpoint
from bioner.documents import Span
from bioner.errors import BionerError
from bioner.progress import console
from bioner.seeds import derive
from bioner.teacher.annotation import NOT_ASKED, Annotation
from bioner.teacher.budget import Spent
from bioner.teacher.chat import AnswerError, Request, RequestError
from bioner.teacher.chunks import Text
from bioner.teacher.endpoint_client import Client
from bioner.teacher.endpoint_tagging import Reading, messages, read_answer
from bioner.teacher.manifest import TeacherManifest

_AGAIN = 0.7  # temperature at least, of what is asked again: at 0 the same answer would come


class EndpointTeacher:
    """Annotates with a model behind an endpoint; see `bioner.teacher.annotation.Teacher`.

    Args:
        portal: to the event loop in which the client was opened.
        seed: of the sampling.
    """

    def __init__(
        self,
        portal: BlockingPortal,
        client: Client,
        endpoint: Endpoint,
        manifest: TeacherManifest,
        seed: int,
    ) -> None:
        self._portal = portal
        self._client = client
        self._endpoint = endpoint
        self._types = manifest.types
        self._samples: int = manifest.sampling["samples"]
        self._temperature: float = manifest.sampling["temperature"]
        self._seed = seed
        self._told: set[str] = set()
        self.stopped: BionerError | None = None
        self.ahead = 2 * endpoint.limits.concurrency  # so that no slot waits for the slowest text of a chunk

    @property
    def spent(self) -> Spent:
        """What all answers took, those of earlier runs included."""
        return self._client.spent

    def begin(self, texts: Sequence[Text]) -> Iterator[Annotation]:
        """Ask for the texts of a chunk, side by side with those that were begun before."""
        futures = [self._portal.start_task_soon(self._annotation, text) for text in texts]
        return (future.result() for future in futures)

    async def _annotation(self, text: Text) -> Annotation:
        if self.stopped is not None:
            return Annotation(failure=NOT_ASKED)
        try:
            return agreed([await self._sample(text, number) for number in range(self._samples)])
        except RequestError as error:
            self._tell(error)
            return Annotation(failure=error.reason)
        except BionerError as error:
            self.stopped = self.stopped or error
            return Annotation(failure=NOT_ASKED)

    async def _sample(self, text: Text, sample: int) -> Reading:
        """One answer that can be used; what cannot is asked for again, as often as the settings say."""
        for number in range(1, self._endpoint.answers):
            try:
                return await self._answer(text, sample, number)
            except AnswerError:
                continue
        return await self._answer(text, sample, self._endpoint.answers)

    async def _answer(self, text: Text, sample: int, number: int) -> Reading:
        language, content = text
        request = Request(
            messages(content, language, self._types),
            temperature=self._temperature if number == 1 else max(self._temperature, _AGAIN),
            max_tokens=self._endpoint.max_tokens,
            seed=derive(self._seed, language, content, str(sample), str(number)) >> 1,  # some take no more than 31 bits
        )
        reply = await self._client.ask(request)
        return read_answer(reply, content, self._types.names(language), self._endpoint.mode)

    def _tell(self, error: RequestError) -> None:
        """Say the first failure of a kind at once, with what the endpoint said: the metrics have its number only."""
        if error.reason not in self._told:
            self._told.add(error.reason)
            said = f": {error.said}" if error.said else ""
            console().print(
                f"a text has no answer ({error.reason}){said}", highlight=False, markup=False, soft_wrap=True
            )


def agreed(samples: Sequence[Reading]) -> Annotation:
    """The spans of several answers, each with the share of them that hold it, and what was wrong in all of them."""
    held: Counter[Span] = Counter()
    mismatches: Counter[str] = Counter()
    for sample in samples:
        held.update(set(sample.spans))
        mismatches.update(sample.mismatches)
    spans = (Span(span.fragments, span.label, count / len(samples)) for span, count in held.items())
    return Annotation(tuple(sorted(spans, key=lambda span: (span.fragments, span.label))), dict(mismatches))
