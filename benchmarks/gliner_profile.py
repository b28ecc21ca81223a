"""Where the time of a GLiNER goes on BC5CDR: each part of annotating, and each torch operation of training."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

from common import hardware, options, seconds
from gliner_common import ROOT, corpus, profile, start, variant, workplace
from gliner_inference import LABELS, long_texts, reader, sentences_of
from many_types import short_types
from rich.console import Console
from rich.table import Table

from bioner.entity_types import EntityTypes

_STEPS = 20
_SHOWN = 12  # operations
_SENTENCES = 200
_TASKS = {  # kind of encoder, texts, types asked for, words of a window
    "sentences": ("uni", lambda: sentences_of(_SENTENCES), LABELS, 100),
    "long": ("uni", lambda: long_texts(1), LABELS, 200),
    "types-uni": ("uni", lambda: sentences_of(16), short_types(), 100),
    "types-bi": ("bi", lambda: sentences_of(_SENTENCES), short_types(), 100),
}


def main() -> None:
    """Profile what was asked for, and print."""
    import torch

    chosen = options(__doc__ or "", (*_TASKS, "training"))
    torch.set_num_threads(min(2, torch.get_num_threads()))
    shares: dict[str, dict[str, float]] = {}
    for task in chosen.tasks:
        if task == "training":
            _training()
        else:
            shares[task] = _annotating(task)
    if not shares:
        return
    table = Table("part", *shares, title="annotating, share of the time", caption=hardware())
    for part in dict.fromkeys(part for found in shares.values() for part in found):
        table.add_row(part, *(f"{found.get(part, 0.0):.1%}" for found in shares.values()))
    Console().print(table)


def _annotating(task: str) -> dict[str, float]:
    """The share of each part, after a first run that is not measured."""
    kind, texts, types, words = _TASKS[task]
    with workplace() as folder:
        labels = variant().encoder if kind == "bi" else None
        start(Path(folder), variant(labels_encoder=labels), EntityTypes.of_words(LABELS), 0.99)
        run = partial(reader(Path(folder), texts(), types), words)
        run()
        with _stopwatch() as own:
            total = seconds(run)
    return {part: took / total for part, took in own.items()} | {"all else": 1 - sum(own.values()) / total}


@contextmanager
def _stopwatch() -> Iterator[dict[str, float]]:
    """The seconds within each part, those of the parts that it calls excepted."""
    from bioner.gliner import encoding, head, predictor, representation, span_head, unpadded

    parts: dict[str, list[tuple[Any, str]]] = {
        "words and windows": [(predictor.Words, "of"), (predictor, "sentence_starts"), (predictor, "slide")],
        "tokens": [(encoding.Encoding, "words"), (predictor.GlinerPredictor, "_prompts")],
        "batches": [(predictor, "make_batch")],
        "encoder: all but attention": [(unpadded, "_encode")],
        "encoder: attention": [(unpadded, "_attend")],
        "types that are new to a bi-encoder": [(representation, "_encoded")],
        "head, once a word and type": [(head.span_head, "span_logits")],
        "head, once a span": [(span_head, "score_spans")],
        "decoding": [(predictor._Task, "owned"), (predictor, "annotate")],
    }
    own: dict[str, float] = defaultdict(float)
    inner: list[float] = []  # seconds of what each open part called
    with ExitStack() as stack:
        for part, places in parts.items():
            for owner, name in places:
                timed = _timed(getattr(owner, name), part, own, inner)
                stack.enter_context(patch.object(owner, name, staticmethod(timed) if name == "of" else timed))
        yield own


def _timed(call: Callable[..., Any], part: str, own: dict[str, float], inner: list[float]) -> Callable[..., Any]:
    @wraps(call)
    def timed(*given: Any, **named: Any) -> Any:
        inner.append(0.0)
        began = time.perf_counter()
        found = call(*given, **named)
        took = time.perf_counter() - began
        own[part] += took - inner.pop()
        if inner:
            inner[-1] += took
        return found

    return timed


def _training() -> None:
    """Train once to warm up and once under the profiler, and print."""
    import torch
    from torch.profiler import ProfilerActivity

    from bioner.config import load_params
    from bioner.gliner.fit import fit
    from bioner.gliner.folder import read_folder
    from bioner.training import Plan

    params = profile("bc5cdr")
    documents = [document for document in corpus(params, "bc5cdr", "train") if document.spans][:_SENTENCES]
    phase = load_params(ROOT / "params.yaml").finetune
    with workplace() as folder:
        start(Path(folder), variant(), params.entity_types)
        model, _ = read_folder(Path(folder))

        def train(steps: int) -> None:
            plan = Plan(steps, phase.warmup, Path(folder) / "checkpoint.pt", "profile")
            fit(model, documents, params.entity_types, phase, plan=plan, seed=1, description="profile")

        train(2)
        with torch.profiler.profile(activities=[ProfilerActivity.CPU]) as found:
            train(_STEPS)
    events = sorted(found.key_averages(), key=lambda event: -event.self_cpu_time_total)
    total = sum(event.self_cpu_time_total for event in events)
    table = Table("operation", "share", "calls a step", title=f"{_STEPS} training steps", caption=hardware())
    for event in events[:_SHOWN]:
        table.add_row(event.key, f"{event.self_cpu_time_total / total:.1%}", f"{event.count / _STEPS:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
