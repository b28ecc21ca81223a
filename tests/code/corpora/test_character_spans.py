"""Tests of JSON with entities as characters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bioner.corpora import character_spans
from bioner.corpora.losses import DISCONTINUOUS, META
from bioner.corpora.reading import Reading
from bioner.documents import Document, Span
from bioner.errors import DataError

TEXT = "𠮷 has IL-2."
SPANS = (Span.of(6, 10, "protein"), Span.of(6, 8, "letters"))


def _reading(folder: Path, content: str, on_error: str = "fail") -> Reading:
    file = folder / "file.json"
    file.write_text(content, encoding="utf-8")
    return Reading(file, "en", "mine", on_error)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["entities", "spans", "ents", "labels", "label"])
@pytest.mark.parametrize(
    "entities",
    [
        [[6, 10, "protein"], [6, 8, "letters"]],
        [{"start": 6, "end": 10, "label": "protein", "text": "IL-2"}, {"start": 6, "end": 8, "label": "letters"}],
        [
            {"id": 1, "start_offset": 6, "end_offset": 10, "label": "protein"},
            {"start_offset": 6, "end_offset": 8, "label": "letters"},
        ],
    ],
)
def test_the_accepted_keys(tmp_path: Path, key: str, entities: list[Any]) -> None:
    (document,) = character_spans.read(_reading(tmp_path, json.dumps({"id": 3, "text": TEXT, key: entities})))
    assert (document.id, document.text, document.spans) == ("3", TEXT, SPANS)


@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_and_lines_are_read_alike(tmp_path: Path, indent: int | None) -> None:
    records = [{"text": TEXT, "spans": [], "page": {"n": 1}, "tokens": []}, {"text": "b", "entities": [], "label": "x"}]
    as_list = list(character_spans.read(_reading(tmp_path, json.dumps(records, indent=indent))))
    as_lines = list(character_spans.read(_reading(tmp_path, "\n".join(map(json.dumps, records)))))
    assert as_list == as_lines
    assert [(document.id, document.meta) for document in as_list] == [
        ("file.json#1", {"page": {"n": 1}, "tokens": []}),
        ("file.json#2", {"label": "x"}),
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": 1}, "'text'"),
        ({"entities": {}}, "'entities'"),
        ({"entities": [[1, 2]]}, "is no entity"),
        ({"entities": [7]}, "is no entity"),
        ({"entities": ["start"]}, "is no entity"),
        ({"entities": [["a", 2, "x"]]}, "'start'"),
        ({"entities": [{"start": 1, "label": "x"}]}, "'end_offset'"),
        ({"entities": [{"start": 1, "end": 2}]}, "'label'"),
        ({"entities": [{"start": 6, "end": 8, "label": "x", "text": "IL-2"}]}, "is not at [6, 8]"),
        ({"entities": [{"start": 6, "end": 8, "label": "x", "score": "high"}]}, "'high' is no number"),
        ({"entities": [[6, 99, "x"]]}, "outside the text"),
        ({"entities": [[6, 6, "x"]]}, "is empty"),
        ({"entities": [[-5, -1, "x"]]}, "outside the text"),
    ],
)
def test_a_malformed_object_is_named_and_its_entity_left_out_under_repair(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    record = {"text": TEXT, "entities": []}
    content = f"{json.dumps(record)}\n{json.dumps(record | change)}\n"
    reading = _reading(tmp_path, content)
    with pytest.raises(DataError) as caught:
        list(character_spans.read(reading))
    assert f"{reading.path}:2" in caught.value.where
    assert words in caught.value.what
    repairing = _reading(tmp_path, content, "repair")
    documents = list(character_spans.read(repairing))
    assert len(documents) == (2 if isinstance(change.get("entities"), list) else 1)
    assert not documents[-1].spans
    assert len(repairing.touched) == 1


@pytest.mark.parametrize("content", ['{"text": "a"}', '"text"', "[1]", '{"text": "a", "entities": [], "n": NaN}', "{"])
def test_what_is_no_such_object_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataError) as caught:
        list(character_spans.read(_reading(tmp_path, content)))
    assert caught.value.mend


def test_scores_and_meta_are_held_and_fragments_are_counted(tmp_path: Path) -> None:
    spans = (Span.of(6, 10, "protein", 0.25), Span(((0, 1), (2, 3)), "x", 0.5))
    documents = [Document("1", TEXT, "en", spans, "", {"page": 3}), Document("2", "", "en", (), "", {"text": 1})]
    assert character_spans.write(tmp_path / "file", documents) == {DISCONTINUOUS: 1, META: 1}
    first, second = character_spans.read(Reading(tmp_path / "file", "en", "mine"))
    assert (first.id, first.spans, first.meta) == ("1", spans[:1], {"page": 3})
    assert (second.text, second.meta) == ("", {})
