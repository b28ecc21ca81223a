"""Objects are found in any layout of a file, and a malformed one costs no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.corpora import json_objects
from bioner.corpora.json_objects import objects
from bioner.corpora.reading import Reading
from bioner.errors import DataError

VALUES = st.dictionaries(st.text('ab{}[]"\\,', max_size=4), st.text('ab{}[]"\\,\n', max_size=6) | st.just([{}]))
LAYOUTS = {
    "lines": lambda records: "\n".join(map(json.dumps, records)),
    "spaced lines": lambda records: "\n\n".join(map(json.dumps, records)) + "\n",
    "list": json.dumps,
    "list by line": lambda records: "[\n" + ",\n".join(map(json.dumps, records)) + "\n]\n",
    "indented list": lambda records: json.dumps(records, indent=2),
    "list without indent": lambda records: json.dumps(records, indent=0),
    "indented objects": lambda records: "\n".join(json.dumps(record, indent=1) for record in records),
}


def _texts(file: Path, text: str, mode: str = "skip") -> list[str]:
    file.write_text(text, encoding="utf-8", newline="")
    blocks = objects(Reading(file, "en", "mine", mode))
    return ["!" if any(line.problem for line in block) else "\n".join(line.text for line in block) for block in blocks]


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@given(records=st.lists(VALUES, max_size=5))
def test_every_layout_gives_the_same_objects(tmp_path_factory, layout: str, records) -> None:
    file = tmp_path_factory.getbasetemp() / "objects.json"
    assert [json.loads(text) for text in _texts(file, LAYOUTS[layout](records))] == records


@pytest.mark.parametrize("layout", ["lines", "list by line"])
@pytest.mark.parametrize("broken", [0, 1, 3])
def test_an_object_that_never_closes_costs_no_other(tmp_path: Path, layout: str, broken: int) -> None:
    lines = LAYOUTS[layout]([{"a": number, "b": {}} for number in range(4)]).split("\n")
    index = broken + (layout == "list by line")
    lines[index] = lines[index].replace("{}", "{")
    found = _texts(tmp_path / "x.json", "\n".join(lines))
    assert len(found) == 4
    assert [json.loads(text)["a"] for n, text in enumerate(found) if n != broken] == [
        n for n in range(4) if n != broken
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("[]", []),
        ('[{"a": 1}', ['{"a": 1}', "!"]),
        ('{"a": 1}]', ['{"a": 1}', "!"]),
        ('{"a": 1} and {"b": 2}', ['{"a": 1}', " and ", '{"b": 2}']),
        ("[1, 2]", ["[1, 2]"]),
        ('[\n {"a":\n  1}, {"b"', ['{"a":\n  1}', '{"b"']),
    ],
)
def test_nothing_between_objects_is_passed_over(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert _texts(tmp_path / "x.json", text) == expected


def test_a_line_that_cannot_be_read_is_within_its_object(tmp_path: Path) -> None:
    assert _texts(tmp_path / "x.json", '{\n"a": "\0"}\n{\n"b":\n2}') == ["!"]
    assert _texts(tmp_path / "x.json", '{"a": "\0"}\n{"b": 2}') == ["!", '{"b": 2}']


def test_an_object_that_goes_on_and_on_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_objects, "_LONGEST", 1000)
    with pytest.raises(DataError, match="longer than 1,000 characters"):
        _texts(tmp_path / "x.json", '[{"a":\n' + "[\n" * 2000)
