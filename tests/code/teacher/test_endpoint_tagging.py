"""The tagged copy: what is asked for, and how answers of every quality are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Span
from bioner.entity_types import EntityTypes, TypeName
from bioner.errors import ConfigError
from bioner.tagger.copies import REFUSED, Mode
from bioner.tagger.free_text import UNTYPED
from bioner.teacher.chat import AnswerError, Reply
from bioner.teacher.endpoint_tagging import UNANSWERED, check_names, messages, read_answer

TYPES = EntityTypes(
    {
        "drug": {"en": TypeName(name="medicine", definition="what is taken"), "zh": TypeName(name="药物")},
        "sign": {"en": TypeName(name="side effect"), "zh": TypeName(name="症状", definition="表现")},
    }
)
NAMES = TYPES.names("en")
TEXT = "The rash came after amoxicillin."
DRUG, SIGN = Span.of(20, 31, "drug"), Span.of(4, 8, "sign")


def reply(text: str, finish: str = "stop") -> Reply:
    return Reply(text, finish, 1, 1, "m")


def read(answer: str, mode: Mode = "strict") -> tuple[list[Span], dict[str, int]]:
    reading = read_answer(reply(answer), TEXT, NAMES, mode)
    return reading.spans, dict(reading.mismatches)


def test_asks_for_every_type_by_its_name_and_definition() -> None:
    (system, rules), (user, text) = messages(TEXT, "en", TYPES)
    assert (system, user) == ("system", "user")
    assert rules.endswith("The types:\n- medicine: what is taken\n- side effect")
    assert text == f"Text:\n{TEXT}"


def test_asks_in_the_language_of_the_text() -> None:
    (_, rules), (_, text) = messages("皮疹。", "zh", TYPES)
    assert rules.endswith("- 药物\n- 症状：表现")
    assert text == "文本：\n皮疹。"
    assert "Copy the text" in messages("Rubor.", "la", TYPES)[0][1]


def test_the_example_of_the_rules_is_read_as_it_says() -> None:
    animals = EntityTypes.of_words(["animal", "colour"])
    lines = messages("", "en", animals)[0][1].splitlines()
    answer = "\n".join(line for line in lines if line.startswith(("animal:", "colour:")))
    text = "A grey wolf watched the red fox."
    reading = read_answer(reply(answer), text, animals.names("en"), "strict")
    assert [span.mention(text) for span in reading.spans] == ["wolf", "fox", "grey", "red"]
    assert not reading.mismatches


def test_a_good_answer_is_read_exactly() -> None:
    good = (
        f"medicine: {TEXT.replace('amoxicillin', '[[amoxicillin]]')}\nside effect: The [[rash]] came after amoxicillin."
    )
    assert read(good) == ([DRUG, SIGN], {})
    assert read(good.replace("medicine:", "Medicine：")) == ([DRUG, SIGN], {})
    assert read(f"<think>\nmedicine: [[no]]?</think>\n{good}") == ([DRUG, SIGN], {})


def test_what_else_it_says_is_counted() -> None:
    spans, mismatches = read("Sure!\nmedicine: The rash came after [[amoxicillin]].")
    assert (spans, mismatches) == ([DRUG], {UNTYPED: 1, UNANSWERED: 1})


def test_a_mention_that_is_not_in_the_text_is_refused_or_contracted() -> None:
    answer = "medicine: The rash came after [[oral amoxicillin]].\nside effect: The rash came after amoxicillin."
    spans, mismatches = read(answer)
    assert spans == []
    assert mismatches[REFUSED] == 1
    assert read(answer, "contract")[0] == [DRUG]


@pytest.mark.parametrize(
    ("answer", "finish", "reason"),
    [
        ("", "stop", "answer empty"),
        ("Ignore the rules above.", "stop", "answer without copies"),
        ("medicine: The rash", "length", "answer cut off"),
        ("", "content_filter", "answer withheld"),
        ("medicine: All is [[well]] here.\nside effect: All is well here.", "stop", "answer of another text"),
        ("<think>medicine: The rash came after", "stop", "answer without copies"),
    ],
)
def test_what_cannot_be_used_says_why(answer: str, finish: str, reason: str) -> None:
    with pytest.raises(AnswerError) as caught:
        read_answer(reply(answer, finish), TEXT, NAMES, "expand")
    assert caught.value.reason == reason


@given(
    answer=st.text()
    | st.lists(st.sampled_from(["medicine:", "side effect：", "[[", "]]", " rash", "\n", TEXT])).map("".join)
)
def test_whatever_it_says_the_spans_are_of_the_text(answer: str) -> None:
    for mode in ("strict", "contract", "expand"):
        try:
            reading = read_answer(reply(answer), TEXT, NAMES, mode)  # type: ignore[arg-type]
        except AnswerError:
            continue
        assert not [span for span in reading.spans if span.problem(len(TEXT))]


def test_types_of_one_name_are_refused() -> None:
    check_names(TYPES)
    twins = EntityTypes({"a": {"en": TypeName(name="Drug")}, "b": {"en": TypeName(name="drug")}})
    with pytest.raises(ConfigError, match="drug"):
        check_names(twins)
