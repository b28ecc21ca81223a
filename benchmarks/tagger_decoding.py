"""How fast tagged lines are decoded: against free generation, and against step-by-step constrained decoding.

All sides have the same weights (after a short training), one thread and the same NCBI-disease sentences. Free
generation is the published route: one sentence at a time, temperature 0.5, room for a copy of the sentence with its
symbols. Step by step means one item a pass with a cache, at the same batch as ours, in stock `transformers`; it is also
measured in our own packed passes, where a batch shares its instruction and never waits for its longest line: the ratio
to that is what drafts alone are worth. Last come the times of ours by the number of types and by length.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from common import Side, Spread, compare, options, seconds, show
from gliner_common import ROOT, corpus, profile, workplace
from rich.console import Console
from rich.table import Table

from bioner.config import load_params
from bioner.documents import Document
from bioner.files import write_json
from bioner.words import Words

_THREADS = 1
_TEACHING = 2  # threads of the training, which is not measured
_BATCH = 16
_TAUGHT = 8  # sentences of a training step; a tagger that has learnt too little opens mentions without end
_CORPUS = "ncbi-disease"
_NAMES = (
    "disease",
    "gene",
    "drug",
    "cell",
    "organ",
    "virus",
    "symptom",
    "enzyme",
    "tissue",
    "species",
    "test",
    "tumour",
)
_TYPES = (1, 4, 12)
_WORDS = (25, 50, 100, 200)  # of a window
_ADAPTER = "adapter.safetensors"


def main() -> None:
    """Train a little, measure both comparisons and the growth, and print."""
    chosen = options(__doc__ or "")
    steps, few, many, rounds = (40, 4, 8, 1) if chosen.quick else (100, 16, 64, 5)
    with workplace() as name:
        folder = Path(name)
        Side(partial(_teach, folder, steps), _TEACHING)()
        free = {
            "free generation, one at a time": Side(partial(_stock, folder, few, "generate"), _THREADS),
            f"bioner, batch {_BATCH}": Side(partial(_ours, folder, few, None), _THREADS),
        }
        results = [compare(f"{few} NCBI-disease sentences", free, rounds)]
        show(results[0], None)
        steps_only = {
            f"step by step, batch {_BATCH}": Side(partial(_stock, folder, many, "step_by_step"), _THREADS),
            f"bioner, batch {_BATCH}": Side(partial(_ours, folder, many, None), _THREADS),
            "step by step in packed passes": Side(partial(_ours, folder, many, 0), _THREADS),
        }
        results.append(compare(f"{many} NCBI-disease sentences", steps_only, rounds))
        show(results[1], None)
        growing = Side(partial(_growth, folder, 2 if chosen.quick else 16), _THREADS)
        grown = _spreads([growing() for _ in range(rounds + 1)][1:])
    _show_growth(grown)
    if chosen.json:
        growth = {label: asdict(spread) for label, spread in grown.items()}
        write_json(chosen.json, {"comparisons": [asdict(result) for result in results], "growth": growth})


def _documents(split: str) -> list[Document]:
    return corpus(profile("ncbi"), _CORPUS, split)


def _teach(folder: Path, steps: int) -> Callable[[], object]:
    """Train an adapter, and leave it and the weights of the base in the folder."""
    from bioner.seeds import seed_torch
    from bioner.tagger.fit import fit_tagger
    from bioner.tagger.model import TAGGER
    from bioner.training import Plan

    os.chdir(folder)
    Path(".bioner").mkdir()
    seed_torch(1, _TEACHING)
    params = profile("ncbi")
    settings = params.tagger.model_copy(update={"steps": steps, "batch_size": _TAUGHT})
    model = _model()
    plan = Plan(steps, settings.warmup, Path("training.pt"), "")
    train = _documents("train")[: _TAUGHT * steps]
    fit_tagger(model, train, params.entity_types, settings, plan=plan, seed=1, description="adapter")
    model.network.save(TAGGER, folder / _ADAPTER)
    return lambda: None


def _model(adapter: Path | None = None) -> Any:
    from bioner.tagger.model import TAGGER, open_base
    from bioner.tagger.network import Lora

    tagger = load_params(ROOT / "params.yaml").tagger
    model = open_base(tagger.base, Lora(tagger.lora_rank, tagger.lora_alpha, tagger.lora_dropout, tagger.layers))
    if adapter:
        model.network.load(TAGGER, adapter)
        model.network.model.eval()
    return model


def _requests(model: Any, texts: Sequence[str], names: Sequence[str]) -> list[Any]:
    from bioner.tagger.decoding import Request

    pieces, prompt = model.prompts.pieces, model.prompts.tagging["en"]
    headers = [pieces.of_text(f"{name}:") for name in names]
    return [Request(prompt, pieces.of_words(text, Words.of(text)), headers) for text in texts]


def _texts(number: int) -> list[str]:
    return [document.text for document in _documents("test")[:number]]


def _ours(folder: Path, number: int, ahead: int | None) -> Callable[[], object]:
    from bioner.tagger.decoding import Decoder

    os.chdir(folder)
    model = _model(folder / _ADAPTER)
    requests = _requests(model, _texts(number), _NAMES[:1])
    return lambda: sum(1 for _ in Decoder(model.network, model.prompts, ahead=ahead).stream(requests, _BATCH))


def _stock(folder: Path, number: int, route: str) -> Callable[[], object]:
    from tagger_routes import Stock

    os.chdir(folder)
    model = _model(folder / _ADAPTER)
    requests = _requests(model, _texts(number), _NAMES[:1])
    decode = getattr(Stock(model), route)
    return lambda: [decode(requests[start : start + _BATCH]) for start in range(0, number, _BATCH)]


def _growth(folder: Path, number: int) -> Callable[[], dict[str, float]]:
    """The seconds of ours by the number of types, and for a thousand words by the length of the windows."""
    from bioner.tagger.decoding import Decoder

    os.chdir(folder)
    model = _model(folder / _ADAPTER)
    texts = _texts(number * 8)
    decoder = Decoder(model.network, model.prompts)
    tasks = {
        f"{number} sentences, {types} types": (_requests(model, texts[:number], _NAMES[:types]), 1.0)
        for types in _TYPES
    }
    for words in _WORDS:
        joined = list(_joined(texts, words))[: max(1, 25 * number // words)]
        scale = 1000 / sum(len(Words.of(text)) for text in joined)
        tasks[f"1,000 words, {words} a window"] = (_requests(model, joined, _NAMES[:1]), scale)
    return lambda: {
        label: scale * seconds(lambda requests=requests: list(decoder.stream(requests, _BATCH)))  # type: ignore[misc]
        for label, (requests, scale) in tasks.items()
    }


def _joined(texts: Sequence[str], words: int) -> Iterator[str]:
    """Texts of so many words, cut from the run of all sentences."""
    held: list[str] = []
    for token in (token for text in texts for token in text.split()):
        held.append(token)
        if len(held) == words:
            yield " ".join(held)
            held = []


def _spreads(rounds: Sequence[Any]) -> dict[str, Spread]:
    return {label: Spread.of([found[label] for found in rounds]) for label in rounds[0]}


def _show_growth(grown: dict[str, Spread]) -> None:
    table = Table("", "seconds, median (least to most)", title="how bioner grows")
    for label, spread in grown.items():
        table.add_row(label, str(spread))
    Console().print(table)


if __name__ == "__main__":
    main()
