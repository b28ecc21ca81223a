"""Stage validate: what it writes when the gate passes, what it leaves to look at when it does not, and its run."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from projects import Project

from bioner.config import load_params
from bioner.documents import Document, Span, read_documents, write_documents
from bioner.errors import DataError, GateError
from bioner.files import hash_file, read_json, write_json
from bioner.review.label_studio import label_names, task
from bioner.stages import layout, validate
from bioner.stages.context import Context
from bioner.tracking.store import connect

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
LABELS = tuple(load_params(ROOT / layout.PARAMS).types)
DOCUMENTS = [
    Document(
        id=f"d{n}",
        text=f"the patient was given remedy {n} today",
        language="en",
        spans=(Span.of(22, 28, LABELS[n % len(LABELS)], 0.9),),
        source="clinic",
    )
    for n in range(40)
]
JUDGED = "nobody had expected the parasite to survive in a freezer for so many weeks"


@pytest.fixture
def workspace(bare_project: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with gold, curated and distilled data, and no network."""

    def refuse(*_: object) -> None:
        raise AssertionError("the stage reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    params = yaml.safe_load((ROOT / layout.PARAMS).read_text(encoding="utf-8"))
    params["validate"] |= {"max_quarantined": 0.5, "min_rows": 20, "density_ratio": [0.3, 3.0]}
    layout.PARAMS.write_text(yaml.safe_dump(params), encoding="utf-8")
    write_documents(layout.split("train", "gold"), DOCUMENTS)
    for split in ("dev", "test"):
        write_documents(layout.split(split, "gold"), [Document("j", f"{JUDGED} of {split}", "en")])
    write_documents(layout.CURATED, [document.with_spans(()) for document in DOCUMENTS])
    write_documents(layout.DISTILLED, DOCUMENTS)
    return bare_project.root


def run() -> None:
    validate.run(Context("validate", None, load_params(layout.PARAMS)))


def the_run(workspace: Path) -> Any:
    """The one run of the tracking store."""
    store = connect(workspace)
    (found,) = store.client.search_runs([store.experiment])
    return found


def kept(workspace: Path) -> list[str]:
    """The pages that the run has."""
    listed = connect(workspace).client.list_artifacts(the_run(workspace).info.run_id, "validation")
    return [item.path for item in listed]


def test_writes_accepted_quarantined_figures_and_pages_and_nothing_else(
    workspace: Path, event_log: Callable[[], list[dict[str, Any]]]
) -> None:
    mislabelled = DOCUMENTS[0].with_spans([Span.of(22, 28, "no such type", 0.9)])
    write_documents(layout.DISTILLED, [mislabelled, *DOCUMENTS[1:]])
    before = set(workspace.rglob("*"))
    run()
    new = {path.relative_to(workspace) for path in set(workspace.rglob("*")) - before if path.is_file()}
    pages = {layout.DATA_DOCS / f"{name}.html" for name in ("index", "documents", "annotations", "batch")}
    written = {path for path in new if path.parts[0] != ".bioner"}  # where the tracking store lies
    figures_of = {layout.metrics(name) for name in ("validate", "review")}
    assert written == {layout.SYNTHETIC, layout.QUARANTINE, *figures_of, *pages}
    assert list(read_documents(layout.SYNTHETIC)) == DOCUMENTS[1:]
    (held,) = read_documents(layout.QUARANTINE)
    assert (held.id, held.meta["reasons"]) == ("d0", ["label"])
    figures = read_json(layout.metrics("validate"))
    assert (figures["documents"], figures["accepted"], figures["quarantined"]) == (40, 39, 1)
    assert figures["reasons"]["label"] == figures["rows"]["label"]["observed"] == 1
    assert figures["passed"] is True
    (told,) = (line for line in event_log() if line["event"] == "quarantined")
    assert (told["document"], told["reasons"]) == ("d0", ["label"])
    assert told["mlflow_run"] == the_run(workspace).info.run_id
    found = the_run(workspace)
    assert found.info.status == "FINISHED"
    assert (found.data.tags["bioner.stage"], found.data.metrics["accepted_rows"]) == ("validate", 39)
    assert "validate.min_yield" in found.data.params
    assert pages == {Path("reports") / name for name in kept(workspace)}, "the run has the pages"


@pytest.mark.usefixtures("workspace")
def test_the_same_input_gives_the_same_bytes() -> None:
    def written() -> dict[Path, bytes]:
        files = (layout.SYNTHETIC, layout.QUARANTINE, layout.metrics("validate"), *layout.DATA_DOCS.iterdir())
        return {path: path.read_bytes() for path in files}

    run()
    first = written()
    run()
    assert written() == first
    assert len(first) == 7


def test_what_people_corrected_replaces_the_teacher_and_its_acceptance_is_measured(workspace: Path) -> None:
    types = load_params(layout.PARAMS).entity_types
    names = label_names(types, "en")
    tasks = [task(document, ["random"], names) for document in DOCUMENTS[:10]]
    for number, made in enumerate(tasks):
        result = made.pop("predictions")[0]["result"][: number % 2]  # every second span is refused
        made["annotations"] = [{"result": result, "was_cancelled": False}]
    write_json(Path("reviews/mine.json"), tasks)
    params = yaml.safe_load(layout.PARAMS.read_text(encoding="utf-8"))
    params["review"]["file"] = {"path": "reviews/mine.json", "sha256": hash_file(Path("reviews/mine.json"))}
    layout.PARAMS.write_text(yaml.safe_dump(params), encoding="utf-8")
    run()
    synthetic = list(read_documents(layout.SYNTHETIC))
    assert [len(document.spans) for document in synthetic[:11]] == [0, 1] * 5 + [1]
    assert synthetic[1].spans[0].score == 1.0
    assert synthetic[1].meta["reviewed"] == 1
    assert synthetic[10:] == DOCUMENTS[10:]
    figures = read_json(layout.metrics("review"))
    assert (figures["documents"]["reviewed"], figures["documents"]["changed"]) == (10, 5)
    assert figures["acceptance"]["all"] == {
        **{"accepted": 5, "shown": 10, "added": 0, "rate": 0.5},
        "interval": [0.236593, 0.763407],
    }
    recorded = the_run(workspace).data.metrics
    assert (recorded["acceptance_all"], recorded[f"acceptance_{LABELS[0]}"]) == (0.5, 0.0)
    Path("reviews/mine.json").write_text("[]", encoding="utf-8")
    with pytest.raises(DataError, match="SHA-256 differs"):
        run()


@pytest.mark.usefixtures("workspace")
def test_a_text_of_the_test_set_and_one_with_a_phone_number_reach_no_training() -> None:
    leaked = replace(DOCUMENTS[3], text=f"{JUDGED.upper()} of test.", spans=())
    named = replace(DOCUMENTS[7], text=f"{DOCUMENTS[7].text} (call 212-555-0147)")
    write_documents(layout.DISTILLED, [*DOCUMENTS[:3], leaked, *DOCUMENTS[4:7], named, *DOCUMENTS[8:]])
    run()
    held = {document.id: document.meta["reasons"] for document in read_documents(layout.QUARANTINE)}
    assert held == {"d3": ["leakage"], "d7": ["identifier"]}
    assert list(read_documents(layout.SYNTHETIC)) == [d for d in DOCUMENTS if d.id not in held]
    assert "555-0147" not in "".join(page.read_text(encoding="utf-8") for page in layout.DATA_DOCS.iterdir())


def test_a_teacher_that_gave_only_some_texts_back_is_refused(workspace: Path) -> None:
    write_documents(layout.DISTILLED, DOCUMENTS[:30])
    with pytest.raises(GateError, match=r"answered_share is 0\.75 \(at least 0\.9\)"):
        run()
    assert the_run(workspace).info.status == "FAILED"
    assert kept(workspace), "the pages of a refused batch are what one wants to see"


@pytest.mark.usefixtures("workspace")
def test_a_refused_batch_leaves_its_quarantine_but_no_training_data() -> None:
    run()
    write_documents(layout.DISTILLED, [d.with_spans([replace(s, score=0.1) for s in d.spans]) for d in DOCUMENTS])
    with pytest.raises(GateError) as caught:
        run()
    for part in ("quarantined_share is 1 (at most 0.5)", "accepted_rows is 0 (at least 20)", "density_ratio_en is 0 "):
        assert part in caught.value.what
    assert str(layout.QUARANTINE) in caught.value.where
    assert str(layout.DATA_DOCS / "index.html") in caught.value.where
    assert "density_ratio_en is 0 " in (layout.DATA_DOCS / "index.html").read_text(encoding="utf-8")
    assert not layout.SYNTHETIC.exists(), "training data of the run before is still there"
    assert len(list(read_documents(layout.QUARANTINE))) == 40
    assert read_json(layout.metrics("validate"))["failures"]


@pytest.mark.usefixtures("workspace")
def test_an_invalid_span_quarantines_its_row_instead_of_stopping_the_stage() -> None:
    record = DOCUMENTS[0].to_record()
    record["spans"][0]["fragments"] = [[22, 2800]]
    lines = [json.dumps(record), *(json.dumps(document.to_record()) for document in DOCUMENTS[1:])]
    layout.DISTILLED.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run()
    (held,) = read_documents(layout.QUARANTINE)
    assert held.meta["reasons"] == ["offsets"]
    assert held.meta["invalid_spans"][0]["span"] == record["spans"][0]


@pytest.mark.usefixtures("workspace")
def test_a_broken_file_stops_the_stage_with_its_line() -> None:
    layout.DISTILLED.write_text(json.dumps(DOCUMENTS[0].to_record()) + "\n{\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        run()
    assert f"{layout.DISTILLED}:2" in caught.value.where
