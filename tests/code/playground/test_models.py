"""Models in memory: loaded once, few at a time, never taken from who waits, and tried again after a failure."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bioner.documents import Document
from bioner.playground.models import Models
from bioner.predictors import Predictor, load_predictor
from bioner.serving.limits import Limits
from bioner.serving.model import Served
from bioner.serving.refusal import RefusedError
from bioner.serving.request import Asked

ASKED = Asked((Document("1", "aspirin helps", "en"),), ((), None))


class Counted(Served):
    """A model that notes how often it is loaded, and may wait before it is."""

    loads: list[str]
    gate: threading.Event

    def load(self) -> Predictor:
        self.gate.wait()
        self.loads.append(self._reference)
        return super().load()


@pytest.fixture
def gate() -> threading.Event:
    """Open by itself; loading waits while it is closed."""
    gate = threading.Event()
    gate.set()
    return gate


@pytest.fixture
def loads() -> list[str]:
    """What was loaded."""
    return []


@pytest.fixture
def models(gate: threading.Event, loads: list[str]) -> Iterator[Callable[..., Models]]:
    """Makes what holds models."""
    made: list[Models] = []

    def make(reference: str) -> Counted:
        model = Counted(reference)
        model.loads, model.gate = loads, gate
        return model

    def hold(most: int, limits: Limits = Limits()) -> Models:  # noqa: B008 (it is frozen)
        made.append(Models(limits, make, most))
        return made[-1]

    yield hold
    gate.set()
    for one in made:
        one.close()


def test_the_answer_is_the_models_own(models: Callable[..., Models], tiny_models: list[Path]) -> None:
    reference = f"path:{tiny_models[0]}"
    documents, about = models(1).answer(reference, ASKED)
    assert documents == list(load_predictor(reference).predict(ASKED.documents))
    assert documents[0].spans
    assert (about["reference"], about["family"]) == (reference, "gliner")


def test_the_model_asked_longest_ago_makes_room(
    models: Callable[..., Models], tiny_models: list[Path], tmp_path: Path, loads: list[str]
) -> None:
    third = shutil.copytree(tiny_models[0], tmp_path / "third")
    first, second, third_one = (f"path:{folder}" for folder in (*tiny_models, third))
    held = models(2)
    for reference in (first, second, first, third_one, first, second):
        held.answer(reference, ASKED)
    assert loads == [first, second, third_one, second]


def test_many_at_once_load_a_model_once(
    models: Callable[..., Models], tiny_models: list[Path], loads: list[str]
) -> None:
    held = models(2)
    asked = [f"path:{tiny_models[number % 2]}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda reference: held.answer(reference, ASKED)[0], asked))
    assert answers[:2] * 4 == answers
    assert answers[0] != answers[1]
    assert sorted(loads) == sorted(set(asked))


def test_a_model_that_somebody_waits_for_stays(
    models: Callable[..., Models], tiny_models: list[Path], gate: threading.Event
) -> None:
    gate.clear()
    held = models(1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(held.answer, f"path:{tiny_models[0]}", ASKED)
        with pytest.raises(RefusedError, match="1 models are being asked") as caught:
            while not waiting.done():  # until the other thread has its seat
                held.answer(f"path:{tiny_models[1]}", ASKED)
        assert caught.value.status == 503
        gate.set()
        assert waiting.result()[0][0].spans


def test_a_model_that_cannot_be_loaded_is_tried_again(
    models: Callable[..., Models], tiny_models: list[Path], tmp_path: Path
) -> None:
    held, folder = models(1), tmp_path / "later"
    folder.mkdir()
    with pytest.raises(RefusedError, match=r"cannot be loaded.*not a model of this project") as caught:
        held.answer(f"path:{folder}", ASKED)
    assert caught.value.status == 422
    shutil.copytree(tiny_models[0], folder, dirs_exist_ok=True)
    assert held.answer(f"path:{folder}", ASKED)[0][0].spans


def test_loading_that_takes_too_long_is_told(
    models: Callable[..., Models], tiny_models: list[Path], gate: threading.Event
) -> None:
    gate.clear()
    held = models(1, Limits(seconds=0.05))
    with pytest.raises(RefusedError, match="still being loaded") as caught:
        held.answer(f"path:{tiny_models[0]}", ASKED)
    assert caught.value.status == 503
