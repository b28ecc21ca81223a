"""How fast a GLiNER trains: sentences a second on BC5CDR, against stock `gliner` (`train_model`) from the same start.

Both sides train a whole epoch in each round, with the same threads and eight sentences to an update: stock pads eight
sentences to one batch, ours packs them into two windows. A plain token classifier on the same encoder stands beside
them as the limit of what a span model can reach.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from common import Side, compare, options, show
from gliner_common import ROOT, corpus, profile, start, stock, stock_examples, variant, workplace
from token_classifier import TokenClassifier

from bioner.documents import Document
from bioner.entity_types import EntityTypes

_THREADS = 2
_UPDATE = 8  # sentences
_WINDOWS = 2  # of 100 words: about as many sentences
_RATE = 1e-5
_CORPUS = "bc5cdr"


def main() -> None:
    """Measure, and print sentences a second beside the seconds."""
    chosen = options(__doc__ or "")
    sentences, rounds = (64, 2) if chosen.quick else (240, 5)
    with workplace() as folder:
        start(Path(folder), variant(), profile(_CORPUS).entity_types)
        sides = {
            "stock": Side(partial(_stock, Path(folder), sentences), _THREADS),
            "bioner": Side(partial(_ours, Path(folder), sentences), _THREADS),
            "token classifier": Side(partial(_classifier, sentences), _THREADS),
        }
        result = compare(f"GLiNER training, an epoch of {sentences} BC5CDR sentences", sides, rounds)
    show(result, chosen.json)
    for label, spread in {"stock": result.baseline, "bioner": result.ours, **result.also}.items():
        print(f"{label}: {sentences / spread.median:.1f} sentences a second")


def _data(sentences: int) -> tuple[list[Document], EntityTypes]:
    """The first sentences that have an entity (read in each process: that is not measured)."""
    params = profile(_CORPUS)
    documents = [document for document in corpus(params, _CORPUS, "train") if document.spans]
    return documents[:sentences], params.entity_types


def _stock(folder: Path, sentences: int) -> Callable[[], object]:
    from transformers.utils import logging

    logging.set_verbosity_error()
    model, examples = stock(folder), stock_examples(*_data(sentences))

    def epoch() -> None:
        model.train_model(
            examples,
            None,
            output_dir=folder / "stock",
            per_device_train_batch_size=_UPDATE,
            max_steps=len(examples) // _UPDATE,
            learning_rate=_RATE,
            save_strategy="no",
            disable_tqdm=True,
            logging_strategy="no",
            use_cpu=True,
        )

    return epoch


def _ours(folder: Path, sentences: int) -> Callable[[], object]:
    from bioner.config import load_params
    from bioner.gliner.batches import pack
    from bioner.gliner.examples import make_examples
    from bioner.gliner.fit import fit
    from bioner.gliner.folder import read_folder
    from bioner.training import Plan

    documents, types = _data(sentences)
    model, _ = read_folder(folder)
    examples = make_examples(documents, types.keys, model.encoding, model.limits)
    windows = sum(len(pack(group, model.limits)) for group in examples.groups.values())
    steps = -(-windows // _WINDOWS)
    phase = load_params(ROOT / "params.yaml").finetune.model_copy(update={"batch_size": _WINDOWS})
    phase = phase.model_copy(update={"encoder_learning_rate": _RATE, "head_learning_rate": _RATE})

    def epoch() -> None:
        plan = Plan(steps, phase.warmup, folder / "checkpoint.pt", "benchmark")
        fit(model, documents, types, phase, plan=plan, seed=1, description="bioner")

    return epoch


def _classifier(sentences: int) -> Callable[[], object]:
    documents, types = _data(sentences)
    model = TokenClassifier(variant().encoder, types.keys, seed=1)
    return lambda: model.train(documents, minutes=0.0, batch_size=16, rate=_RATE, seed=1)


if __name__ == "__main__":
    main()
