"""How good synthetic labels are, by agreement and with the selector, and what a GLiNER learns from those that passed.

Needs what `bioner run --profile synthetic --until validate` leaves. First its teacher annotates gold sentences that it
never saw, of its own corpora and of one that it knows nothing of, as it annotated the unlabelled ones. Then one GLiNER
learns from all documents of the teacher, one from those that the gate accepted, and one from the surest half of them,
with the same number of updates; each has its threshold chosen on gold dev sentences and is scored on the same test
sentences. Each part is a file in `--out`, so that a killed run goes on with the next.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from common import hardware
from gliner_common import ROOT, corpus, profile
from rich.console import Console
from rich.table import Table

from bioner.config import Params
from bioner.documents import Document, read_documents
from bioner.evaluation.pairing import pool
from bioner.evaluation.score import score_documents, strict_f1
from bioner.evaluation.significance import compare
from bioner.files import read_json, write_json
from bioner.seeds import generator, seed_torch
from bioner.stages import layout

_PROFILE = "synthetic"
_FOREIGN = "bc5cdr"  # profile and corpus of which the teacher knows nothing
_THREADS = 1
_DEV = 300  # sentences on which the thresholds of the GLiNER are chosen

Sets = Mapping[str, Sequence[Document]]


def main() -> None:
    """Measure what is missing, and print all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=300, help="of each gold corpus")
    parser.add_argument("--steps", type=int, default=250, help="updates of each GLiNER")
    parser.add_argument("--seeds", type=int, default=2, help="how often each GLiNER is trained")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/results/synthetic", help="folder of the results")
    chosen = parser.parse_args()
    params, workspace = profile(_PROFILE), ROOT / "workspaces" / _PROFILE
    chosen.out.mkdir(parents=True, exist_ok=True)
    gold = _gold(params, workspace, chosen.sentences)
    _show_labels(_kept(chosen.out / "labels.json", partial(_labels, params, workspace, gold)))
    seeds = range(1, chosen.seeds + 1)
    names = [(seed, chosen.out / f"students-{chosen.steps}-{seed}.json") for seed in seeds]
    _show_students([_kept(file, partial(_students, params, workspace, gold, chosen.steps, s)) for s, file in names])


def _kept(file: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    if not file.is_file():
        write_json(file, {"hardware": hardware()} | make())
    found: dict[str, Any] = read_json(file)
    return found


def _gold(params: Params, workspace: Path, number: int) -> Sets:
    """Sentences with diseases alone: test sentences of the teacher's own corpora, and of one that is foreign to it."""
    foreign = corpus(profile(_FOREIGN), _FOREIGN, "test")
    every = {**_splits(workspace, "test"), _FOREIGN: foreign}
    sets = {name: _drawn(list(documents), number, params.seed) for name, documents in every.items()}
    keys = set(params.entity_types.keys)
    return {
        name: [d.with_spans(span for span in d.spans if span.label in keys) for d in documents]
        for name, documents in sets.items()
    }


def _drawn(documents: list[Document], number: int, seed: int) -> list[Document]:
    generator(seed, "synthetic labels").shuffle(documents)
    return documents[:number]


def _labels(params: Params, workspace: Path, gold: Sets) -> dict[str, Any]:
    """What the teacher says of gold sentences, with and without its selector; how often it is right when so sure."""
    from bioner.tagger.predictor import load_tagger
    from bioner.tagger.sampling import Sampling

    settings = params.teacher.sampling  # the profile has it
    seed_torch(params.seed, _THREADS)
    teacher = load_tagger(workspace / layout.SELECTOR)
    voting = Sampling(settings.samples, settings.temperature, params.seed, agreement=0.0)
    every = replace(teacher, selector=False, threshold=0.0, sampling=voting)
    chosen = replace(teacher, sampling=replace(voting, agreement=0.5))
    figures: dict[str, Any] = {}
    for name, documents in gold.items():
        bare = [document.with_spans(()) for document in documents]
        voted = list(every.predict(bare, params.entity_types, batch_size=params.distill.batch_size))
        selected = list(chosen.predict(bare, params.entity_types, batch_size=params.distill.batch_size))
        figures[name] = {
            "sentences": len(documents),
            "teacher": _scores(documents, _of_score(voted, 0.5, 1.0)),
            "with selector": _scores(documents, selected),
            "agreement": {
                f"{votes}/{settings.samples}": _precision(documents, voted, votes / settings.samples)
                for votes in range(1, settings.samples + 1)
            },
        }
    return {"sets": figures}


def _of_score(documents: Sequence[Document], above: float, up_to: float) -> list[Document]:
    return [d.with_spans(span for span in d.spans if above < (span.score or 0.0) <= up_to) for d in documents]


def _precision(gold: Sequence[Document], voted: Sequence[Document], share: float) -> dict[str, Any]:
    """Of the spans that so many samples hold: how many there are, and the share of them that is right."""
    found = _of_score(voted, share - 1e-6, share + 1e-6)
    score = score_documents(gold, found, resamples=1, modes=("strict",)).schemes["strict"].micro
    return {"spans": sum(len(document.spans) for document in found), "precision": score.precision}


def _scores(gold: Sequence[Document], predicted: Sequence[Document]) -> dict[str, Any]:
    schemes = score_documents(gold, predicted, modes=("strict", "overlap")).to_record()["schemes"]
    return {name: schemes[name]["micro"] for name in schemes}


@dataclass(frozen=True, slots=True)
class _Course:
    """How a GLiNER learns: the number of updates, the seed of its batches, and on what its threshold is chosen."""

    params: Params
    steps: int
    seed: int
    dev: Sequence[Document]

    def student(self, documents: Sequence[Document], test: Sequence[Document]) -> list[Document]:
        """The test sentences as a GLiNER annotates them that learnt from the documents alone."""
        from bioner.gliner.backbone import open_base
        from bioner.gliner.calibration import GRID, choose_threshold
        from bioner.gliner.fit import fit
        from bioner.gliner.predictor import GlinerPredictor
        from bioner.training import Plan, forget

        types = self.params.entity_types
        phase = self.params.pretrain.model_copy(update={"steps": self.steps, "batch_size": 4})
        seed_torch(self.seed, _THREADS)
        model = open_base(self.params.gliner.variants["mini"])
        learnt = [replace(document, source="teacher") for document in documents]
        told = f"{len(learnt)} documents, seed {self.seed}"
        identity = f"{phase.model_dump_json()} {told}"
        plan = Plan(self.steps, phase.warmup, ROOT / ".bioner" / "synthetic.pt", identity)
        fitted = fit(model, learnt, types, phase, plan=plan, seed=self.seed, description=told)
        forget(plan)
        student = GlinerPredictor(model, types, 0.5, fitted.examples.overlap)
        scored = list(student.score([document.with_spans(()) for document in self.dev], floor=GRID[0]))
        threshold = choose_threshold(self.dev, scored, student.overlap, strict_f1).value
        return list(replace(student, threshold=threshold).predict([document.with_spans(()) for document in test]))


def _students(params: Params, workspace: Path, gold: Sets, steps: int, seed: int) -> dict[str, Any]:
    """A GLiNER for each choice of the teacher's documents, scored on all gold sentences that none has learnt from."""
    every, accepted = (list(read_documents(workspace / file)) for file in (layout.DISTILLED, layout.SYNTHETIC))
    chosen = {"all": every, "accepted": accepted, "surest": _surest(accepted)}
    dev = list(pool(_splits(workspace, "dev")))
    generator(params.seed, "synthetic labels").shuffle(dev)
    test = list(pool(gold))
    course = _Course(params, steps, seed, dev[:_DEV])
    said = {name: course.student(documents, test) for name, documents in chosen.items()}
    figures: dict[str, Any] = {}
    for name, predicted in said.items():
        test_against = compare(test, said["all"], predicted)
        figures[name] = {
            "documents": len(chosen[name]),
            "spans": sum(len(document.spans) for document in chosen[name]),
            **_scores(test, predicted),
            "sets": {corpus: _scores(*_part(corpus, test, predicted)) for corpus in gold},
            "difference": test_against.difference,
            "interval": list(test_against.interval),
        }
    return {"seed": seed, "steps": steps, "test_sentences": len(test), "students": figures}


def _splits(workspace: Path, split: str) -> Sets:
    """The gold corpora; those of unlabelled text have no document here."""
    files = sorted((workspace / layout.split(split)).glob("*.jsonl"))
    return {file.stem: documents for file in files if (documents := list(read_documents(file)))}


def _surest(documents: Sequence[Document]) -> list[Document]:
    """Of each language the half of the documents with spans whose least sure span is surest, and half of the others."""
    kept: list[Document] = []
    for language in sorted({document.language for document in documents}):
        own = [document for document in documents if document.language == language]
        found = sorted((d for d in own if d.spans), key=lambda d: -min(span.score or 0.0 for span in d.spans))
        empty = [document for document in own if not document.spans]
        kept += found[: (len(found) + 1) // 2] + empty[: (len(empty) + 1) // 2]
    return kept


def _part(name: str, test: Sequence[Document], predicted: Sequence[Document]) -> tuple[list[Document], list[Document]]:
    places = [place for place, document in enumerate(test) if document.id.startswith(f"{name}/")]
    return [test[place] for place in places], [predicted[place] for place in places]


def _show_labels(record: Mapping[str, Any]) -> None:
    sets: dict[str, Any] = record["sets"]
    bins = list(next(iter(sets.values()))["agreement"])
    table = Table("", "precision, recall, F1", "with selector", *bins, title="labels of the teacher, strict")
    for name, figures in sets.items():
        sides = [figures[side]["strict"] for side in ("teacher", "with selector")]
        shares = [figures["agreement"][share] for share in bins]
        table.add_row(
            name,
            *(" ".join(_text(side[key]) for key in ("precision", "recall", "f1")) for side in sides),
            *(f"{_text(share['precision'])} of {share['spans']}" for share in shares),
        )
    Console().print(table)


def _show_students(trials: Sequence[Mapping[str, Any]]) -> None:
    table = Table("learnt from", "documents", "spans", "strict F1 of each seed", "mean", "over all", title="GLiNER")
    for name, first in trials[0]["students"].items():
        each = [trial["students"][name] for trial in trials]
        strict = [one["strict"]["f1"] for one in each]
        shown = ", ".join(map(_text, strict))
        over = ", ".join("{:+.3f} ({:+.3f} to {:+.3f})".format(one["difference"], *one["interval"]) for one in each)
        table.add_row(name, str(first["documents"]), str(first["spans"]), shown, _text(fmean(strict)), over)
    Console().print(table)


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
