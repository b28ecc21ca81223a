"""Stage suite: every model on one set of the suite, beside other systems; every claim is checked before any work."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioner.config import Params, SuiteSet
from bioner.corpora.reading import Reading
from bioner.corpora.registry import reader_of
from bioner.corpora.splits import limited, with_unique_ids
from bioner.curation.compare import Comparison
from bioner.documents import Document, read_documents, write_documents
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError, DataError
from bioner.files import atomic_directory, write_json
from bioner.predictors import load_predictor, read_manifest
from bioner.project import project_root
from bioner.protocols.seen import fed_to
from bioner.seeds import seed_torch
from bioner.stages import layout
from bioner.stages.context import Context, read_corpora
from bioner.stages.judging import main_figures, predict, speed
from bioner.suite.label_map import of_models, of_others
from bioner.suite.leaks import by_language, leaked
from bioner.suite.others import Matched, read_other
from bioner.suite.record import Gold, Judged, model_facts, to_record
from bioner.suite.training import Training, check_claim
from bioner.tracking.runs import stage_run


def run(context: Context) -> None:
    """Judge every model of the params on the set named by the item, and score what other systems predicted for it.

    Raises:
        ConfigError: what the set claims of a model is not true.
        DataError: a file is not valid, or does not fit the gold documents.
        ModelError: a model cannot be loaded.
    """
    name, params = context.need_item(), context.params
    part, file = params.suite[name], _file(context)
    learnt = _Learnt.read()
    trainings = {model: learnt.by(model, name, params) for model in params.models}
    for model, training in trainings.items():
        check_claim(part, name, model, training, _types(part, params))
    documents = _documents(part, file, params)
    trained = part.corpus in (*learnt.train, *learnt.dev)
    gold = Gold.of(documents, part, learnt.holding(documents, params), trained, str(file))
    others = _others(part, name, gold.documents)
    systems = {}
    with atomic_directory(layout.suite_predictions(name)) as aside:
        for model, training in trainings.items():
            systems[model] = _judge(context, model, training, gold, aside)
    for other, matched in others.items():
        facts = {"kind": "file", "missing": matched.missing, "unused": matched.unused}
        systems[other] = Judged.of(
            gold, matched.documents, of_others(part.labels, part.others[other].labels), params, more=facts
        )
    write_json(layout.metrics("suite", name), to_record(part, gold, systems))


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What the pipeline trains on: gold documents by corpus, and what the teacher annotated."""

    train: Mapping[str, Sequence[Document]]
    dev: Mapping[str, Sequence[Document]]
    synthetic: Sequence[Document]

    @classmethod
    def read(cls) -> _Learnt:
        return cls(read_corpora("train"), read_corpora("dev"), list(read_documents(layout.SYNTHETIC)))

    def by(self, model: str, name: str, params: Params) -> Training:
        """What a model has learnt from: a GLiNER from the synthetic documents too, and from what its encoder was."""
        _, manifest = read_manifest(f"path:{params.models[model].path}")
        part, before = params.suite[name], EntityTypes({})
        gliner = params.models[model].family == "gliner"
        if gliner and part.protocol == "zero-shot-type":
            before = fed_to(manifest["base"], part.saw, f"suite.{name}")
        return Training.of(self.train, self.dev, self.synthetic if gliner else (), params.entity_types, before)

    def holding(self, documents: Sequence[Document], params: Params) -> set[str]:
        """The ids of those of the documents that occur in what is trained on."""
        rules = params.curate
        comparison = Comparison.of(rules.near_duplicate, rules.decontaminate_ngram, params.seed)
        gold = {f"train/{corpus}": found for corpus, found in self.train.items()}
        return leaked(documents, gold | by_language("synthetic", self.synthetic), comparison)


def _file(context: Context) -> Path:
    """The file of the set, seen to be one of its corpus."""
    params, name = context.params, context.need_item()
    part = params.suite[name]
    root, corpus = Path(params.data_root), params.corpora[part.corpus]
    file, folder = (Path(os.path.normpath(root / path)) for path in (part.path, corpus.path))
    if not file.is_relative_to(folder):
        mend = f"paths of the suite begin at `data_root`: {corpus.path}/..."
        raise ConfigError(f"the path of the set is not below that of corpora.{part.corpus}", where=str(file), mend=mend)
    return file


def _documents(part: SuiteSet, file: Path, params: Params) -> list[Document]:
    """The documents of the set, with the labels of the file."""
    corpus = params.corpora[part.corpus]
    reading = Reading(file, part.language, part.corpus, corpus.on_error)
    documents = with_unique_ids(reader_of(corpus)(reading))
    if not documents:
        mend = f"check the format of corpora.{part.corpus}"
        raise DataError("there is no document in it", where=str(file), mend=mend)
    return limited(documents, part.limit, params.seed)


def _others(part: SuiteSet, name: str, gold: Sequence[Document]) -> dict[str, Matched]:
    root = project_root(Path.cwd())
    files = {other: given.locate(root, f"suite.{name}.others.{other}") for other, given in part.others.items()}
    return {other: read_other(file, gold) for other, file in files.items()}


def _types(part: SuiteSet, params: Params) -> EntityTypes:
    """What the models are asked for: all types, as in use, and those of the set alone."""
    return EntityTypes({**params.entity_types.types, **part.types})


def _judge(context: Context, model: str, training: Training, gold: Gold, predictions: Path) -> Judged:
    """One model on the set, with a run of its own."""
    name, params = context.need_item(), context.params
    part, folder = params.suite[name], Path(params.models[model].path)
    with stage_run(context, inputs=[folder, _file(context)]) as tracked:
        tracked.tag("mlflow.runName", f"suite-{name}-{model}")
        tracked.tag("bioner.model", model)
        seed_torch(params.seed, params.threads)
        predictor = load_predictor(f"path:{folder}")
        began = time.monotonic()
        batch_size, shown_as = params.evaluate.batch_size, f"{name} by {model}"
        predicted = predict(predictor, gold.documents, _types(part, params), batch_size, shown_as)
        seconds = time.monotonic() - began
        write_documents(predictions / f"{model}.jsonl", predicted)
        facts = model_facts(part, training)
        judged = Judged.of(gold, predicted, of_models(part.labels), params, shown=training.shown, more=facts)
        figures = main_figures(judged.scores) | speed(gold.documents, seconds)
        tracked.metrics({f"{name}/{figure}": value for figure, value in figures.items()})
    return judged
