"""Stage suite: every model and another system on a set, claims checked before any work, and the command for it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from projects import SIZES, Project, gold, parse
from typer.testing import CliRunner

from bioner.cli.app import build
from bioner.corpora import pubtator
from bioner.corpora.reading import Reading
from bioner.documents import Document, Span, read_documents, write_documents
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError, DataError
from bioner.files import hash_file, read_json
from bioner.stages import layout, suite
from bioner.stages.context import Context
from bioner.tracking.store import connect

pytestmark = pytest.mark.slow

LABELS = {"name": "far-1", "types": {"drug": ["Chemical"]}}
SET = {"corpus": "far", "path": "far/test.txt", "language": "en", "labels": LABELS, "protocol": "supervised"}
MODELS = ("gliner-mini", "tagger-selector")


class FirstWord:
    """A model that takes the first word of every text for a drug and a disease; it notes what it was asked for."""

    asked: tuple[str, ...] = ()

    def predict(self, documents: Sequence[Document], types: EntityTypes, *, batch_size: int) -> Iterator[Document]:
        assert batch_size == 16
        type(self).asked = types.keys
        for document in documents:
            assert not document.spans
            end = document.text.index(" ")
            yield document.with_spans([Span.of(0, end, "drug", 0.75), Span.of(0, end, "disease", 0.5)])


def article(number: int) -> Document:
    """A title that begins with a chemical, and an abstract with a disease."""
    text = f"Melprose in ward {number * 31}.\nIt was given against dravo palsy on day {number * 17}."
    start = text.index("dravo")
    return Document(f"{number}", text, "en", (Span.of(0, 8, "Chemical"), Span.of(start, start + 11, "Disease")))


@pytest.fixture
def ready(bare_project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project that was trained on its samples, and a corpus of ten articles elsewhere; one is in training."""
    for split in ("train", "dev"):
        write_documents(layout.split(split, "sample-en"), gold("en", split))
    write_documents(layout.SYNTHETIC, gold("en", "synthetic")[:5])
    for model in MODELS:
        bare_project.write_model(model, "weights", right=dict.fromkeys(SIZES, 0))
    articles = [article(n) for n in range(9)]
    (bare_project.root / "data/sample/far").mkdir(parents=True)
    trained = Document("9", gold("en", "train")[0].text, "en", (Span.of(0, 4, "Chemical"),))
    pubtator.write(bare_project.root / "data/sample/far/test.txt", [*articles, trained])
    monkeypatch.setattr(suite, "load_predictor", lambda _reference: FirstWord())
    return bare_project


def changed(project: Project, **settings: Any) -> None:
    """Put one set into the params."""
    file = project.root / "params.yaml"
    params = yaml.safe_load(file.read_text(encoding="utf-8"))
    params["corpora"]["far"] = {"path": "far", "format": "pubtator", "language": "en", "splits": {}}
    params["suite"] = {"cross": SET | settings}
    file.write_text(yaml.safe_dump(params, allow_unicode=True), encoding="utf-8")


def run(project: Project, **settings: Any) -> dict[str, Any]:
    """Run the stage on a set of these settings."""
    changed(project, **settings)
    suite.run(Context("suite", "cross", parse((project.root / "params.yaml").read_text(encoding="utf-8"))))
    record: dict[str, Any] = read_json(layout.metrics("suite", "cross"))
    return record


def other(project: Project) -> dict[str, str]:
    """What a tool found in eight of the articles: both mentions, under its own labels."""
    found = list(pubtator.read(Reading(project.root / "data/sample/far/test.txt", "en", "far")))[:8]
    file = project.root / "tool.txt"
    pubtator.write(file, found)
    return {"path": "tool.txt", "sha256": hash_file(file)}


def test_every_model_and_system_is_judged_on_the_same_documents(ready: Project) -> None:
    record = run(ready, others={"tool": other(ready)})
    assert (record["documents"], record["mentions"]) == (9, 9)
    assert record["in_training"] == {"documents": 1, "left_out": 1}
    assert record["labels_left_out"] == {"Disease": 9}
    assert set(record["systems"]) == {*MODELS, "tool"}
    assert set(record["systems"]["tool"]["scores"]["schemes"]) == {
        "strict",
        "boundary",
        "overlap",
        "type_within_overlap",
    }
    assert record["summary"]["gliner-mini strict F1"] == 1.0
    assert record["systems"]["gliner-mini"]["labels_left_out"] == {"disease": 9}
    strict = record["systems"]["tool"]["scores"]["schemes"]["strict"]
    assert (strict["micro"]["gold"], strict["micro"]["right"]) == (9, 8)
    assert record["systems"]["tool"]["missing"] == 1
    assert record["systems"]["tool"]["labels_left_out"] == {"Disease": 8}
    assert record["systems"]["gliner-mini"]["trained_on"]["corpora"] == ["sample-en"]
    for model in MODELS:
        kept = list(read_documents(layout.suite_predictions("cross") / f"{model}.jsonl"))
        assert {len(document.spans) for document in kept} == {2}, "what is kept is what the model said"
    assert "lab_test" in FirstWord.asked


def test_a_model_has_a_run_with_figures_named_by_the_set(ready: Project) -> None:
    run(ready)
    store = connect(ready.root)
    runs = {found.data.tags["bioner.model"]: found for found in store.client.search_runs([store.experiment])}
    assert set(runs) == set(MODELS)
    assert runs["gliner-mini"].info.run_name == "suite-cross-gliner-mini"
    assert runs["gliner-mini"].data.metrics["cross/strict_f1"] == 1.0
    assert runs["gliner-mini"].data.metrics["cross/documents_per_second"] > 0


def test_the_same_again_and_a_limit_draws_by_the_seed(ready: Project) -> None:
    first = run(ready)
    assert run(ready) == first
    few = run(ready, limit=4)
    assert few["documents"] in (3, 4)
    assert run(ready, limit=4) == few


def test_a_wrong_claim_ends_it_before_any_model_is_loaded(ready: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "load_predictor", lambda _reference: pytest.fail("a model was loaded"))
    with pytest.raises(ConfigError, match="the type 'drug' was in training"):
        run(ready, protocol="zero-shot-type", saw=["virus"])
    with pytest.raises(ConfigError, match="the language 'en' was in training"):
        run(ready, protocol="zero-shot-language")
    assert not layout.metrics("suite", "cross").exists()


def test_a_type_of_the_set_alone_is_asked_for(ready: Project) -> None:
    labels = {"name": "m", "types": {"plant": ["Disease"]}}
    record = run(
        ready, labels=labels, types={"plant": {"en": {"name": "plant"}}}, protocol="zero-shot-type", saw=["virus"]
    )
    assert record["systems"]["gliner-mini"]["scores"]["schemes"]["strict"]["micro"]["right"] == 0
    assert FirstWord.asked[-1] == "plant"


@pytest.mark.parametrize(
    ("settings", "error", "what"),
    [
        ({"path": "far/none.txt"}, DataError, "cannot be read"),
        ({"path": "en/test.jsonl"}, ConfigError, "not below that of corpora.far"),
        ({"labels": {"name": "m", "types": {"drug": ["Drug"]}}}, DataError, "they have Chemical, Disease"),
        ({"others": {"tool": {"path": "none.txt", "sha256": "0" * 64}}}, DataError, "cannot be read"),
    ],
)
def test_a_mistake_is_one_clear_error(
    ready: Project, settings: dict[str, Any], error: type[Exception], what: str
) -> None:
    with pytest.raises(error) as caught:
        run(ready, **settings)
    assert what in str(caught.value)
    assert "mend:" in str(caught.value)


def test_a_file_that_was_changed_is_refused(ready: Project) -> None:
    pinned = other(ready)
    (ready.root / "tool.txt").write_text("1|t|x\n1|a|y\n", encoding="utf-8")
    with pytest.raises(DataError, match="SHA-256 differs"):
        run(ready, others={"tool": pinned})


def test_the_command_shows_what_was_found(ready: Project) -> None:
    changed(ready)
    shown = CliRunner().invoke(build(), ["suite"])
    assert isinstance(shown.exception, ConfigError)
    assert "no result yet" in shown.exception.what
    record = run(ready, others={"tool": other(ready)})
    rows = json.loads(CliRunner().invoke(build(), ["suite", "--json"]).stdout)
    assert [row["system"] for row in rows["rows"]] == [*MODELS, "tool"]
    assert rows["cross_corpus_means"][0]["strict"] == 1.0
    assert json.loads(CliRunner().invoke(build(), ["suite", "cross", "--json"]).stdout) == record
    assert "cross" in CliRunner().invoke(build(), ["suite"]).stdout
    assert isinstance(CliRunner().invoke(build(), ["suite", "none"]).exception, ConfigError)


def test_dvc_makes_a_stage_of_every_set(ready: Project) -> None:
    from dvc.repo import Repo

    changed(ready)
    shutil.rmtree(ready.root / ".dvc")
    subprocess.run(["git", "init", "--quiet", ready.root], check=True)
    Repo.init(str(ready.root)).close()
    with Repo(str(ready.root)) as repo:
        stages = {stage.name: stage for stage in repo.index.stages if stage.name.startswith("suite")}
    (stage,) = stages.values()
    assert stage.name == "suite@cross"
    assert "data/sample/far/test.txt" in {Path(dep.def_path).as_posix() for dep in stage.deps}
    assert [Path(out.def_path).as_posix() for out in stage.outs] == [
        "predictions/suite/cross",
        "metrics/suite/cross.json",
    ]
