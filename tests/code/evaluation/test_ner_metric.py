"""The module of Hugging Face `evaluate`: loaded by path, with the network off."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from brute_force import document

from bioner.documents import Span
from bioner.evaluation.score import score_documents

# Every way to the network raises, before anything else is imported.
OFFLINE = """
import json, pathlib, socket, sys

def refuse(*_args, **_options):
    raise AssertionError("the network was asked for")

socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = refuse

from bioner.errors import DataError
from bioner.evaluation.metric import MODULE, load_metric

given = json.load(sys.stdin)
metric = load_metric(pathlib.Path(sys.argv[1]))
try:
    metric.compute(predictions=given["predictions"][:1], references=given["references"][:1])
except DataError as error:
    refused = str(error)
whole = metric.compute(**given)
for one, other in zip(given["predictions"], given["references"]):
    metric.add(prediction=one, reference=other)
added = metric.compute(modes=["strict", "overlap_greedy"], resamples=10)
print(json.dumps({"refused": refused, "whole": whole, "added": added}))
"""


@pytest.mark.slow
def test_loads_by_path_and_computes_without_a_network(tmp_path: Path) -> None:
    gold = [document([Span.of(0, 4, "A"), Span(((0, 1), (6, 7)), "B")], "1"), document([Span.of(2, 3, "B")], "2", "zh")]
    predicted = [gold[1].with_spans([]), gold[0].with_spans([Span.of(0, 4, "A", 0.5)])]
    given = {
        "predictions": [json.dumps(d.to_record()) for d in predicted],
        "references": [json.dumps(d.to_record()) for d in gold],
    }
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, str(tmp_path / "cache")],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HOME": str(tmp_path / "home")},
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert "'1' has no prediction" in answer["refused"]
    assert answer["whole"] == score_documents(gold, predicted).to_record()
    assert list(answer["added"]["schemes"]) == ["strict", "overlap_greedy"]
    assert (answer["added"]["resamples"], answer["added"]["documents"]) == (10, 2)
