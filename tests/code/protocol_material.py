"""Invented documents of three types, and protocols on them."""

from __future__ import annotations

from bioner.config import GlinerPhase, LabelSampling, Protocol
from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes, TypeName

TYPES = EntityTypes({key: {"en": TypeName(name=name)} for key, name in (
    ("drug", "drug"), ("disease", "disease"), ("gene", "gene or protein"),
)})  # fmt: skip
SAMPLING = LabelSampling(negatives=1, hard_negatives=0, label_dropout=0, synonyms=0, definitions=0)
PHASE = GlinerPhase(
    steps=4, batch_size=2, warmup=0.2, encoder_learning_rate=1e-3, head_learning_rate=1e-2, sampling=SAMPLING
)
WORDS = {"drug": ("zorvatin", "melprose"), "disease": ("dravo fever", "kint palsy"), "gene": ("TAX9", "QUF2")}


def document(name: str, number: int) -> Document:
    """One sentence with a mention of each type."""
    text, spans = f"Case {name} {number}:", []
    for key, words in WORDS.items():
        text += " we saw "
        spans.append(Span.of(len(text), len(text) + len(words[number % 2]), key))
        text += words[number % 2]
    return Document(f"{name}/{number}", f"{text}.", "en", tuple(spans), "mine")


def documents(name: str, size: int = 12) -> list[Document]:
    """Several such sentences."""
    return [document(name, number) for number in range(size)]


def protocol(kind: str, **settings: object) -> Protocol:
    """The params of a protocol on those documents."""
    base = {"kind": kind, "variant": "mini", "corpora": ["mine"], "types": ["drug"], "seeds": 2}
    return Protocol.model_validate(base | settings)
