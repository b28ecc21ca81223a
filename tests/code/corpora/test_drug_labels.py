"""Tests of the importer of drug labels, on an invented label in the public schema (SPL, HL7 v3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.corpora import drug_labels
from bioner.corpora.reading import Reading
from bioner.corpora.sections import SECTIONS
from bioner.errors import DataError

LABEL = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet href="spl.xsl" type="text/xsl"?>
<document xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <id root="aaaa-1"/>
  <code code="34391-3" codeSystem="2.16.840.1.113883.6.1"/>
  <title>INVENTOL<br/>tablets</title>
  <setId root="bbbb-2"/>
  <versionNumber value="7"/>
  <component><structuredBody>
    <component><section>
      <code code="48780-1"/>
      <subject><manufacturedProduct><name>Inventol</name></manufacturedProduct></subject>
    </section></component>
    <component><section>
      <code code="34067-9"/>
      <title>1 INDICATIONS</title>
      <text><paragraph>For <content styleCode="italics">imagined</content>
        pain<sup>1</sup>.</paragraph><list><item>in cats</item><item><caption>-</caption>in dogs</item></list></text>
      <excerpt><highlight><text><paragraph>Repeated.</paragraph></text></highlight></excerpt>
      <component><section>
        <code code="42229-5"/>
        <title>1.1 More</title>
        <text><table><tbody><tr><td>Dose</td><td>5 mg</td></tr><tr><td>Twice</td></tr></tbody></table></text>
      </section></component>
    </section></component>
  </structuredBody></component>
</document>
"""


def test_the_text_is_that_of_all_sections_in_order(tmp_path: Path) -> None:
    file = tmp_path / "label.xml"
    file.write_text(LABEL, encoding="utf-8")
    (document,) = drug_labels.read(Reading(file, "en", "dailymed"))
    assert document.id == "bbbb-2"
    assert document.meta["version"] == "7"
    assert [(part["label"], document.text[part["start"] : part["end"]]) for part in document.meta[SECTIONS]] == [
        ("TITLE", "INVENTOL\ntablets"),
        ("34067-9", "1 INDICATIONS\nFor imagined pain1.\nin cats\n-\nin dogs"),
        ("42229-5", "1.1 More\nDose 5 mg\nTwice"),
    ]


def test_a_folder_is_all_labels_below_it_and_a_broken_one_is_one_record(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name, text in [("a.xml", LABEL), ("b/c.XML", LABEL.replace("bbbb-2", "cccc-3")), ("b/d.xml", LABEL[:900])]:
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "picture.jpg").write_bytes(b"\xff")
    reading = Reading(tmp_path, "en", "dailymed", "skip")
    assert [document.id for document in drug_labels.read(reading)] == ["bbbb-2", "cccc-3"]
    assert [touched.where.rpartition(":")[0] for touched in reading.touched] == [str(tmp_path / "b/d.xml")]
    with pytest.raises(DataError, match="not XML"):
        list(drug_labels.read(Reading(tmp_path, "en", "dailymed")))


@pytest.mark.parametrize(
    "text",
    [
        LABEL.replace("urn:hl7-org:v3", "urn:other"),
        LABEL.replace('<setId root="bbbb-2"/>', ""),
        LABEL.replace("<document", "<letter").replace("</document", "</letter"),
    ],
)
def test_what_is_no_label_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "label.xml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="no drug label") as caught:
        list(drug_labels.read(Reading(file, "en", "dailymed")))
    assert caught.value.where == str(file)


def test_a_folder_without_labels_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file \.xml"):
        list(drug_labels.read(Reading(tmp_path, "en", "dailymed")))
