"""Tasks with free labels behind an endpoint: answers become examples to train on, whenever they are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from misbehaving import MODEL, serve

from bioner.config import parse_params
from bioner.config.teacher import Endpoint
from bioner.documents import Document, Span, read_documents, write_documents
from bioner.errors import ConfigError
from bioner.files import read_json
from bioner.free_labels import LONGEST, NEGATIVES, TASK
from bioner.stages import distill, layout, teacher
from bioner.stages.context import Context
from bioner.teacher.tally import FREE
from bioner.teacher.tasks.registry import open_task
from bioner.teacher.tasks.writing import Writer

FRAMES = [("Aspirin", "relieves", "headache"), ("Ibuprofen", "lowers", "fever")]
TEXTS = [f"{' '.join(FRAMES[n % 2])} number {n}." for n in range(12)]
ENTITIES = [{"id": 0, "text": "{0}", "type": "pill {0}"}, {"id": 1, "text": "{2}", "type": "complaint"}]
ANSWERS: dict[str, Any] = {
    "described_ner": {"description": "what {0} acts on", "mentions": ["{2}"]},
    "relations": {"relations": [{"head": "{0}", "relation": "{1}", "tail": "{2}"}]},
    "question_answering": {"question": "What is it that {0} acts on?", "answers": ["{2}"]},
    "open_matching": {"request": "the passage about {0}", "passages": ["{0} {1} {2}"]},
    "summarisation": {"request": "what matters of {0}", "sentences": ["{0} {1}"]},
    "open_extraction": {"request": "the verb behind {0}", "pieces": ["{1}"]},
    "open_ner": {"entities": ENTITIES},
    "annotation": {"entities": ENTITIES, "relations": [{"head": 0, "relation": "{1}", "tail": 1}]},
}


def filled(value: Any, frame: tuple[str, str, str]) -> Any:
    """An answer with the words of a text in its places."""
    if isinstance(value, dict):
        return {key: filled(item, frame) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, frame) for item in value]
    return value.format(*frame) if isinstance(value, str) else value


def answering(task: str) -> Callable[[str], str]:
    def answer(turn: str) -> str:
        asked = turn[turn.rindex("<text-") - 60 :]
        return json.dumps(filled(ANSWERS[task], FRAMES["Ibuprofen" in asked]))

    return answer


@pytest.fixture
def run(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Asks an endpoint, and returns the metrics."""
    monkeypatch.chdir(tmp_path)
    write_documents(layout.CURATED, [Document(f"d{n}", text, "en", source="s") for n, text in enumerate(TEXTS)])
    base = yaml.safe_load((repository / "params.yaml").read_text(encoding="utf-8"))

    def distilled(url: str, task: str, describe: bool = True) -> dict[str, Any]:
        labels = "free" if task in ("open_ner", "annotation") else "types"
        endpoint = {"url": url, "model": MODEL, "task": task, "labels": labels}
        values = {**base, "teacher": {"backend": "endpoint", "min_score": 0.5, "endpoint": endpoint}}
        params = parse_params(values, "params.yaml")
        if describe:
            teacher.run(Context("teacher", None, params))
        distill.run(Context("distill", None, params))
        metrics: dict[str, Any] = read_json(layout.metrics("distill"))
        return metrics

    return distilled


@pytest.mark.parametrize("task", ANSWERS)
def test_answers_become_examples(task: str, run: Callable[..., dict[str, Any]]) -> None:
    with serve(answering(task)) as server:
        metrics = run(server.url, task)
        asked = server.log.asked.total()
        written = layout.DISTILLED.read_bytes()
        server.dead = True
        run(server.url, task, describe=False)
        assert server.log.asked.total() == asked
    assert layout.DISTILLED.read_bytes() == written
    documents = list(read_documents(layout.DISTILLED))
    kinds = {"open_ner": ["entities"], "annotation": ["entities", "relations"]}.get(task, [task])
    assert [document.id for document in documents] == [f"d{n}/{kind}" for n in range(12) for kind in kinds]
    assert [document.meta[TASK] for document in documents] == kinds * 12
    assert all("teacher" in document.meta and document.spans for document in documents)
    assert all(span.score == 1.0 for document in documents for span in document.spans)
    spans = sum(len(document.spans) for document in documents)
    assert metrics["spans"] == metrics["spans_per_type"][FREE] == spans
    assert metrics["failed"] == metrics["mismatches"] == {}
    for document in documents:
        own = {span.label for span in document.spans}
        assert own.isdisjoint(document.meta[NEGATIVES])
        assert document.meta[NEGATIVES] or document.meta[TASK] == "relations"
    if task == "relations":
        assert [(s.label, s.mention(d.text)) for d in documents[:2] for s in d.spans] == [
            ("Aspirin > relieves", "headache"),
            ("Ibuprofen > lowers", "fever"),
        ]
    if task == "question_answering":
        assert documents[1].meta[NEGATIVES] == ["What is it that Aspirin acts on?"]


def test_an_example_does_not_hang_on_those_before_it() -> None:
    task = open_task("question_answering")
    documents = [Document(f"d{n}", text, "en") for n, text in enumerate(TEXTS)]
    said = {text: json.dumps(filled(ANSWERS[task.name], FRAMES[n % 2])) for n, text in enumerate(TEXTS)}
    writer = Writer.of(task, lambda document: said[document.text], 7, documents)
    ordered = [writer.examples(document) for document in documents]
    assert [writer.examples(document) for document in reversed(documents)] == ordered[::-1]
    assert Writer.of(task, lambda _: None, 7, documents).examples(documents[0]) == []


def test_labels_that_are_too_long_are_no_negatives() -> None:
    task = open_task("question_answering")
    long = {"question": f"What does ibuprofen do {'very ' * LONGEST}?", "answers": ["fever"]}
    said = [json.dumps(filled(ANSWERS[task.name], FRAMES[0])), json.dumps(long)]
    documents = [Document(f"d{n}", text, "en") for n, text in enumerate(TEXTS[:2])]
    (made,) = Writer.of(task, lambda document: said[int(document.id[1])], 7, documents).examples(documents[0])
    assert made.spans == (Span.of(17, 25, "What is it that Aspirin acts on?", 1.0),)
    assert made.meta[NEGATIVES] == []


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"labels": "free"}, "copies"),
        ({"task": "relations", "grounding": {"occurrence": "context"}}, "context"),
        ({"task": "question_answering", "vocabulary": {"path": "x.json", "sha256": "0" * 64}}, "vocabulary"),
    ],
)
def test_settings_that_do_not_go_together_are_told(section: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Endpoint(url="http://127.0.0.1:1/v1", model=MODEL, **section)


def test_answers_with_labels_of_their_own_do_not_vote(repository: Path) -> None:
    base = yaml.safe_load((repository / "params.yaml").read_text(encoding="utf-8"))
    endpoint = {"url": "http://127.0.0.1:1/v1", "model": MODEL, "task": "relations"}
    section = {"backend": "endpoint", "min_score": 0.5, "endpoint": endpoint}
    section["sampling"] = {"samples": 3, "temperature": 0.7}
    with pytest.raises(ConfigError, match="cannot vote"):
        parse_params({**base, "teacher": section}, "params.yaml")
