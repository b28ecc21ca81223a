"""People in the loop: what is chosen, Label Studio's form, and what comes back; nothing is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes, TypeName
from bioner.errors import ConfigError, DataError
from bioner.review.choose import choose
from bioner.review.corrections import REVIEWED, Corrections, correct
from bioner.review.exported import parse_tasks, read_tasks
from bioner.review.label_studio import config, label_names, task

TYPES = EntityTypes(
    {
        "drug": {"en": TypeName(name="drug", definition='a "named" <medicine>'), "zh": TypeName(name="药物")},
        "disease": {"en": TypeName(name="disease"), "zh": TypeName(name="疾病")},
    }
)
SPAN_LISTS = st.lists(
    st.builds(
        lambda points, label, score: Span(tuple(zip(*[iter(points)] * 2, strict=True)), label, score),
        st.sampled_from([2, 2, 2, 4]).flatmap(
            lambda n: st.lists(st.integers(0, 9), min_size=n, max_size=n, unique=True).map(sorted)
        ),
        st.sampled_from(["drug", "disease"]),
        st.one_of(st.none(), st.floats(0, 1)),
    ),
    max_size=6,
    unique_by=lambda span: (span.fragments, span.label),
)
DOCUMENTS = st.builds(
    lambda text, spans, language: Document("d", text, language, tuple(spans), "s", {"n": 1}),
    st.text(st.sampled_from("ab 𝔸😀é药\n\\n.\t"), min_size=9, max_size=14),
    SPAN_LISTS,
    st.sampled_from(["en", "zh"]),
)

# What the documentation of Label Studio says of a task with predictions ("Import pre-annotated data") and of the tag
# `Labels` on a `Text` ("Sample Results JSON"), as a JSON schema.
REGION = {
    "type": "object",
    "required": ["id", "from_name", "to_name", "type", "value"],
    "properties": {
        "id": {"type": "string", "pattern": "^[-A-Za-z0-9_]+$"},
        "from_name": {"const": "label"},
        "to_name": {"const": "text"},
        "type": {"const": "labels"},
        "score": {"type": "number"},
        "value": {
            "type": "object",
            "required": ["start", "end", "labels"],
            "properties": {
                "start": {"type": "integer", "minimum": 0},
                "end": {"type": "integer", "minimum": 1},
                "text": {"type": "string"},
                "labels": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            },
            "additionalProperties": False,
        },
    },
}
TASK = {
    "type": "object",
    "required": ["data", "predictions"],
    "properties": {
        "data": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
        "predictions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["result"],
                "properties": {
                    "model_version": {"type": "string"},
                    "score": {"type": "number"},
                    "result": {"type": "array", "items": REGION},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


def exported(document: Document, samples: tuple[Any, ...] = ("random",)) -> dict[str, Any]:
    """The task of a document, through JSON and back."""
    made: dict[str, Any] = json.loads(json.dumps(task(document, samples, label_names(TYPES, document.language))))
    return made


def submitted(made: dict[str, Any], *results: Any, **more: Any) -> dict[str, Any]:
    """The task as Label Studio exports it after each annotator submitted a result; by default what was shown."""
    every = results or (made["predictions"][0]["result"],)
    annotations = [
        {"id": n, "completed_by": {"email": "somebody@clinic.test"}, "result": result, "was_cancelled": False} | more
        for n, result in enumerate(every)
    ]
    return {"id": 7, "data": made["data"], "annotations": annotations, "predictions": [3], "drafts": []}


def read_back(folder: Path, tasks: Any, *documents: Document) -> Corrections:
    """What a file with these tasks does to the documents."""
    file = folder / "export.json"
    file.write_text(tasks if isinstance(tasks, str) else json.dumps(tasks), encoding="utf-8")
    return correct(documents, parse_tasks(read_tasks(file), str(file)), TYPES)


def said(document: Document) -> set[tuple[object, str]]:
    return {(span.fragments, span.label) for span in document.spans}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("review")


@settings(max_examples=200, deadline=None)
@given(document=DOCUMENTS)
def test_what_nobody_changed_comes_back_whole(folder: Path, document: Document) -> None:
    made = exported(document)
    Draft202012Validator(TASK).validate(made)
    found = read_back(folder, [submitted(made)], document)
    (one,) = found.documents
    assert said(one.after) == said(document)
    assert (one.after.id, one.after.text, one.after.source) == (document.id, document.text, document.source)
    assert one.after.meta == {**document.meta, REVIEWED: 1}
    assert one.as_shown and one.random
    assert found.unshown == sum(not span.contiguous for span in document.spans)
    assert found.to_record()["changed"] == 0
    assert all(span.score == 1.0 for span in one.after.spans if span.contiguous)


@settings(max_examples=100, deadline=None)
@given(document=DOCUMENTS)
def test_offsets_of_a_version_that_counts_utf_16_are_told_from_code_points(folder: Path, document: Document) -> None:
    document = replace(document, text=f"😀{document.text}", spans=(Span.of(1, 3, "drug"),))
    made = exported(document)
    value = made["predictions"][0]["result"][0]["value"]
    start, end = (len(document.text[:n].encode("utf-16-le")) // 2 for n in (1, 3))
    value["start"], value["end"] = start, end
    if document.text[start:end].split() != document.text[1:3].split():  # else both units hold these words
        assert said(read_back(folder, [submitted(made)], document).documents[0].after) == said(document)


def test_the_configuration_names_the_types_in_a_language_and_keeps_blanks() -> None:
    for language, names in (("en", ["drug", "disease"]), ("zh", ["药物", "疾病"])):
        view = ElementTree.fromstring(config(TYPES, language))  # noqa: S314
        labels, text = view.find("Labels"), view.find("Text")
        assert labels is not None and text is not None
        assert [label.get("value") for label in labels] == names
        assert (labels.get("toName"), text.get("value")) == (text.get("name"), "$text")
        assert "pre-wrap" in str(view.findtext("Style"))
    assert 'hint="a &quot;named&quot; &lt;medicine&gt;"' in config(TYPES, "en")
    with pytest.raises(ConfigError, match="two types are called 'x'"):
        config(EntityTypes({"a": {"en": TypeName(name="x")}, "b": {"en": TypeName(name="x")}}), "en")


TEXT = "aspirin for fever and a cold"
PLAIN = Document("d", TEXT, "en", (Span.of(0, 7, "drug", 0.6), Span.of(12, 17, "disease", 0.9)))


def region(start: int, end: int, *labels: str) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": list(labels)}
    return {"id": "x", "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def test_corrections_replace_what_the_teacher_said(tmp_path: Path) -> None:
    other = replace(PLAIN, id="e")
    found = read_back(tmp_path, [submitted(exported(PLAIN), [region(0, 7, "disease", "drug")])], PLAIN, other)
    corrected, untouched = found.applied([PLAIN, other])
    assert said(corrected) == {(((0, 7),), "drug"), (((0, 7),), "disease")}
    assert untouched is other
    assert found.to_record()["changed"] == 1


def test_several_annotators_are_counted_and_more_than_half_decide(tmp_path: Path) -> None:
    results = [[region(0, 7, "drug")], [region(0, 7, "drug"), region(24, 28, "disease")], [region(12, 17, "drug")]]
    found = read_back(tmp_path, [submitted(exported(PLAIN), *results)], PLAIN)
    (one,) = found.documents
    assert said(one.after) == {(((0, 7),), "drug")}
    assert (one.after.meta[REVIEWED], found.disagreed) == (3, 1)
    truth = submitted(exported(PLAIN), *results)
    truth["annotations"][2]["ground_truth"] = True
    (one,) = read_back(tmp_path, [truth], PLAIN).documents
    assert said(one.after) == {(((12, 17),), "drug")}, "what is marked as ground truth decides alone"


def test_skipped_and_unfinished_tasks_leave_the_document_as_it_is(tmp_path: Path) -> None:
    skipped = submitted(exported(PLAIN), [], was_cancelled=True)
    waiting = submitted(exported(replace(PLAIN, id="e"))) | {"annotations": []}
    found = read_back(tmp_path, [skipped, waiting], PLAIN, replace(PLAIN, id="e"))
    assert (found.documents, found.skipped, found.unfinished) == ([], 1, 1)
    done = submitted(exported(PLAIN))
    done["annotations"] += skipped["annotations"]
    assert len(read_back(tmp_path, [done], PLAIN).documents) == 1, "one skipped it, another one did it"


def test_a_review_of_earlier_annotations_is_used_and_known(tmp_path: Path) -> None:
    later = PLAIN.with_spans(PLAIN.spans[:1])
    found = read_back(tmp_path, [submitted(exported(PLAIN))], later)
    assert not found.documents[0].as_shown
    assert found.to_record()["of_earlier_annotations"] == 1
    assert said(found.documents[0].after) == said(PLAIN)


def test_what_other_tags_say_does_not_count(tmp_path: Path) -> None:
    rating = {"id": "r", "from_name": "quality", "to_name": "text", "type": "rating", "value": {"rating": 3}}
    found = read_back(tmp_path, [submitted(exported(PLAIN), [region(0, 7, "drug"), rating])], PLAIN)
    assert said(found.documents[0].after) == {(((0, 7),), "drug")}


def _wrong(change: Callable[[dict[str, Any]], Any]) -> Any:
    made = submitted(exported(PLAIN), [region(0, 7, "drug")])
    return [change(made) or made]


def _put(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(made: dict[str, Any]) -> None:
        for key in path[:-1]:
            made = made[key]
        made[path[-1]] = value

    return change


VALUE = ("annotations", 0, "result", 0, "value")


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ('[{"data": ', "damaged: not JSON"),
        ('{"data": {}}', "not a list of tasks"),
        ('[{"text": "a", "label": []}]', "a task without its data"),
        (_wrong(_put("annotations", value={})), "not a list of objects"),
        (_wrong(_put("annotations", 0, "result", value={})), "not a list of regions"),
        (_wrong(_put("data", "document", value="gone")), "not among the distilled"),
        (_wrong(_put("data", "text", value=f"{TEXT}!")), "was changed"),
        (_wrong(lambda made: {**made, "data": {"text": TEXT}}), "lack 'document'"),
        (_wrong(_put("data", "samples", value=["best"])), "'samples' of the task"),
        (_wrong(_put(*VALUE, "labels", value=["virus"])), "the label 'virus' is none of the types"),
        (_wrong(_put(*VALUE, "labels", value=[])), "a region without start, end and labels"),
        (_wrong(_put(*VALUE, "start", value="0")), "a region without start, end and labels"),
        (_wrong(_put(*VALUE, "end", value=900)), "does not hold the words 'aspirin'"),
        (_wrong(_put(*VALUE, "text", value="fever")), "does not hold the words 'fever'"),
        ([submitted(exported(PLAIN))] * 2, "has a task already"),
    ],
)
def test_each_mistake_is_one_error_that_says_where(tmp_path: Path, tasks: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read_back(tmp_path, tasks, PLAIN)
    assert message in caught.value.what
    assert "export.json" in caught.value.where
    assert caught.value.mend


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_tasks(tmp_path / "none.json")


def test_who_annotated_does_not_come_in(tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text(json.dumps([submitted(exported(PLAIN))]), encoding="utf-8")
    assert "clinic.test" not in json.dumps(read_tasks(file))


MANY = [Document(f"d{n}", TEXT, "en", (Span.of(0, 7, "drug", n / 100),) if n % 4 else ()) for n in range(100)]


def test_the_random_sample_is_drawn_from_all_and_the_least_certain_are_the_least() -> None:
    chosen = choose(MANY, random=20, least_certain=10, seed=3)
    least = {key for key, samples in chosen.items() if "least_certain" in samples}
    assert least == {f"d{n}" for n in range(14) if n % 4}
    assert sum("random" in samples for samples in chosen.values()) == 20
    assert chosen == choose(MANY[::-1], random=20, least_certain=10, seed=3), "the order of the file counts"
    assert chosen != choose(MANY, random=20, least_certain=10, seed=4)
    random = {key for key, samples in chosen.items() if "random" in samples}
    other = choose(MANY, random=20, least_certain=0, seed=3)
    assert random == set(other), "the random sample depends on the other one"


def test_the_random_sample_takes_every_document_equally_often() -> None:
    times = dict.fromkeys((document.id for document in MANY), 0)
    for seed in range(400):
        for key in choose(MANY, random=20, least_certain=0, seed=seed):
            times[key] += 1
    assert min(times.values()) > 45 and max(times.values()) < 120  # 80 expected, standard deviation 8


def test_more_than_there_are_is_all() -> None:
    assert len(choose(MANY[:5], random=50, least_certain=50, seed=1)) == 5
    assert choose([], random=50, least_certain=50, seed=1) == {}
