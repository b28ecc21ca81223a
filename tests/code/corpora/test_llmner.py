"""Tests of the instruction files of LLMNER."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bioner.corpora import llmner, llmner_out
from bioner.corpora.losses import BLANKED, BRACKETS, CROSSING, LABEL, OFF_TOKENS
from bioner.corpora.reading import DROPPED, Reading
from bioner.documents import Document, Span
from bioner.errors import DataError

TEXT = "IL-2 receptor ( IL-2R ) binds ."
INPUT = f"Find them:\n{TEXT}\nEntity types include: protein, cell_type\nProtein: a molecule."
OUTPUT = "protein:  [[IL-2] receptor] ( [IL-2R] ) binds .  \ncell_type:  IL-2 receptor ( IL-2R ) binds ."
SPANS = (Span.of(0, 13, "protein"), Span.of(0, 4, "protein"), Span.of(16, 21, "protein"))


def _reading(folder: Path, records: list[Any], on_error: str = "fail", language: str = "en") -> Reading:
    file = folder / "file.json"
    file.write_text(json.dumps(records, indent=1, ensure_ascii=False), encoding="utf-8")
    return Reading(file, language, "mine", on_error)  # type: ignore[arg-type]


def test_instructions_are_nested_mentions_of_their_text(tmp_path: Path) -> None:
    records = [{"instruction": "do", "input": INPUT, "output": OUTPUT}, {"input": INPUT, "output": ""}]
    first, second = llmner.read(_reading(tmp_path, records))
    assert (first.id, first.text, first.spans) == ("file.json#1", TEXT, SPANS)
    assert (second.text, second.spans) == (TEXT, ())


def test_chinese_instructions(tmp_path: Path) -> None:
    prompt = "请标注：\n患者乙肝病毒阳性。\n实体类型包括：疾病，微生物。\n疾病：定义。"
    output = "疾病：患者[乙肝]病毒阳性。\n微生物:  患者[乙肝病毒]阳性。"
    (document,) = llmner.read(_reading(tmp_path, [{"input": prompt, "output": output}], language="zh"))
    assert document.text == "患者乙肝病毒阳性。"
    assert document.spans == (Span.of(2, 4, "疾病"), Span.of(2, 6, "微生物"))


def test_an_answer_alone_has_the_text_of_its_first_line(tmp_path: Path) -> None:
    first, second = llmner.read(_reading(tmp_path, [{"answer": OUTPUT}, {"answer": ""}]))
    assert (first.text, first.spans) == (TEXT, SPANS)
    assert (second.text, second.spans) == ("", ())


@pytest.mark.parametrize(("verdict", "spans", "dropped"), [("正确", 1, {}), ("错误", 0, {"judged wrong": 1})])
def test_examples_of_the_selector(tmp_path: Path, verdict: str, spans: int, dropped: dict[str, int]) -> None:
    prompt = "Is it one?\nThe [T cell] and the [3H] dose.\nThe one marked:  T cell, type: cell_type.\nEntity types: x"
    (document,) = llmner.read(_reading(tmp_path, [{"input": prompt, "drug_code": [verdict]}]))
    assert document.text == "The T cell and the [3H] dose."
    assert document.spans == (Span.of(4, 10, "cell_type"),)[:spans]
    assert document.meta.get(DROPPED, {}) == dropped


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"input": INPUT, "output": OUTPUT.replace("binds", "bound", 1)}, "is not its text"),
        ({"input": INPUT, "output": OUTPUT.replace("]", "", 1)}, "is not its text"),
        ({"input": INPUT, "output": f"{OUTPUT}\nno type here"}, "is not its text"),
        ({"input": INPUT, "output": f"{OUTPUT}\nvirus: {TEXT}"}, "was not asked for"),
        ({"answer": f"{OUTPUT}\nvirus: another text"}, "is not its text"),
    ],
)
def test_a_line_that_is_not_its_text_is_named_and_left_out_under_repair(
    tmp_path: Path, record: dict[str, Any], words: str
) -> None:
    reading = _reading(tmp_path, [record])
    with pytest.raises(DataError) as caught:
        list(llmner.read(reading))
    assert f"{reading.path}:2" in caught.value.where
    assert words in caught.value.what
    assert caught.value.mend
    repairing = _reading(tmp_path, [record], "repair")
    (document,) = llmner.read(repairing)
    assert document.text == TEXT
    assert len(repairing.touched) == 1


@pytest.mark.parametrize(
    "record",
    [
        {"input": "one line", "output": ""},
        {"input": "Find\ntext", "output": ""},
        {"input": "Find\nEntity types include: x", "output": ""},
        {"input": INPUT},
        {"input": "Is it?\nThe [a] and [a].\nThe one:  a, type: x.", "drug_code": ["正确"]},
        {"input": "Is it?\nThe [a].\nThe one:  b, type: x.", "drug_code": ["正确"]},
        {"input": "Is it?\nThe [a].", "drug_code": ["正确"]},
        {"input": "Is it?", "drug_code": "正确"},
        {"answer": None},
    ],
)
def test_what_is_none_of_the_three_is_refused(tmp_path: Path, record: dict[str, Any]) -> None:
    with pytest.raises(DataError) as caught:
        list(llmner.read(_reading(tmp_path, [record])))
    assert caught.value.mend


def test_what_is_written_is_an_instruction_for_all_types(tmp_path: Path) -> None:
    documents = [Document("a", TEXT, "en", SPANS), Document("b", "T cells", "en", (Span.of(0, 7, "cell_type"),))]
    assert llmner_out.write(tmp_path / "file", documents) == {}
    first, _ = json.loads((tmp_path / "file").read_text(encoding="utf-8"))
    assert first["output"] == "protein:  [[IL-2] receptor] ( [IL-2R] ) binds ."
    assert first["input"].endswith(f"\n{TEXT}\nEntity types include: cell_type, protein")
    found = llmner.read(Reading(tmp_path / "file", "en", "mine"))
    assert [(d.id, d.text, d.spans) for d in found] == [(d.id, d.text, d.spans) for d in documents]


def test_what_cannot_be_told_in_brackets_is_counted(tmp_path: Path) -> None:
    text = " [3H] dose\nof it"
    spans = [Span.of(1, 5, "x"), Span.of(1, 10, "y"), Span.of(6, 13, "y"), Span.of(2, 4, "z"), Span.of(0, 5, "z")]
    lost = llmner_out.write(tmp_path / "file", [Document("1", text, "en", (*spans, Span.of(6, 10, "a:b")))])
    assert lost == {BRACKETS: 1, CROSSING: 1, OFF_TOKENS: 1, LABEL: 1, BLANKED: 1}
    (found,) = llmner.read(Reading(tmp_path / "file", "en", "mine"))
    assert found.text == text.replace("\n", " ")
    assert sorted(span.label for span in found.spans) == ["y", "z"]
