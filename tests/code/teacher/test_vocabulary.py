"""The vocabulary: labels with one meaning become one, each for a reason; what a person changes in the map stays."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.config.review import Pinned
from bioner.config.teacher import Endpoint, Teacher
from bioner.documents import Document, Span, write_documents
from bioner.entity_types import EntityTypes, TypeName
from bioner.errors import DataError
from bioner.files import hash_file
from bioner.teacher.annotation import Annotation
from bioner.teacher.cache import open_cache
from bioner.teacher.cache_rows import Record
from bioner.teacher.chat import Reply
from bioner.teacher.chunks import key_of
from bioner.teacher.endpoint import asking_of
from bioner.teacher.manifest import TeacherManifest
from bioner.teacher.vocabulary import Entry, bare, normalised, understood, vocabulary
from bioner.teacher.vocabulary_file import labels_in, read_vocabulary, write_vocabulary

pytestmark = pytest.mark.slow  # the rules of English nouns take seconds to load

TYPES = EntityTypes(
    {
        "drug": {"en": TypeName(name="drug", synonyms=("medicine",)), "zh": TypeName(name="药物")},
        "gene_or_protein": {"en": TypeName(name="gene or protein"), "zh": TypeName(name="基因")},
        "analysis": {"en": TypeName(name="laboratory test")},
    }
)


@pytest.mark.parametrize(
    ("label", "normal", "reason"),
    [
        ("drug", "drug", "as it is"),
        ("Drug", "drug", "case"),
        ("ＤＲＵＧ", "drug", "case"),
        ("DRUGS", "drug", "number"),
        ("medicine", "drug", "synonym"),
        ("Medicines", "drug", "number"),
        ("药物", "drug", "name"),
        ("gene-or-protein", "gene_or_protein", "case"),
        ("analyses", "analysis", "number"),
        ("Laboratory Tests", "analysis", "number"),
        ("virus", "virus", "as it is"),
        ("diabetes", "diabetes", "as it is"),
    ],
)
def test_a_label_that_means_a_type_becomes_its_key(label: str, normal: str, reason: str) -> None:
    assert vocabulary({label: 3}, TYPES) == {label: Entry(normal, 3, reason)}  # type: ignore[arg-type]


def test_other_labels_become_their_commonest_spelling_in_a_singular_that_was_seen() -> None:
    seen = {"Body Part": 5, "body part": 2, "body-parts": 9, "sites of injury": 1, "site of injury": 1, "devices": 4}
    found = vocabulary(seen, TYPES)
    assert {label: (entry.normal, entry.reason) for label, entry in found.items()} == {
        "body-parts": ("Body Part", "number"),
        "Body Part": ("Body Part", "as it is"),
        "body part": ("Body Part", "case"),
        "devices": ("devices", "as it is"),
        "site of injury": ("site of injury", "as it is"),
        "sites of injury": ("site of injury", "number"),
    }
    assert [entry.times for entry in found.values()] == sorted(seen.values(), reverse=True)


@given(st.dictionaries(st.text(max_size=6), st.integers(0, 9), max_size=8))
def test_normal_forms_are_normal(counts: dict[str, int]) -> None:
    found = vocabulary(counts, TYPES)
    assert {label: entry.times for label, entry in found.items()} == counts
    normal = {str(entry.normal) for entry in found.values()}
    again = vocabulary(dict.fromkeys(normal, 1), TYPES)
    assert all(entry.normal == label for label, entry in again.items()), "a normal form has another one"
    for label in counts:
        same = {found[other].normal for other in counts if bare(other) == bare(label)}
        assert len(same) == 1, "spellings of one label have several normal forms"


def test_what_a_person_changed_stays() -> None:
    first = vocabulary({"Gadget": 2, "drugs": 1, "thing": 1}, TYPES)
    reviewed = first | {"Gadget": first["Gadget"]._replace(normal="analysis"), "thing": Entry(None, 1, "as it is")}
    again = vocabulary({"Gadget": 7, "drugs": 1, "pill": 1}, TYPES, reviewed)
    assert again["Gadget"] == Entry("analysis", 7, "by hand")
    assert again["thing"] == Entry(None, 0, "by hand")
    assert again["drugs"] == Entry("drug", 1, "number")
    assert vocabulary({"Gadget": 7, "pill": 1}, TYPES, again) == again | {"drugs": Entry("drug", 0, "number")}


def test_a_map_survives_its_file(tmp_path: Path) -> None:
    found = vocabulary({"Drugs": 3, "药物": 2, "yes": 1, "no: #1": 1, "null": 1, "1": 1}, TYPES)
    found["yes"] = Entry(None, 1, "by hand")
    write_vocabulary(tmp_path / "map.yaml", found)
    assert read_vocabulary(tmp_path / "map.yaml") == found
    assert "\nDrugs: {normal: drug, times: 3, reason: number}\n" in (tmp_path / "map.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "not YAML"),
        ("- a", "not a map"),
        ("a: {times: 1}", "cannot be read"),
        ("a: {normal: 1}", "cannot be read"),
        ("a: {normal: b, reason: why}", "cannot be read"),
        ("a: {normal: b, kind: c}", "cannot be read"),
        ("a: {normal: ' '}", "cannot be read"),
    ],
)
def test_a_damaged_map_is_one_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "map.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        read_vocabulary(tmp_path / "map.yaml")
    assert "map.yaml" in caught.value.where
    with pytest.raises(DataError, match="cannot be read"):
        read_vocabulary(tmp_path / "none.yaml")


def test_documents_get_normal_labels() -> None:
    spans = (Span.of(0, 1, "Drugs", 0.5), Span.of(0, 1, "drug", 0.9), Span.of(1, 2, "thing"), Span.of(1, 2, "pill"))
    labels = vocabulary({"Drugs": 1}, TYPES) | {"thing": Entry(None, 1, "by hand")}
    found = normalised(Document("d", "ab", "en", spans), labels)
    assert found.spans == (Span.of(0, 1, "drug", 0.9), Span.of(1, 2, "pill"))


def test_labels_are_counted_in_documents_and_in_the_answers_of_a_cache(tmp_path: Path) -> None:
    spans = (Span.of(0, 1, "a"), Span.of(0, 1, "b"), Span.of(1, 2, "a"))
    write_documents(tmp_path / "d.jsonl", [Document("d", "ab", "en", spans)])
    assert labels_in(tmp_path / "d.jsonl") == Counter({"a": 2, "b": 1})
    answers = [
        {"entities": [{"id": 1, "text": "x", "type": "Drug"}, {"id": 2, "text": "y", "type": " Drug "}, {"type": 3}]},
        {"entities": "none"},
        {"entities": [{"id": 1, "text": "x", "type": "pain"}, "?"]},
    ]
    with open_cache(tmp_path / "c.sqlite", {"model": "m"}) as cache:
        told = [(json.dumps(answer), "stop") for answer in answers] + [("drug: no JSON", "stop")]
        cache.put(Record(key_of(n), Annotation(), (answer,)) for n, answer in enumerate(told))
    assert labels_in(tmp_path / "c.sqlite") == Counter({"Drug": 2, "pain": 1})
    with pytest.raises(DataError, match="no cache"):
        labels_in(tmp_path / "none.sqlite")
    (tmp_path / "odd.sqlite").write_text("no database at all", encoding="utf-8")
    with pytest.raises(DataError):
        labels_in(tmp_path / "odd.sqlite")


def test_answers_are_read_with_the_map_and_nothing_else_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".dvc").mkdir()
    monkeypatch.chdir(tmp_path)
    write_vocabulary(Path("map.yaml"), {"Remedy": Entry("drug", 1, "by hand"), "odd": Entry("odd", 1, "as it is")})
    manifest = TeacherManifest("endpoint", "m", "p", "c", 0.5, TYPES, sampling={"samples": 1, "temperature": 0.0})
    plain = Endpoint(url="http://127.0.0.1:1/v1", model="m", task="open_ner")
    pinned = Pinned(path="map.yaml", sha256=hash_file(Path("map.yaml")))
    mapped = plain.model_copy(update={"vocabulary": pinned})
    questions = [
        asking_of(manifest, Teacher(backend="endpoint", min_score=0.5, endpoint=settings), 1).question
        for settings in (plain, mapped)
    ]
    text = ("en", "aspirin helps")
    entities = [{"id": 1, "text": "aspirin", "type": "remedy"}, {"id": 2, "text": "helps", "type": "odd"}]
    reply = Reply(json.dumps({"entities": entities}), "stop", 0, 0, "")
    without, read = (question.read(reply, text) for question in questions)
    assert without.spans == []
    assert read.spans == [Span.of(0, 7, "drug")]
    assert read.mismatches == Counter({"label not asked for": 1})
    one, other = questions
    assert (one.prompt, one.messages(text), one.schema("en")) == (
        other.prompt,
        other.messages(text),
        other.schema("en"),
    )
    assert one.reader != other.reader, "answers that were read without the map would stay as they are"
    Path("map.yaml").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="SHA-256 differs"):
        asking_of(manifest, Teacher(backend="endpoint", min_score=0.5, endpoint=mapped), 1)


def test_a_type_is_understood_by_its_labels_in_every_language() -> None:
    found = understood(TYPES, {"Remedy": Entry("drug", 1, "by hand"), "x": Entry(None, 1, "by hand")})
    assert found.types["drug"]["en"].synonyms == ("medicine", "Remedy")
    assert found.types["drug"]["zh"].synonyms == ("Remedy",)
    assert found.types["analysis"] == TYPES.types["analysis"]
