"""Project folders with the outputs of stages made by hand: models are any bytes, documents have one mention."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bioner.config import Params, parse_params
from bioner.documents import Document, Span, write_documents
from bioner.files import write_json

SIZES = {"en": 40, "zh": 20}  # test documents a language, each with one mention


@cache
def parse(text: str) -> Params:
    """Params from YAML; parsing takes a tenth of a second, and most tests do it several times."""
    return parse_params(yaml.safe_load(text), "params.yaml")


@dataclass(frozen=True)
class Project:
    """A project folder that a test changes as a user and the stages would."""

    root: Path

    @property
    def params(self) -> Params:
        return parse((self.root / "params.yaml").read_text(encoding="utf-8"))

    def with_promotion(self, **rules: object) -> Params:
        """The params under another promotion policy."""
        params = self.params
        return params.model_copy(update={"promotion": params.promotion.model_copy(update=rules)})

    def write_tests(self, note: str = "") -> None:
        """The test documents; another `note` makes them others."""
        for language in SIZES:
            write_documents(self.root / "data/test" / f"sample-{language}.jsonl", gold(language, note))
        write_documents(self.root / "data/test" / "sample-text-en.jsonl", [])

    def write_model(self, model: str, weights: str, *, right: dict[str, int], note: str = "") -> None:
        """A model folder of these weights, and predictions that find the first `right` mentions of each language."""
        folder = self.root / self.params.models[model].path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.safetensors").write_text(weights)
        manifest = {"family": self.params.models[model].family, "base": "package:base/model", "threshold": 0.5}
        write_json(folder / "bioner.json", manifest)
        for language in SIZES:
            documents = [d if n < right[language] else d.with_spans(()) for n, d in enumerate(gold(language, note))]
            write_documents(self.root / "predictions" / model / f"sample-{language}.jsonl", documents)
        write_documents(self.root / "predictions" / model / "sample-text-en.jsonl", [])


def gold(language: str, note: str = "") -> list[Document]:
    """Documents with one mention each, of three types in turn."""
    types = ("drug", "disease", "gene")
    words = {"en": "aspirin given for pain", "zh": "阿司匹林用于止痛"}[language]
    return [
        Document(f"{language}{n}", f"{words} {n} {note}", language, (Span.of(0, 4, types[n % 3]),))
        for n in range(SIZES[language])
    ]


def drug_sentences(count: int) -> list[Document]:
    """Sentences with one drug each, of three in turn, from which a tiny model learns something."""
    drugs = ("aspirin", "ibuprofen", "metformin")
    texts = [("Take ", drugs[number % len(drugs)], f" {number} times.") for number in range(count)]
    return [
        Document(f"d{number}", "".join(parts), "en", (Span.of(5, 5 + len(parts[1]), "drug"),))
        for number, parts in enumerate(texts)
    ]
