"""What the GLiNER benchmarks share: real sentences, one start model for both sides, and stock `gliner` on it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bioner.config import Params, Variant, load_params, merge_all, parse_params, read_overlays, read_yaml
from bioner.documents import Document
from bioner.entity_types import EntityTypes

ROOT = Path(__file__).resolve().parents[1]


def profile(name: str) -> Params:
    """The params of a profile, its corpora beside the repository."""
    merged = merge_all(read_yaml(ROOT / "params.yaml"), read_overlays(ROOT, name))
    params = parse_params(merged, name)
    return params.model_copy(update={"data_root": str(ROOT / params.data_root)})


def corpus(params: Params, name: str, split: str) -> list[Document]:
    """A whole split of a corpus; its documents are sentences in CoNLL files."""
    from bioner.stages.ingest import read_splits

    splits, _ = read_splits(params.corpora[name], name, params)
    return splits[split]


def variant(**changes: Any) -> Variant:
    """The embedded variant of the params."""
    return load_params(ROOT / "params.yaml").gliner.variants["mini"].model_copy(update=changes)


def start(folder: Path, settings: Variant, types: EntityTypes, threshold: float = 0.5) -> None:
    """Write an untrained model of a variant: both sides begin with its weights."""
    from bioner.gliner.backbone import open_base
    from bioner.gliner.folder import Manifest, write_folder
    from bioner.gliner.overlap import Overlap
    from bioner.seeds import seed_torch

    seed_torch(1, 2)
    model = open_base(settings)
    limits = settings.max_words, settings.max_types
    write_folder(folder, model, Manifest(settings.encoder, types, threshold, Overlap.FLAT, *limits))


def stock(folder: Path) -> Any:
    """The same model in stock `gliner`, silent."""
    import logging
    import warnings

    from gliner import GLiNER

    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    return GLiNER.from_pretrained(str(folder), local_files_only=True)


def stock_examples(documents: Sequence[Document], types: EntityTypes) -> list[dict[str, Any]]:
    """Documents as stock `gliner` is given them for training: words, and entities as first word, last word and type."""
    from bioner.words import Words

    names = types.names("en")
    examples = []
    for document in documents:
        words = Words.of(document.text)
        places = [(words.locate(span), names[span.label]) for span in document.spans]
        entities = [[*place, name] for place, name in places if place is not None]
        examples.append({"tokenized_text": words.texts(document.text), "ner": entities})
    return examples


def workplace() -> tempfile.TemporaryDirectory[str]:
    """A folder for the start model, and a line that says that the work begins."""
    Console(stderr=True).print("preparing", highlight=False)
    return tempfile.TemporaryDirectory()
