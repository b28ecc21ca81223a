"""Tests of the reader and the writer of token offsets in JSON Lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bioner.corpora import token_spans
from bioner.corpora.reading import Reading
from bioner.errors import DataError

RECORD = {
    "tokens": ["In", "ER- cells", ",", "NF", "-", "kappa", "B", "site"],
    "doc_id": "D",
    "sent_id": "D-0",
    "entity_mentions": [
        {"start": 3, "end": 8, "entity_type": "DNA", "text": "NF - kappa B site"},
        {"start": 3, "end": 7, "entity_type": "protein"},
        {"start": 1, "end": 2, "entity_type": "cell_line"},
    ],
}


def _write(folder: Path, *records: object) -> Path:
    file = folder / "file.jsonl"
    file.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return file


def test_token_offsets_become_character_offsets(tmp_path: Path) -> None:
    (document,) = token_spans.read(Reading(_write(tmp_path, RECORD), "en", "mine"))
    assert document.text == "In ER- cells, NF-kappa B site"
    assert [(s.label, s.mention(document.text)) for s in document.spans] == [
        ("DNA", "NF-kappa B site"),
        ("protein", "NF-kappa B"),
        ("cell_line", "ER- cells"),
    ]
    assert (document.id, document.meta["document"]) == ("D-0", "D")
    assert [document.text[start:end] for start, end in document.meta["tokens"]] == RECORD["tokens"]


def test_a_record_without_ids_is_named_by_its_line(tmp_path: Path) -> None:
    documents = list(
        token_spans.read(Reading(_write(tmp_path, RECORD, {"tokens": ["a"], "entity_mentions": []}), "en", "mine"))
    )
    assert (documents[1].id, documents[1].meta) == ("file.jsonl:2", {"tokens": [[0, 1]]})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tokens": "text"}, "'tokens'"),
        ({"tokens": ["a", 1]}, "not a string"),
        ({"entity_mentions": None}, "'entity_mentions'"),
        (
            {"entity_mentions": [{"start": 0, "end": 9, "entity_type": "DNA"}]},
            "[0, 9] is empty or outside the 8 tokens",
        ),
        ({"entity_mentions": [{"start": 2, "end": 2, "entity_type": "DNA"}]}, "[2, 2] is empty"),
        ({"entity_mentions": [{"start": -1, "end": 2, "entity_type": "DNA"}]}, "[-1, 2] is empty"),
        ({"entity_mentions": [{"start": 0, "end": 1}]}, "'entity_type'"),
        ({"entity_mentions": [[0, 1, "DNA"]]}, "'start'"),
    ],
)
def test_a_malformed_record_is_named(tmp_path: Path, change: dict[str, object], words: str) -> None:
    file = _write(tmp_path, RECORD, RECORD | change)
    with pytest.raises(DataError) as caught:
        list(token_spans.read(Reading(file, "en", "mine")))
    assert f"{file}:2" in caught.value.where
    assert words in caught.value.what
    assert caught.value.mend


def test_a_mention_that_is_wrong_is_left_out_under_repair(tmp_path: Path) -> None:
    record = RECORD | {"entity_mentions": [{"start": 0, "end": 9, "entity_type": "x"}, *RECORD["entity_mentions"]]}
    reading = Reading(_write(tmp_path, record), "en", "mine", "repair")
    (document,) = token_spans.read(reading)
    assert len(document.spans) == 3
    assert [touched.done for touched in reading.touched] == ["left out the annotation"]


def test_what_was_read_is_written_as_it_was(tmp_path: Path) -> None:
    file = _write(tmp_path, RECORD)
    assert token_spans.write(tmp_path / "again", token_spans.read(Reading(file, "en", "mine"))) == {}
    again = json.loads((tmp_path / "again").read_text(encoding="utf-8"))
    assert {key: again[key] for key in ("tokens", "doc_id", "sent_id")} == {
        key: RECORD[key] for key in ("tokens", "doc_id", "sent_id")
    }
    extents = {(mention["start"], mention["end"], mention["entity_type"]) for mention in again["entity_mentions"]}
    assert extents == {(3, 8, "DNA"), (3, 7, "protein"), (1, 2, "cell_line")}
