"""Tests of the two CMeEE formats, whose ends are inclusive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.corpora import cmeee
from bioner.corpora.losses import BLANKED, DISCONTINUOUS, ID, LABEL, META, SCORE
from bioner.corpora.reading import DROPPED, Reading
from bioner.documents import Document, Span
from bioner.errors import DataError

TEXT = "患儿肺部炎症明显。"


def _write(folder: Path, text: str) -> Path:
    file = folder / "file.txt"
    file.write_bytes(text.encode())
    return file


def test_v1_ends_are_inclusive_and_offsets_count_from_the_first_character(tmp_path: Path) -> None:
    file = _write(tmp_path, f"{TEXT}|||2    3    bod|||2    5    sym|||\r\n\n  前有空格。|||2    2    bod|||")
    first, second = cmeee.read_v1(Reading(file, "zh", "mine"))
    assert first.spans == (Span.of(2, 4, "bod"), Span.of(2, 6, "sym"))
    assert [span.mention(first.text) for span in first.spans] == ["肺部", "肺部炎症"]
    assert (second.text, second.spans[0].mention(second.text)) == ("  前有空格。", "前")
    assert (first.id, second.id) == ("file.txt:1", "file.txt:3")


def test_v1_lines_without_annotations_are_texts(tmp_path: Path) -> None:
    first, second = cmeee.read_v1(Reading(_write(tmp_path, f"{TEXT}\n{TEXT}|||\n"), "zh", "mine"))
    assert (first.text, first.spans, second.text, second.spans) == (TEXT, (), TEXT, ())


def test_an_annotation_without_characters_is_counted(tmp_path: Path) -> None:
    (document,) = cmeee.read_v1(Reading(_write(tmp_path, f"{TEXT}|||3    2    bod|||2    3    bod|||"), "zh", "mine"))
    assert document.spans == (Span.of(2, 4, "bod"),)
    assert document.meta[DROPPED] == {"empty extent": 1}


@pytest.mark.parametrize(
    "annotation",
    ["2    x    bod", f"2    {'9' * 5000}    bod", "2    3", "2    9    bod", "4    2    bod", "-1    2    bod"],
)
def test_v1_names_the_line_of_a_bad_annotation(tmp_path: Path, annotation: str) -> None:
    file = _write(tmp_path, f"{TEXT}|||\n{TEXT}|||{annotation}|||\n")
    with pytest.raises(DataError) as caught:
        list(cmeee.read_v1(Reading(file, "zh", "mine")))
    assert f"{file}:2" in caught.value.where
    assert caught.value.mend


def _record(start: int, end: int, entity: str) -> dict[str, object]:
    return {"text": TEXT, "entities": [{"start_idx": start, "end_idx": end, "type": "bod", "entity": entity}]}


def test_v2_reads_a_list_and_checks_the_mention(tmp_path: Path) -> None:
    (document,) = cmeee.read_v2(Reading(_write(tmp_path, json.dumps([_record(2, 3, "肺部")])), "zh", "mine"))
    assert (document.id, document.spans) == ("file.txt#1", (Span.of(2, 4, "bod"),))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([_record(2, 4, "肺部")], "is not at [2, 4]"),
        ([{"entities": []}], "'text'"),
        ([{"text": TEXT, "entities": {}}], "'entities'"),
        ([{"text": TEXT, "entities": [{"start_idx": True, "end_idx": 1}]}], "'start_idx'"),
        ({"text": TEXT}, "'entities'"),
        ("text", "not a JSON object"),
    ],
)
def test_v2_names_a_malformed_record(tmp_path: Path, value: object, words: str) -> None:
    file = _write(tmp_path, json.dumps(value))
    with pytest.raises(DataError) as caught:
        list(cmeee.read_v2(Reading(file, "zh", "mine")))
    assert str(file) in caught.value.where
    assert words in caught.value.what


def test_v2_that_is_not_json_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not JSON"):
        list(cmeee.read_v2(Reading(_write(tmp_path, "[{"), "zh", "mine")))


def test_annotations_that_are_wrong_are_left_out_under_repair(tmp_path: Path) -> None:
    reading = Reading(_write(tmp_path, f"{TEXT}|||2    x    bod|||2    3    bod|||"), "zh", "mine", "repair")
    (document,) = cmeee.read_v1(reading)
    assert (document.spans, len(reading.touched)) == ((Span.of(2, 4, "bod"),), 1)
    record = {"text": TEXT, "entities": [{}, *_record(2, 3, "肺部")["entities"]]}  # type: ignore[misc]
    reading = Reading(_write(tmp_path, json.dumps([record])), "zh", "mine", "repair")
    (document,) = cmeee.read_v2(reading)
    assert (document.spans, len(reading.touched)) == ((Span.of(2, 4, "bod"),), 1)


def test_v1_writes_blanks_for_what_would_end_a_text(tmp_path: Path) -> None:
    spans = (Span.of(5, 6, "x"), Span.of(5, 6, "two words"), Span(((0, 1), (5, 6)), "x"))
    lost = cmeee.write_v1(tmp_path / "file", [Document("1", "a|||\nb|", "zh", spans)])
    assert lost == {ID: 1, BLANKED: 5, LABEL: 1, DISCONTINUOUS: 1}
    assert (tmp_path / "file").read_text(encoding="utf-8") == "a    b |||5    5    x|||\n"


def test_v2_writes_a_list_with_ids_and_mentions(tmp_path: Path) -> None:
    document = Document("7", TEXT, "zh", (Span.of(2, 4, "bod", 0.5),), "", {"page": 1})
    assert cmeee.write_v2(tmp_path / "file", [document]) == {META: 1, SCORE: 1}
    assert json.loads((tmp_path / "file").read_text(encoding="utf-8")) == [{"id": "7", **_record(2, 3, "肺部")}]
    assert cmeee.write_v2(tmp_path / "file", []) == {}
    assert list(cmeee.read_v2(Reading(tmp_path / "file", "zh", "mine"))) == []


@st.composite
def _annotated(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(st.text(st.sampled_from("肺炎aβ𠮷 ，。1"), min_size=1, max_size=20).filter(str.strip))
    offsets = st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text)))
    pairs = draw(st.lists(offsets.filter(lambda pair: pair[0] < pair[1]), max_size=5))
    return text, [Span.of(start, end, "dis") for start, end in pairs]


@given(st.lists(_annotated(), max_size=5))
@settings(deadline=None, max_examples=40)
def test_both_formats_give_back_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, cases: list[tuple[str, list[Span]]]
) -> None:
    folder = tmp_path_factory.mktemp("cmeee")
    lines = (text + "|||" + "".join(f"{s.start}    {s.end - 1}    dis|||" for s in spans) for text, spans in cases)
    first = cmeee.read_v1(Reading(_write(folder, "\n".join(lines)), "zh", "mine"))
    assert [(document.text, list(document.spans)) for document in first] == cases
    records = [
        {
            "text": text,
            "entities": [
                {"start_idx": s.start, "end_idx": s.end - 1, "type": "dis", "entity": text[s.start : s.end]}
                for s in spans
            ],
        }
        for text, spans in cases
    ]
    second = cmeee.read_v2(Reading(_write(folder, json.dumps(records, ensure_ascii=False)), "zh", "mine"))
    assert [(document.text, list(document.spans)) for document in second] == cases
