"""Questions: what is sent for copies and tasks, and which answers are refused as their silence means nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.config.teacher import Endpoint
from bioner.documents import Span
from bioner.entity_types import EntityTypes, TypeName
from bioner.errors import ConfigError
from bioner.teacher.annotation import Annotation
from bioner.teacher.asking import Asking, agreed, failed
from bioner.teacher.chat import AnswerError, Reply, RequestError
from bioner.teacher.chunks import key_of
from bioner.teacher.endpoint import record_key
from bioner.teacher.grounding_search import ABSENT
from bioner.teacher.question import Question, open_question
from bioner.teacher.tasks import problems
from bioner.teacher.tasks.problems import Problem

TYPES = EntityTypes.of_words(["drug", "disease"])
TEXT = ("en", "Velorin relieves gout.")
NOTHING = {"id": 0, "text": "colchicine", "type": "drug"}
GOOD = {"id": 1, "text": "Velorin", "type": "drug"}


def question(task: str = "open_ner", types: EntityTypes = TYPES, **settings: Any) -> Question:
    return open_question(Endpoint(url="http://127.0.0.1:1/v1", model="m", task=task, **settings), types)  # type: ignore[arg-type]


def reply(value: Any, finish: str = "stop") -> Reply:
    return Reply(value if isinstance(value, str) else json.dumps(value), finish, 1, 1, "m")


def test_copies_have_no_schema_and_tasks_have_one() -> None:
    assert question("copies").schema("en") is None
    for task in ("open_ner", "annotation", "annotation_guided"):
        schema = question(task).schema("en")
        assert schema
        assert schema.name == task
        assert schema.value["properties"]["entities"]["items"]["properties"]["type"]["enum"] == ["drug", "disease"]
        assert ("relations" in schema.value["properties"]) == task.startswith("annotation")


def test_every_task_has_a_prompt_and_a_reader_of_its_own() -> None:
    asked = [question(task) for task in ("copies", "open_ner", "annotation", "annotation_guided")]
    assert len({one.prompt for one in asked}) == len({one.reader for one in asked}) == 4


def test_how_answers_are_read_changes_the_reader_and_not_the_prompt() -> None:
    for task, settings in (("copies", {"mode": "strict"}), ("open_ner", {"grounding": {"max_edits": 0.0}})):
        plain, other = question(task), question(task, **settings)
        assert plain.prompt == other.prompt
        assert plain.reader != other.reader


def test_types_of_one_name_are_refused_whatever_is_asked() -> None:
    twins = EntityTypes({"a": {"en": TypeName(name="Drug")}, "b": {"en": TypeName(name="drug")}})
    for task in ("copies", "open_ner"):
        with pytest.raises(ConfigError, match="'drug'"):
            question(task, twins)


def test_what_is_in_the_text_is_taken_and_the_rest_told() -> None:
    wrong = {"id": 2, "text": "gout", "type": "planet"}
    said = question().read(reply({"entities": [NOTHING, GOOD, wrong]}), TEXT)
    assert said.spans == [Span.of(0, 7, "drug")]
    assert said.mismatches == {ABSENT: 1, problems.UNKNOWN_LABEL: 1}
    assert {problem.reason for problem in said.lost} == {ABSENT, problems.UNKNOWN_LABEL}
    assert Problem(ABSENT, "drug: colchicine") in said.lost


def test_a_thought_before_it_does_not_matter() -> None:
    said = f"<think>\nIs gout one?</think>\n{json.dumps({'entities': [GOOD]})}"
    assert question().read(reply(said), TEXT).spans == [Span.of(0, 7, "drug")]


@pytest.mark.parametrize(
    ("said", "finish", "reason"),
    [
        ({"entities": [GOOD]}, "length", "answer cut off"),
        ({"entities": [GOOD]}, "content_filter", "answer withheld"),
        ('{"entities": [' + json.dumps(GOOD) + ', {"id": 2', "stop", problems.BREAKS_OFF),
        ("All is well.", "stop", problems.NOT_JSON),
        ("  ", "stop", problems.EMPTY),
        (TEXT[1][:9], "stop", problems.ECHO),
        ([GOOD], "stop", problems.SHAPE),
        ({}, "stop", problems.NO_LIST),
        ({"drugs": [GOOD]}, "stop", problems.NO_LIST),
    ],
)
def test_an_answer_whose_silence_means_nothing_is_refused(said: Any, finish: str, reason: str) -> None:
    with pytest.raises(AnswerError) as caught:
        question().read(reply(said, finish), TEXT)
    assert caught.value.reason == reason


def test_no_entities_are_an_answer() -> None:
    assert question().read(reply({"entities": []}), TEXT) == ([], {}, ())


@given(said=st.text() | st.recursive(st.none() | st.text(max_size=9) | st.just(GOOD), st.lists))
def test_whatever_it_says_the_spans_are_of_the_text(said: Any) -> None:
    for value in (said, {"entities": said}):
        try:
            reading = question().read(reply(value), TEXT)
        except AnswerError:
            continue
        assert not [span for span in reading.spans if span.problem(len(TEXT[1]))]
        assert len(reading.lost) <= 20


def test_the_key_of_a_record_is_of_all_that_is_sent() -> None:
    asking = Asking(question(), 0.0, 100, 13)
    key = record_key(asking, {"model": "m"})
    assert key(TEXT) == key(("en", TEXT[1]))
    others = [
        key(("zh", TEXT[1])),
        key(("en", TEXT[1] + " ")),
        record_key(asking, {"model": "n"})(TEXT),
        record_key(Asking(question("annotation"), 0.0, 100, 13), {"model": "m"})(TEXT),
        record_key(Asking(question(types=EntityTypes.of_words(["drug"])), 0.0, 100, 13), {"model": "m"})(TEXT),
        key_of(TEXT),
    ]
    assert len({key(TEXT), *others}) == 7


def test_answers_that_were_kept_are_read_anew() -> None:
    asking = Asking(question(), 0.0, 100, 13)
    kept = [(json.dumps({"entities": [GOOD]}), "stop"), (json.dumps({"entities": [NOTHING]}), "stop")]
    said = asking.read_anew(TEXT, kept)
    assert said
    assert said.spans == (Span.of(0, 7, "drug", 0.5),)
    assert said.mismatches == {ABSENT: 1}
    assert asking.read_anew(TEXT, [*kept, ("All is well.", "stop")]) is None


def test_what_is_asked_again_is_sampled() -> None:
    asking = Asking(question(), 0.0, 100, 13)
    first, again = (asking.request(TEXT, 0, number) for number in (1, 2))
    assert (first.temperature, again.temperature) == (0.0, 0.7)
    assert len({first.seed, again.seed, asking.request(TEXT, 1, 1).seed}) == 3


def test_a_failure_keeps_the_beginning_of_what_was_said() -> None:
    assert failed(RequestError("HTTP 422"), None) == Annotation(failure="HTTP 422")
    said = failed(AnswerError("answer not JSON"), reply("All is well. " * 100))
    assert said.lost[0].reason == "answer not JSON"
    assert len(said.lost[0].what) == 300


def test_agreement_has_the_losses_of_all_samples() -> None:
    one, two = (question().read(reply({"entities": value}), TEXT) for value in ([GOOD], [GOOD, NOTHING]))
    assert agreed([one, two]).spans == (Span.of(0, 7, "drug", 1.0),)
    assert agreed([one, two]).lost == two.lost
