"""Tests of the training files of GLiNER."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bioner.corpora import gliner_json
from bioner.corpora.losses import META, SCORE
from bioner.corpora.reading import Reading
from bioner.documents import Document, Span
from bioner.errors import DataError

RECORD = {
    "tokenized_text": ["Human", "IL", "-", "2", "gene", "."],
    "ner": [[1, 4, "DNA"], [1, 3, "protein"]],
    "ner_negatives": ["virus"],
}


def _reading(folder: Path, value: object, on_error: str = "fail") -> Reading:
    file = folder / "file.json"
    file.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return Reading(file, "en", "mine", on_error)  # type: ignore[arg-type]


@pytest.mark.parametrize("lines", [False, True])
def test_both_ends_are_inclusive_tokens(tmp_path: Path, lines: bool) -> None:
    content = f"{json.dumps(RECORD)}\n{json.dumps(RECORD | {'id': 7})}\n" if lines else [RECORD, RECORD | {"id": 7}]
    first, second = gliner_json.read(_reading(tmp_path, content))
    assert first.text == "Human IL-2 gene."
    assert [(s.label, s.mention(first.text)) for s in first.spans] == [("DNA", "IL-2 gene"), ("protein", "IL-2")]
    assert (first.id, second.id) == ("file.json#1", "7")
    assert first.meta == {
        "ner_negatives": ["virus"],
        "tokens": [[0, 5], [6, 8], [8, 9], [9, 10], [11, 15], [15, 16]],
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ner": [[1, 6, "DNA"]]}, "[1, 6] is empty or outside the 6 tokens"),
        ({"ner": [[2, 1, "DNA"]]}, "[2, 1] is empty"),
        ({"ner": [[-1, 1, "DNA"]]}, "[-1, 1] is empty"),
        ({"ner": [[1, True, "DNA"]]}, "is no entity"),
        ({"ner": [[1, 2]]}, "is no entity"),
        ({"ner": ["DNA"]}, "is no entity"),
        ({"ner": None}, "'ner'"),
        ({"tokenized_text": "text"}, "'tokenized_text'"),
        ({"tokenized_text": ["a", None]}, "not a string"),
        ({"id": [1]}, "neither text nor a whole number"),
    ],
)
def test_a_malformed_object_is_named(tmp_path: Path, change: dict[str, object], words: str) -> None:
    reading = _reading(tmp_path, f"{json.dumps(RECORD)}\n{json.dumps(RECORD | change)}\n")
    with pytest.raises(DataError) as caught:
        list(gliner_json.read(reading))
    assert f"{reading.path}:2" in caught.value.where
    assert words in caught.value.what
    assert caught.value.mend


def test_an_entity_that_is_wrong_is_left_out_under_repair(tmp_path: Path) -> None:
    reading = _reading(tmp_path, [RECORD | {"ner": [[0, 9, "x"], [0, 0, "y"]]}], "repair")
    (document,) = gliner_json.read(reading)
    assert document.spans == (Span.of(0, 5, "y"),)
    assert len(reading.touched) == 1


def test_what_was_read_is_written_as_it_was(tmp_path: Path) -> None:
    assert gliner_json.write(tmp_path / "again", gliner_json.read(_reading(tmp_path, [RECORD]))) == {}
    assert json.loads((tmp_path / "again").read_text(encoding="utf-8")) == [RECORD | {"id": "file.json#1"}]


def test_scores_and_meta_of_the_formats_own_names_are_counted(tmp_path: Path) -> None:
    document = Document("1", "a b", "en", (Span.of(0, 1, "x", 0.5),), "", {"ner": 1, "page": 2})
    assert gliner_json.write(tmp_path / "file", [document]) == {SCORE: 1, META: 1}
    (record,) = json.loads((tmp_path / "file").read_text(encoding="utf-8"))
    assert record == {"id": "1", "page": 2, "tokenized_text": ["a", "b"], "ner": [[0, 0, "x"]]}
