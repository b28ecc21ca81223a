"""The model thread: what waits is joined, questions are kept apart, and nobody suffers from another's mistake."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError, ModelError
from bioner.serving.batching import Batcher, Job
from bioner.serving.limits import Limits
from bioner.serving.metrics import Metrics
from bioner.serving.refusal import RefusedError
from bioner.serving.request import Asked

TYPES = EntityTypes.of_words(["word"])


@dataclass(frozen=True)
class Slow:
    """A model that waits at a gate, marks each text as a whole, and notes what it was asked."""

    types: EntityTypes = TYPES
    threshold: float = 0.5
    gate: threading.Event = field(default_factory=threading.Event)
    calls: list[tuple[tuple[str, ...], float, list[str]]] = field(default_factory=list)

    def predict(
        self,
        documents: Iterable[Document],
        types: EntityTypes | None = None,
        *,
        batch_size: int = 16,  # noqa: ARG002
    ) -> Iterator[Document]:
        self.gate.wait(10)
        taken = list(documents)
        keys = (types or self.types).keys
        self.calls.append((keys, self.threshold, [document.text for document in taken]))
        for document in taken:
            if document.text == "secret words":
                raise ValueError(document.text)
            if document.text == "a mistake":
                raise ConfigError("the name of a type is too long")
            yield document.with_spans([Span.of(0, len(document.text), keys[0], self.threshold)])


@contextmanager
def running(model: Slow, limits: Limits) -> Iterator[Batcher]:
    batcher = Batcher(lambda: model, limits, Metrics())
    batcher.start(lambda: None)
    try:
        yield batcher
    finally:
        model.gate.set()
        batcher.close()


def asked(*texts: str, labels: tuple[str, ...] = (), threshold: float | None = None) -> Asked:
    return Asked(tuple(Document(str(n), text, "en") for n, text in enumerate(texts)), (labels, threshold))


def texts(job: Job) -> list[str]:
    documents = job.future.result(10)
    assert all(d.spans[0].end == len(d.text) for d in documents)
    return [document.text for document in documents]


def held(batcher: Batcher) -> Job:
    """A job that the model is busy with: what comes after it has to wait."""
    job = batcher.submit(asked("first"))
    while not job.future.running():
        threading.Event().wait(0.001)
    threading.Event().wait(0.02)  # until the batch of the first one is closed
    return job


def test_what_waits_is_one_batch_and_questions_are_kept_apart() -> None:
    model = Slow()
    with running(model, Limits(wait=0.0)) as batcher:
        first = held(batcher)
        jobs = [batcher.submit(asked(f"a{n}", f"b{n}")) for n in range(3)]
        others = [
            batcher.submit(asked("c", labels=("x",))),
            batcher.submit(asked("d", threshold=0.9)),
            batcher.submit(asked("e", labels=("x",))),
        ]
        model.gate.set()
        assert texts(first) == ["first"]
        assert [texts(job) for job in jobs] == [["a0", "b0"], ["a1", "b1"], ["a2", "b2"]]
        assert [texts(job) for job in others] == [["c"], ["d"], ["e"]]
    assert model.calls == [
        (("word",), 0.5, ["first"]),
        (("word",), 0.5, ["a0", "b0", "a1", "b1", "a2", "b2"]),
        (("x",), 0.5, ["c", "e"]),
        (("word",), 0.9, ["d"]),
    ]


@pytest.mark.parametrize("limits", [Limits(wait=0.0, batch_documents=2), Limits(wait=0.0, batch_characters=4)])
def test_a_batch_has_an_end(limits: Limits) -> None:
    model = Slow()
    with running(model, limits) as batcher:
        held(batcher)
        jobs = [batcher.submit(asked(f"a{n}")) for n in range(5)]
        model.gate.set()
        assert [texts(job) for job in jobs] == [[f"a{n}"] for n in range(5)]
    assert [call[2] for call in model.calls] == [["first"], ["a0", "a1"], ["a2", "a3"], ["a4"]]


@pytest.mark.parametrize(("text", "status"), [("secret words", 500), ("a mistake", 422)])
def test_one_that_fails_does_not_take_the_others_with_it(
    text: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    model = Slow()
    with running(model, Limits(wait=0.0)) as batcher:
        held(batcher)
        jobs = [batcher.submit(asked(one)) for one in ("good", text, "well")]
        model.gate.set()
        assert texts(jobs[0]) == ["good"]
        assert texts(jobs[2]) == ["well"]
        with pytest.raises(RefusedError) as caught:
            jobs[1].future.result(10)
        assert texts(batcher.submit(asked("after"))) == ["after"]
    assert caught.value.status == status
    assert text not in caplog.text
    assert ("ValueError" in caplog.text) == (status == 500)


def test_what_nobody_waits_for_is_left_out() -> None:
    model = Slow()
    with running(model, Limits(wait=0.0)) as batcher:
        held(batcher)
        gone, abandoned, wanted = (batcher.submit(asked(text)) for text in ("gone", "abandoned", "wanted"))
        gone.future.cancel()
        abandoned.abandoned = True
        model.gate.set()
        assert texts(wanted) == ["wanted"]
    assert [call[2] for call in model.calls] == [["first"], ["wanted"]]


def test_a_model_that_cannot_be_loaded_is_told() -> None:
    def load() -> Slow:
        raise ModelError("there is none")

    told = threading.Event()
    batcher = Batcher(load, Limits(), Metrics())
    batcher.start(told.set)
    assert told.wait(10)
    batcher.close()
    assert isinstance(batcher.failure, ModelError)
    assert not batcher.ready.is_set()
