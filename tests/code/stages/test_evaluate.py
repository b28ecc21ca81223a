"""Stage evaluate: predictions and scores on every test set, the same each time, and a run that shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from projects import SIZES, Project, gold

from bioner.documents import Document, Span, read_documents
from bioner.entity_types import EntityTypes
from bioner.errors import DataError, ModelError
from bioner.evaluation.pairing import read_pool
from bioner.evaluation.score import score_documents
from bioner.evaluation.scores import Scores
from bioner.files import read_json
from bioner.stages import evaluate, layout
from bioner.stages.context import Context
from bioner.tracking.evidence import hash_test_set
from bioner.tracking.store import connect

pytestmark = pytest.mark.slow


class FirstWord:
    """A model that takes the first four characters of every text for a drug; it notes what it was given."""

    def __init__(self) -> None:
        self.seen: list[Document] = []

    def predict(
        self, documents: Sequence[Document], types: EntityTypes | None = None, *, batch_size: int
    ) -> Iterator[Document]:
        assert types is not None
        assert "drug" in types.keys
        assert batch_size == 16
        for document in documents:
            self.seen.append(document)
            yield document.with_spans([Span.of(0, 4, "drug", 0.75)])


@pytest.fixture
def model(bare_project: Project, monkeypatch: pytest.MonkeyPatch) -> FirstWord:
    """The model in the place of the trained one, in a project with test documents."""
    bare_project.write_tests()
    bare_project.write_model("gliner-mini", "weights", right=dict.fromkeys(SIZES, 0))
    stand_in = FirstWord()
    monkeypatch.setattr(evaluate, "load_predictor", lambda _reference: stand_in)
    return stand_in


def run(project: Project) -> None:
    evaluate.run(Context("evaluate", "gliner-mini", project.params))


def outputs() -> dict[str, bytes]:
    files = [layout.metrics("evaluate", "gliner-mini"), *sorted(layout.predictions("gliner-mini").glob("*"))]
    return {str(file): file.read_bytes() for file in files}


def test_predictions_and_scores_of_every_test_set(bare_project: Project, model: FirstWord) -> None:
    run(bare_project)
    assert [Path(name).name for name in outputs()] == ["gliner-mini.json", "sample-en.jsonl", "sample-zh.jsonl"]
    for language, size in SIZES.items():
        predicted = list(read_documents(layout.predictions("gliner-mini") / f"sample-{language}.jsonl"))
        assert [d.id for d in predicted] == [d.id for d in gold(language)]
        assert len(predicted) == size
        assert {d.spans for d in predicted} == {(Span.of(0, 4, "drug", 0.75),)}
    assert not any(document.spans for document in model.seen), "the model saw the annotations"


@pytest.mark.usefixtures("model")
def test_metrics_are_those_of_the_metric_together_and_by_corpus(bare_project: Project) -> None:
    run(bare_project)
    record = read_json(layout.metrics("evaluate", "gliner-mini"))
    pooled = read_pool(layout.split("test")), read_pool(layout.predictions("gliner-mini"))
    settings = bare_project.params.evaluate
    assert Scores.from_record(record["scores"]) == score_documents(
        *pooled, resamples=settings.resamples, confidence=settings.confidence, seed=bare_project.params.seed
    )
    right = {language: len(range(0, size, 3)) for language, size in SIZES.items()}  # every third mention is a drug
    assert record["summary"] == {
        "strict F1": round(sum(right.values()) / sum(SIZES.values()), 6),
        "overlap F1": round(sum(right.values()) / sum(SIZES.values()), 6),
    }
    by_corpus = {name: Scores.from_record(part) for name, part in record["corpora"].items()}
    assert {name: scores.schemes["strict"].micro.right for name, scores in by_corpus.items()} == {
        f"sample-{language}": count for language, count in right.items()
    }
    assert by_corpus["sample-en"].schemes["boundary"].micro.f1 == 1.0


@pytest.mark.usefixtures("model")
def test_run_shows_figures_speed_and_test_set(bare_project: Project) -> None:
    run(bare_project)
    store = connect(bare_project.root)
    (found,) = store.client.search_runs([store.experiment])
    assert found.info.status == "FINISHED"
    assert found.data.metrics["strict_f1_low"] < found.data.metrics["strict_f1"] < found.data.metrics["strict_f1_high"]
    assert found.data.metrics["overlap_f1"] == pytest.approx(21 / 60, abs=0.01)
    assert found.data.metrics["documents_per_second"] > 0
    assert found.data.metrics["words_per_second"] > found.data.metrics["documents_per_second"]
    assert found.data.tags["bioner.test"] == hash_test_set(layout.split("test"), bare_project.params)
    assert [item.path for item in store.client.list_artifacts(found.info.run_id)] == ["gliner-mini.json"]


@pytest.mark.usefixtures("model")
def test_again_gives_the_same_bytes_and_drops_what_is_gone(bare_project: Project) -> None:
    run(bare_project)
    first = outputs()
    (layout.predictions("gliner-mini") / "removed-corpus.jsonl").write_text("")
    run(bare_project)
    assert outputs() == first


@pytest.mark.usefixtures("model")
def test_refuses_to_evaluate_on_nothing(bare_project: Project) -> None:
    for file in layout.split("test").glob("*.jsonl"):
        file.write_text("")
    with pytest.raises(DataError, match="no corpus has any test document"):
        run(bare_project)


def test_refuses_a_folder_that_is_no_model(bare_project: Project) -> None:
    bare_project.write_tests()
    with pytest.raises(ModelError, match="points at nothing"):
        run(bare_project)
    store = connect(bare_project.root)
    assert [found.info.status for found in store.client.search_runs([store.experiment])] == ["FAILED"]
