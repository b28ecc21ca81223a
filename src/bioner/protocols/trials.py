"""The trials of each kind of protocol: which models are made from what, and what they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from bioner.config import GlinerPhase, Protocol
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError, DataError
from bioner.protocols.material import Material, known_types, only
from bioner.protocols.seen import check_unseen
from bioner.protocols.trial import Lesson, Trial
from bioner.seeds import derive

NEITHER, SYNTHETIC, GOLD, BOTH = "neither", "synthetic", "gold", "both"
BEFORE, AFTER = "before", "after"


def asked_types(protocol: Protocol, material: Material) -> EntityTypes:
    """The types that the models are asked for: those of the protocol; in `forgetting` the others of the test documents.

    Raises:
        DataError: the test documents have none of them.
    """
    present = known_types(material.test, material.types).keys
    named = protocol.types
    keys = [key for key in present if key not in named] if protocol.kind == "forgetting" else named
    if not any(key in present for key in keys):
        what = "outside the fine-tuning set" if protocol.kind == "forgetting" else "that are asked for"
        raise DataError(f"the test documents have no mention of the types {what}", mend="change `types` or `corpora`")
    return material.types.only(keys)


def trials_of(protocol: Protocol, material: Material) -> list[Trial]:
    """All trials, those of one seed together.

    Raises:
        ConfigError: a zero-shot protocol asks for types that were seen.
        DataError: there is nothing to learn from, or nothing to judge on.
    """
    asked = asked_types(protocol, material)
    kinds = {
        "zero-shot": _zero_shot,
        "few-shot": _few_shot,
        "supervised": _supervised,
        "forgetting": _forgetting,
        "ablation": _ablation,
    }
    return list(kinds[protocol.kind](protocol, material, asked))


def _zero_shot(protocol: Protocol, material: Material, asked: EntityTypes) -> Iterator[Trial]:
    """Each start as it is, or after a training on gold annotations of all types but those that are asked for."""
    others = known_types(material.train, material.types).keys
    taught = material.types.only(key for key in others if key not in asked.keys)
    documents = [document for document in only(material.train, taught) if document.spans]
    lessons = _gold(documents, taught, protocol.training) if protocol.training else ()
    for start in protocol.start:
        seen = EntityTypes({**material.seen[start].types, **(taught.types if lessons else {})})
        check_unseen(asked, seen, f"the model from {start}")
    for seed, start in product(_seeds(protocol), protocol.start):
        if lessons or start == "encoder" or seed == 1:  # a model as it is does not depend on the seed
            yield Trial(start, 0, seed, material.folders[start], lessons, asked)


def _few_shot(protocol: Protocol, material: Material, asked: EntityTypes) -> Iterator[Trial]:
    """No threshold is chosen: a dev set would be many more annotations than the shots."""
    for seed, k, start in product(_seeds(protocol), protocol.k, protocol.start):
        lessons = _gold(_shots(material, asked, k, derive(material.seed, "shots", str(seed))), asked, protocol.training)
        yield Trial(start, k, seed, material.folders[start], lessons, asked)


def _supervised(protocol: Protocol, material: Material, asked: EntityTypes) -> Iterator[Trial]:
    dev = only(material.dev, asked)
    if not dev:
        raise DataError("there is no dev document to choose the threshold on", mend="give the corpora a dev split")
    lessons = _gold(only(material.train, asked), asked, protocol.training)
    for seed, start in product(_seeds(protocol), protocol.start):
        yield Trial(start, None, seed, material.folders[start], lessons, asked, dev)


def _forgetting(protocol: Protocol, material: Material, asked: EntityTypes) -> Iterator[Trial]:
    """Before and after with the same threshold, so that what differs is the model."""
    own = material.types.only(protocol.types)
    lessons = _gold(only(material.train, own), own, protocol.training)
    for start in protocol.start:
        yield Trial(side_of(start, BEFORE), None, 1, material.folders[start], (), asked)
        for seed in _seeds(protocol):
            yield Trial(side_of(start, AFTER), None, seed, material.folders[start], lessons, asked)


def _seeds(protocol: Protocol) -> range:
    return range(1, protocol.seeds + 1)


def side_of(start: str, side: str) -> str:
    """The arm of a start before or after fine-tuning."""
    return f"{start}, {side}"


def _ablation(protocol: Protocol, material: Material, asked: EntityTypes) -> Iterator[Trial]:
    """Four arms from the plain encoder; each that is trained at all is given the same number of updates.

    With 0 shots of gold there are `neither`, an untrained head and so the level of chance, and `synthetic`, with all
    updates; with k shots `gold`, with all updates, and `both`, which shares them out.
    """
    synthetic = only(material.synthetic, asked)
    whole, part = protocol.training, protocol.synthetic_steps
    if whole is None or part is None:
        raise ConfigError("an ablation needs `training` and `synthetic_steps`")
    if not any(document.spans for document in synthetic):
        raise DataError("the synthetic documents have no mention of the types that are asked for")
    before = _steps(SYNTHETIC, synthetic, asked, whole, part)
    for seed in _seeds(protocol):
        yield Trial(NEITHER, 0, seed, None, (), asked)
        yield Trial(SYNTHETIC, 0, seed, None, (_steps(SYNTHETIC, synthetic, asked, whole, whole.steps),), asked)
        for k in protocol.k:
            chosen = _shots(material, asked, k, derive(material.seed, "shots", str(seed)))
            yield Trial(GOLD, k, seed, None, (_steps(GOLD, chosen, asked, whole, whole.steps),), asked)
            yield Trial(BOTH, k, seed, None, (before, _steps(GOLD, chosen, asked, whole, whole.steps - part)), asked)


def _shots(material: Material, types: EntityTypes, k: int, seed: int) -> list[Document]:
    from bioner.gliner.shots import shots

    return shots(material.train, types.keys, k, seed)


def _gold(documents: Sequence[Document], types: EntityTypes, phase: GlinerPhase | None) -> tuple[Lesson, ...]:
    if phase is None:
        raise ConfigError("the protocol needs a `training`")
    if not any(document.spans for document in documents):
        raise DataError("the training documents have no mention of the types that are to be learnt")
    return (Lesson(GOLD, documents, types, phase),)


def _steps(name: str, documents: Sequence[Document], types: EntityTypes, phase: GlinerPhase, steps: int) -> Lesson:
    return Lesson(name, documents, types, phase.model_copy(update={"steps": steps}))
