"""No alarm for text like the training text, at the stated rate; an alarm on another domain, language or output."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from drift_material import documents

from bioner.config import Drift
from bioner.config.drift import Effects
from bioner.curation.passages import passages
from bioner.curation.sentences import sentences
from bioner.documents import Document, Span, read_documents
from bioner.drift.check import Material, Measured, measure, unknown_words
from bioner.drift.observe import observe, observe_all

_QUICK = Drift(permutations=6000)  # the fewest at this level


def compared(
    reference: Sequence[Document],
    new: Sequence[Document],
    settings: Drift = _QUICK,
    seed: int = 1,
    *,
    read: bool = False,
) -> dict[str, Measured]:
    """The measures by name; with `read`, the spans are what a model found."""
    text, chance = observe_all(reference), random.Random(seed)
    drawn = chance.sample(text, len(text))
    half = len(drawn) // 2
    sides = drawn[:half], drawn[half:], observe_all(new)
    found, _ = measure(Material(*sides, *((sides[1], sides[2]) if read else ())), settings, seed)
    return {one.name: one for one in found}


@pytest.fixture(scope="module")
def sample(repository: Path) -> dict[str, list[Document]]:
    """The gold training documents of the sample, by language."""
    return {name: list(read_documents(repository / f"data/sample/{name}/train.jsonl")) for name in ("en", "zh")}


@pytest.mark.slow
def test_no_alarm_on_resamples_of_the_training_text(sample: dict[str, list[Document]]) -> None:
    """Twenty seeds, twice each, at a level of 0.001: were they drawn anew, 4 % would see an alarm at the most."""
    text = sample["en"]
    for seed in range(20):
        chance = random.Random(seed)
        drawn = chance.sample(text, len(text))
        found = compared(drawn[60:], drawn[:60], seed=seed, read=True)  # not in the reference
        again = compared(text, resample(text, 60, chance), seed=seed, read=True)  # drawn from it
        assert len(found) == len(again) == 5  # gold annotations have no confidence
        assert not [one for checked in (found, again) for one in checked.values() if one.alarm]


def resample(text: Sequence[Document], count: int, chance: random.Random) -> list[Document]:
    """Documents drawn with replacement, each with an id of its own."""
    return [replace(document, id=str(number)) for number, document in enumerate(chance.choices(text, k=count))]


def test_alarm_on_another_language(sample: dict[str, list[Document]]) -> None:
    found = compared(sample["en"], sample["zh"][:60])
    assert {name for name, one in found.items() if one.alarm} >= {"language", "unknown_words"}
    german = [
        Document(str(n), f"Der Patient erhielt am {n}. Tag wegen starker Schmerzen eine Infusion.", "de")
        for n in range(40)
    ]
    assert compared(sample["en"], german)["language"].alarm


def test_alarm_on_another_domain_of_the_same_language(sample: dict[str, list[Document]]) -> None:
    parts = ("gearbox", "tyre", "clutch", "carburettor", "brake pedal", "exhaust", "axle")
    faults = ("rattles", "squeaks loudly", "overheats", "wobbles", "leaks oil")
    garage = [
        Document(
            f"{part} {fault}", f"Lorry {part} {fault}: mechanics ordered spare gaskets and bolts from Coventry.", "en"
        )
        for part in parts
        for fault in faults
    ]
    found = compared(sample["en"], garage)
    assert found["unknown_words"].alarm
    assert not found["language"].alarm


@pytest.mark.parametrize("name", ["labels", "density", "confidence"])
def test_alarm_on_what_the_model_finds(name: str) -> None:
    def changed(span: Span, chance: random.Random) -> Span:
        if name == "labels":
            return Span(span.fragments, chance.choice(["drug", "anatomy"]), span.score)
        return Span(span.fragments, span.label, round((span.score or 0) ** 4, 2))

    chance = random.Random(0)
    new = documents(150, 2, rate=0.04 if name == "density" else 0.2)
    if name != "density":
        new = [document.with_spans(changed(span, chance) for span in document.spans) for document in new]
    found = compared(documents(300, 1), new, read=True)
    assert [one.name for one in found.values() if one.alarm] == [name]


def test_significant_is_not_enough() -> None:
    reference, new = documents(900, 1), documents(900, 2, length=13)
    found = compared(reference, new)["length"]
    assert found.corrected < 0.01
    assert found.effect < found.threshold
    assert not found.alarm


def test_too_few_documents_to_tell_are_no_alarm_and_what_is_not_there_is_left_out() -> None:
    found = compared(documents(100, 1), documents(100, 2, words=range(900, 1300))[:1])
    assert found["unknown_words"].effect > found["unknown_words"].threshold
    assert not found["unknown_words"].alarm
    sides = [[observe(document) for document in side] for side in (documents(9, 1), documents(9, 2), documents(9, 3))]
    _, left_out = measure(Material(*sides), _QUICK, 1)
    assert left_out.keys() == {"labels", "density", "confidence"}
    silent = [observe(document.with_spans(())) for document in documents(9, 4)]
    _, left_out = measure(Material(*sides, sides[1], silent), _QUICK, 1)
    assert left_out == dict.fromkeys(("labels", "confidence"), "the model found no entity on one of the sides")


def test_the_words_that_are_new_are_named() -> None:
    known, new = (
        [observe(Document("d", text, "en"))] for text in ("Take aspirin daily.", "Zorvex: take zorvex daily 5.")
    )
    assert unknown_words(Material(known, known, new)) == {"zorvex": 2}


@pytest.mark.slow
@pytest.mark.parametrize("cut", [False, True])
def test_the_rate_of_false_alarms_is_the_stated_one(cut: bool) -> None:
    """Over 200 checks of equal text, without a threshold of the effect: at most the level, but for chance.

    With `cut`, sentences of the reference are documents of their own, as in the curated text.
    """
    level, checks = 0.05, 200
    settings = Drift(permutations=159, significance=level, effects=Effects(**dict.fromkeys(Effects.model_fields, 0.0)))
    false = 0
    for seed in range(checks):
        reference = documents(40, 2 * seed)
        reference = sentences_of(reference) if cut else reference
        found = compared(reference, documents(20, 2 * seed + 1), settings, seed, read=not cut)
        assert len(found) == (3 if cut else 6)
        false += any(one.alarm for one in found.values())
    assert false <= checks * level + 3 * math.sqrt(checks * level * (1 - level))


def sentences_of(whole: Sequence[Document]) -> list[Document]:
    """Each sentence as a document."""
    return [
        sentence
        for document in whole
        for sentence in passages(document, [(n, *place) for n, place in enumerate(sentences(document.text), 1)])
    ]
