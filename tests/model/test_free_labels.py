"""From an endpoint's answers in words of their own to a pre-trained GLiNER, every stage in a process as DVC runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from endpoint_projects import text_of
from misbehaving import MODEL, serve
from scratch import copy_project

from bioner.documents import Document, read_documents
from bioner.entity_types import EntityTypes
from bioner.files import read_json
from bioner.free_labels import NEGATIVES, TASK
from bioner.predictors import at_threshold, load_predictor
from bioner.teacher.grounding_search import ABSENT

pytestmark = pytest.mark.slow

STAGES = (("curate",), ("teacher",), ("distill",), ("validate",), ("pretrain", "mini"))


def triples(turn: str) -> str:
    """Says what precedes and what follows in the first words of a text, and names a word that is not there."""
    first, second, third, *_ = [*text_of(turn).split(), "", ""]
    said = [(first, "precedes", third), (second, "follows", first), (first, "precedes", "quagga")] if third else []
    return json.dumps({"relations": [dict(zip(("head", "relation", "tail"), triple, strict=True)) for triple in said]})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project that has read its corpora."""
    copy_project(tmp_path)
    for corpus in _params(tmp_path)["corpora"]:
        _stage(tmp_path, "ingest", corpus)
    return tmp_path


def test_relations_of_an_endpoint_become_a_pretrained_gliner(project: Path) -> None:
    with serve(triples) as server:
        params = _params(project)
        endpoint = {"url": server.url, "model": MODEL, "task": "relations"}
        params["teacher"] = {"backend": "endpoint", "min_score": 0.5, "endpoint": endpoint}
        (project / "params.yaml").write_text(yaml.safe_dump(params, allow_unicode=True), encoding="utf-8")
        for stage in STAGES:
            _stage(project, *stage)
    figures = read_json(project / "metrics/distill.json")
    assert figures["failed"] == {}
    assert figures["mismatches"][ABSENT] == figures["with_spans"]
    distilled, accepted = (list(read_documents(project / f"data/{name}.jsonl")) for name in ("distilled", "synthetic"))
    assert {document.meta[TASK] for document in distilled} == {"relations"}
    assert any(document.meta[NEGATIVES] for document in distilled)
    assert accepted
    assert {document.id for document in accepted} <= {document.id for document in distilled}
    trained = read_json(project / "metrics/pretrain/mini.json")
    assert (trained["examples"], trained["spans"]) == (len(accepted), sum(len(item.spans) for item in accepted))
    assert not any(trained["spans_lost"].values())
    example = accepted[0]
    asked = EntityTypes.of_words([example.spans[0].label])
    predictor = at_threshold(load_predictor(f"path:{project}/models/pretrain/mini"), 0.001)
    (read,) = predictor.predict([Document("d", example.text, example.language)], asked)
    assert {span.label for span in read.spans} == set(asked.keys)


def _params(project: Path) -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load((project / "params.yaml").read_text(encoding="utf-8"))
    return values


def _stage(project: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "bioner.stages", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
