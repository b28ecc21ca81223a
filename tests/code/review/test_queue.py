"""The review queue: what is kept of a correction, and what training data become of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bioner.documents import Document, Span, read_documents
from bioner.entity_types import EntityTypes, TypeName
from bioner.errors import DataError
from bioner.review.gathered import gather
from bioner.review.queue import Correction, Queue, asked_of

TYPES = EntityTypes(
    {
        "drug": {"en": TypeName(name="drug", synonyms=("medication",)), "zh": TypeName(name="药物")},
        "disease": {"en": TypeName(name="disease"), "zh": TypeName(name="疾病")},
    }
)
TEXT = "aspirin for 😀 acute pain"
MODEL = {"reference": "path:model", "version": None, "sha256": "0" * 64}


def correction(
    *spans: Span, text: str = TEXT, asked: tuple[str, ...] = ("drug", "disease"), sent: str = "2026-11-23T00:00:00"
) -> Correction:
    """What a person left of a prediction of one drug with a score."""
    predicted = Document("mine.txt", text, "en", (Span.of(0, 7, asked[0], 0.75),))
    return Correction(predicted, spans, asked, MODEL, sent)


def test_a_correction_says_what_was_changed_and_by_which_model() -> None:
    document = correction(Span.of(14, 24, "disease"), Span.of(0, 7, "disease")).to_document()
    assert document.spans == (Span.of(0, 7, "disease"), Span.of(14, 24, "disease"))
    assert document.spans[1].mention(document.text) == "acute pain"
    assert document.meta["removed"] == [{"fragments": [[0, 7]], "label": "drug", "score": 0.75}]
    assert [one["fragments"] for one in document.meta["added"]] == [[[14, 24]], [[0, 7]]]
    assert document.meta["model"] == MODEL
    assert asked_of(document) == ("drug", "disease")
    assert (document.source, document.meta["document"]) == ("playground", "mine.txt")


def test_what_was_confirmed_is_gold() -> None:
    document = correction(Span.of(0, 7, "drug", 0.75)).to_document()
    assert document.spans == (Span.of(0, 7, "drug"),)
    assert document.meta["removed"] == document.meta["added"] == []


def test_the_queue_holds_a_correction_once(tmp_path: Path) -> None:
    queue = Queue(tmp_path)
    assert queue.read() == []
    assert queue.append(correction()) == (1, True)
    assert queue.append(correction(Span.of(0, 7, "drug"))) == (2, True)
    assert queue.append(correction(sent="2026-11-24T00:00:00")) == (2, False)
    assert [len(document.spans) for document in read_documents(tmp_path / "reviews" / "playground.jsonl")] == [0, 1]


def test_a_damaged_line_is_told_and_keeps_no_correction_out(tmp_path: Path) -> None:
    queue = Queue(tmp_path)
    queue.append(correction())
    damaged = queue.file.read_text(encoding="utf-8")[:-9]
    queue.file.write_text(damaged, encoding="utf-8")
    assert queue.append(correction(Span.of(0, 7, "drug"))) == (2, True)
    with pytest.raises(DataError, match=r"not JSON[\s\S]*playground.jsonl:1"):
        queue.read()
    lines = queue.file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == damaged
    assert Document.from_record(json.loads(lines[1])).spans == (Span.of(0, 7, "drug"),)


def test_several_processes_lose_nothing(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from test_queue import *\n"
        "for n in range(5): Queue(Path(sys.argv[2])).append(correction(text=f'{TEXT} {sys.argv[3]} {n}'))"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).parent), str(tmp_path)]
    running = [subprocess.Popen([*command, str(number)], env=os.environ) for number in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert len({document.text for document in Queue(tmp_path).read()}) == 15


def test_labels_become_types_and_of_two_corrections_the_later_counts() -> None:
    documents = [
        correction(Span.of(0, 7, "medications"), asked=("medications", "organ")).to_document(),
        correction(Span.of(14, 24, "疾病"), asked=("疾病",)).to_document(),
        correction(Span.of(8, 11, "Drug"), Span.of(0, 7, "organ"), asked=("Drug", "organ")).to_document(),
        correction(Span.of(0, 7, "organ"), asked=("organ",), text="kidneys").to_document(),
    ]
    gathered = gather(documents, TYPES)
    assert list(gathered.groups) == [("en", ("drug", "disease"))]
    (found,) = gathered.groups["en", ("drug", "disease")]
    assert found.spans == (Span.of(8, 11, "drug"), Span.of(14, 24, "disease"))
    assert (found.text, found.source, dict(found.meta)) == (TEXT, "playground", {})
    assert gathered.unknown == {"organ": 3}
    assert gathered.unused == 1


def test_documents_that_were_asked_for_different_types_are_kept_apart() -> None:
    documents = [
        correction(text=f"{TEXT} {number}", asked=asked).to_document()
        for number, asked in enumerate([("drug",), ("drug", "disease"), ("disease", "drug")])
    ]
    groups = gather(documents, TYPES).groups
    assert {key: len(found) for key, found in groups.items()} == {("en", ("drug",)): 1, ("en", ("drug", "disease")): 2}
    assert len({document.id for found in groups.values() for document in found}) == 3
