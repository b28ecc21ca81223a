"""Stage validate: what it writes when the gate passes, and what it leaves to look at when it does not."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bioner.config import load_params
from bioner.documents import Document, Span, read_documents, write_documents
from bioner.errors import DataError, GateError
from bioner.files import read_json
from bioner.stages import layout, validate
from bioner.stages.context import Context

ROOT = Path(__file__).parents[3]
LABELS = tuple(load_params(ROOT / layout.PARAMS).types)
DOCUMENTS = [
    Document(f"d{n}", f"the patient was given remedy {n} today", "en", (Span.of(22, 28, LABELS[n % len(LABELS)], 0.9),))
    for n in range(40)
]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with gold and distilled data, and no network."""

    def refuse(*_: object) -> None:
        raise AssertionError("the stage reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.chdir(tmp_path)
    params = yaml.safe_load((ROOT / layout.PARAMS).read_text(encoding="utf-8"))
    params["validate"] |= {"max_quarantined": 0.5, "min_rows": 20, "density_ratio": [0.3, 3.0]}
    layout.PARAMS.write_text(yaml.safe_dump(params), encoding="utf-8")
    write_documents(layout.split("train", "gold"), DOCUMENTS)
    write_documents(layout.DISTILLED, DOCUMENTS)
    return tmp_path


def run() -> None:
    validate.run(Context("validate", None, load_params(layout.PARAMS)))


def test_writes_accepted_quarantined_and_figures_and_nothing_else(workspace: Path) -> None:
    mislabelled = DOCUMENTS[0].with_spans([Span.of(22, 28, "no such type", 0.9)])
    write_documents(layout.DISTILLED, [mislabelled, *DOCUMENTS[1:]])
    before = set(workspace.rglob("*"))
    run()
    written = {path.relative_to(workspace) for path in set(workspace.rglob("*")) - before if path.is_file()}
    assert written == {layout.SYNTHETIC, layout.QUARANTINE, layout.metrics("validate")}
    assert list(read_documents(layout.SYNTHETIC)) == DOCUMENTS[1:]
    (held,) = read_documents(layout.QUARANTINE)
    assert (held.id, held.meta["reasons"]) == ("d0", ["label"])
    figures = read_json(layout.metrics("validate"))
    assert (figures["documents"], figures["accepted"], figures["quarantined"]) == (40, 39, 1)
    assert figures["reasons"]["label"] == figures["rows"]["label"]["observed"] == 1
    assert figures["passed"] is True


@pytest.mark.usefixtures("workspace")
def test_the_same_input_gives_the_same_bytes() -> None:
    files = (layout.SYNTHETIC, layout.QUARANTINE, layout.metrics("validate"))
    run()
    first = [path.read_bytes() for path in files]
    run()
    assert [path.read_bytes() for path in files] == first


@pytest.mark.usefixtures("workspace")
def test_a_refused_batch_leaves_its_quarantine_but_no_training_data() -> None:
    run()
    write_documents(layout.DISTILLED, [d.with_spans([replace(s, score=0.1) for s in d.spans]) for d in DOCUMENTS])
    with pytest.raises(GateError) as caught:
        run()
    for part in ("quarantined_share is 1 (at most 0.5)", "accepted_rows is 0 (at least 20)", "density_ratio_en is 0 "):
        assert part in caught.value.what
    assert str(layout.QUARANTINE) in caught.value.where
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
