"""XML files are read record by record, and as a whole; the hostile ones are among the tests of PubMed files."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.corpora import gzipped
from bioner.corpora.reading import Reading
from bioner.corpora.xml_records import REST_LEFT_OUT, name, read_records, read_root
from bioner.errors import DataError


def _file(folder: Path, text: str) -> Path:
    file = folder / "file.xml"
    file.write_text(text, encoding="utf-8")
    return file


def test_records_are_whole_and_know_their_line_and_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzipped, "_CHUNK", 7)
    text = '<r xmlns="urn:x"><!-- no record -->\n<a k="1">one <b>two</b> 肝</a>\n<c/>\n</r>'
    records = list(read_records(Reading(_file(tmp_path, text), "en", "mine")))
    assert [(record.line, name(record.element)) for record in records] == [(2, "a"), (3, "c")]
    assert "".join(records[0].element.itertext()) == "one two 肝"
    assert records[0].element.get("k") == "1"


def test_the_root_keeps_all_that_is_in_it(tmp_path: Path) -> None:
    root = read_root(Reading(_file(tmp_path, "<r><a>1</a><a>2</a></r>"), "en", "mine"))
    assert [child.text for child in root] == ["1", "2"]


@pytest.mark.parametrize("mode", ["skip", "repair"])
def test_records_before_damage_are_kept(tmp_path: Path, mode: str) -> None:
    reading = Reading(_file(tmp_path, "<r>\n<a/>\n<b/>\n<c></b></r>"), "en", "mine", mode)
    assert [name(record.element) for record in read_records(reading)] == ["a", "b"]
    (touched,) = reading.touched
    assert (touched.where, touched.done) == (f"{reading.path}:4", REST_LEFT_OUT)


def test_a_root_that_is_damaged_is_an_error_with_its_line(tmp_path: Path) -> None:
    file = _file(tmp_path, "<r>\n<a>")
    with pytest.raises(DataError, match="not XML: no element found") as caught:
        read_root(Reading(file, "en", "mine", "repair"))
    assert caught.value.where == f"{file}:2"
