"""The page: everything that the stages left behind, assembled into one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioner.config import SPLITS
from bioner.evaluation.error_analysis import KINDS
from bioner.evaluation.nested_errors import OUTCOMES
from bioner.evaluation.scores import Scores
from bioner.pages import templates_of
from bioner.report import bars, charts, diagrams, glossary
from bioner.report.confidence import confidence
from bioner.report.error_tables import BOUNDARY_COLUMNS, ErrorTables
from bioner.report.figures import figures_of, in_words, shown
from bioner.report.inputs import Inputs
from bioner.report.marking import Mark, Piece, mark_text
from bioner.report.mistakes import Example, worst_documents
from bioner.report.quarantine import Ground, grounds
from bioner.report.rivals import Comparison, comparison
from bioner.report.scores import ranked, tables
from bioner.report.trainings import TRAINING, trainings
from bioner.suite.rows import rows

_TEMPLATE = "report.html.j2"
_SPOKEN = "en"  # the language of the page
_SUITE = "suite/"  # before the names of the sets among the metrics


def render(inputs: Inputs) -> str:
    """The page as HTML: equal inputs give equal text.

    Raises:
        DataError: the predictions of a model do not fit the test documents.
    """
    environment = templates_of("bioner.report")
    environment.filters |= {"shown": shown, "in_words": in_words}
    environment.globals |= {"charts": charts, "diagrams": diagrams, "bars": bars, "glossary": glossary}
    return environment.get_template(_TEMPLATE).render(_view(inputs))


def _view(inputs: Inputs) -> dict[str, Any]:
    types = inputs.types.names(_SPOKEN)
    suite = {name.removeprefix(_SUITE): record for name, record in inputs.metrics.items() if name.startswith(_SUITE)}
    stages = {name: figures_of(record, types) for name, record in inputs.metrics.items() if not name.startswith(_SUITE)}
    return {
        "inputs": inputs,
        "types": types,
        "definitions": inputs.types.definitions(_SPOKEN),
        "models": ranked(inputs.scores),
        "tables": tables(inputs.scores, inputs.corpus_scores, types, glossary.LANGUAGES),
        "suite": rows(suite),
        "examples": _examples(inputs, types),
        "error_tables": {model: ErrorTables.of(found, types) for model, found in inputs.analyses.items()},
        "boundary_columns": BOUNDARY_COLUMNS,
        "outcomes": OUTCOMES,
        "confidences": {model: confidence(found) for model, found in inputs.analyses.items()},
        "comparisons": _comparisons(inputs, types),
        "errors": {model: _error_counts(score) for model, score in inputs.scores.items() if any(score.errors.values())},
        "trainings": trainings(inputs.curves, stages),
        "stages": stages,
        "others": {name: found for name, found in stages.items() if name.partition("/")[0] not in _KNOWN},
        "grounds": _grounds(inputs, types),
        "demonstration": [name for name, corpus in inputs.corpora.items() if corpus.demonstration],
        "tiles": _tiles(inputs),
        "legend": _legend(),
        "kinds": KINDS,
        "splits": SPLITS,
        "sections": _SECTIONS,
    }


def _tiles(inputs: Inputs) -> list[tuple[int, str]]:
    """The few figures at the top of the page, those that are there."""
    wanted = (
        ("curate", "kept", "sentences curated"),
        ("distill", "spans", "spans found by the teacher"),
        ("validate", "quarantined", "rows quarantined"),
    )
    figures = ((inputs.metrics.get(stage, {}).get(key), label) for stage, key, label in wanted)
    return [(value, label) for value, label in figures if isinstance(value, int)]


def _legend() -> list[Piece]:
    """A made-up example of every way in which two annotations can differ."""
    gold = (
        Mark(((0, 4), (15, 23)), "symptom", right=False),
        Mark(((9, 23),), "symptom", right=True),
        Mark(((9, 18),), "anatomy", right=True),
        Mark(((36, 45),), "drug", right=False),
    )
    found = (
        Mark(((9, 23),), "symptom", right=True),
        Mark(((9, 18),), "anatomy", right=True),
        Mark(((36, 45),), "gene", right=False),
    )
    return mark_text("Left and right leg pain eased under metformin.", gold, found)


_SECTIONS = (
    ("scores", "Scores"),
    ("errors", "Errors"),
    ("confidence", "Confidence"),
    ("champion", "Champion"),
    ("training", "Training"),
    ("data", "Data"),
    ("quarantine", "Quarantine"),
    ("glossary", "Glossary"),
)
_KNOWN = frozenset({"ingest", "curate", "distill", "validate", *TRAINING})


def _examples(inputs: Inputs, types: Mapping[str, str]) -> dict[str, list[Example]]:
    """The worst documents of each model that left predictions, in the order of the scores."""
    models = [model for model, _, _ in ranked(inputs.scores)]
    order = models + sorted(set(inputs.predictions) - set(models))
    return {
        model: worst_documents(inputs.gold, inputs.predictions[model], types, inputs.worst)
        for model in order
        if model in inputs.predictions
    }


def _comparisons(inputs: Inputs, types: Mapping[str, str]) -> dict[str, Comparison | None]:
    """Every model that is put forward beside its champion; `None` where its predictions are not at hand."""
    return {
        model: comparison(inputs.gold, rival, inputs.predictions[model], inputs.scores[model], types)
        for model, rival in inputs.rivals.items()
    }


def _error_counts(scores: Scores) -> dict[str, int]:
    """How many errors of each kind, in words, in the order of the glossary."""
    return {words: scores.errors.get(kind, 0) for kind, words in glossary.KINDS.items()}


def _grounds(inputs: Inputs, types: Mapping[str, str]) -> list[Ground] | None:
    return None if inputs.quarantined is None else grounds(inputs.quarantined, types, inputs.examples)
