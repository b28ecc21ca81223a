"""Tests of the importer of clinical trials, on invented studies in the public schema (API v2)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bioner.corpora import clinical_trials, json_objects
from bioner.corpora.reading import Reading
from bioner.corpora.sections import SECTIONS
from bioner.errors import DataError


def _study(number: int = 1, **protocol: Any) -> dict[str, Any]:
    sections = {
        "identificationModule": {"nctId": f"NCT{number:08}", "briefTitle": 'Of invented {braces} and "quotes"'},
        "descriptionModule": {
            "briefSummary": "Does inventol\nhelp at p \\< 0.05?",
            "detailedDescription": "It may.\n\n* Perhaps.",
        },
        "armsInterventionsModule": {
            "armGroups": [
                {"label": "Inventol", "type": "EXPERIMENTAL", "description": "5 mg\ntwice", "interventionNames": ["x"]},
                {"label": "Placebo"},
            ],
        },
    }
    return {"protocolSection": {key: value for key, value in (sections | protocol).items() if value is not None}}


def _write(folder: Path, text: str, name: str = "studies.json") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def _ids(file: Path) -> list[str]:
    return [document.id for document in clinical_trials.read(Reading(file, "en", "trials"))]


def test_a_study_gives_its_description_and_its_arms(tmp_path: Path) -> None:
    file = _write(tmp_path, json.dumps(_study()))
    description, arms = clinical_trials.read(Reading(file, "en", "trials"))
    assert (description.id, arms.id) == ("NCT00000001/description", "NCT00000001/arms")
    assert description.text == "Does inventol\nhelp at p < 0.05?\nIt may.\n* Perhaps."
    assert [part["label"] for part in description.meta[SECTIONS]] == ["briefSummary", "detailedDescription"]
    assert arms.text == "Inventol: 5 mg twice\nPlacebo"
    assert [part["label"] for part in arms.meta[SECTIONS]] == ["EXPERIMENTAL", ""]


@pytest.mark.parametrize(
    "layout",
    [
        json.dumps([_study(1), _study(2)]),
        json.dumps([_study(1), _study(2)], indent=2),
        json.dumps(_study(1)) + "\n\n" + json.dumps(_study(2)) + "\n",
        json.dumps(_study(1), indent=1) + "\n" + json.dumps(_study(2), indent=1),
        json.dumps({"studies": [_study(1), _study(2)], "nextPageToken": "x"}),
        json.dumps({"studies": [_study(1), _study(2)]}, indent=2),
    ],
)
def test_all_layouts_of_a_file_give_the_same(tmp_path: Path, layout: str) -> None:
    two = [f"NCT0000000{number}/{part}" for number in (1, 2) for part in ("description", "arms")]
    assert _ids(_write(tmp_path, layout)) == two


def test_a_folder_is_all_studies_below_it(tmp_path: Path) -> None:
    for number in (2, 1):
        _write(tmp_path, json.dumps(_study(number, armsInterventionsModule=None)), f"NCT{number:08}.json")
    assert _ids(tmp_path) == ["NCT00000001/description", "NCT00000002/description"]


def test_a_file_of_a_folder_that_cannot_be_read_is_one_record(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes("[]".encode("utf-16"))
    _write(tmp_path, json.dumps(_study()), "b.json")
    reading = Reading(tmp_path, "en", "trials", "skip")
    assert len(list(clinical_trials.read(reading))) == 2
    assert [touched.where for touched in reading.touched] == [str(tmp_path / "a.json")]


@pytest.mark.parametrize(
    ("study", "words"),
    [
        ({"protocolSection": []}, "'protocolSection'"),
        (_study(identificationModule={"nctId": "NCT1"}), "'NCT1' is no NCT number"),
        (_study(descriptionModule=None), "'descriptionModule'"),
        (_study(descriptionModule={"briefSummary": 3}), "'briefSummary'"),
        (_study(armsInterventionsModule={"armGroups": {}}), "'armGroups'"),
        (_study(armsInterventionsModule={"armGroups": [{"type": "OTHER"}]}), "'label'"),
        ({"studies": None}, "'studies'"),
    ],
)
def test_a_malformed_study_is_named_and_the_next_one_is_read(tmp_path: Path, study: Any, words: str) -> None:
    file = _write(tmp_path, json.dumps([study, _study(9)], indent=1))
    with pytest.raises(DataError, match=words) as caught:
        _ids(file)
    assert caught.value.where.startswith(f"{file}:2")
    reading = Reading(file, "en", "trials", "skip")
    assert [document.id for document in clinical_trials.read(reading)][-2:] == [
        "NCT00000009/description",
        "NCT00000009/arms",
    ]
    assert len(reading.touched) == 1


STUDY = json.dumps(_study())


@pytest.mark.parametrize(
    ("text", "studies"),
    [
        (f"[{STUDY}, oops {STUDY}]", 2),
        (f"[{STUDY},\n {STUDY[:-30]}", 1),
        (f"[{STUDY},\n{STUDY}", 2),
        (f"{STUDY}\n{STUDY[:40]}\n{STUDY}", 2),
        ("[1, 2]", 0),
        ("[]]", 0),
    ],
)
def test_what_is_no_object_is_a_wrong_record(tmp_path: Path, text: str, studies: int) -> None:
    reading = Reading(_write(tmp_path, text), "en", "trials", "skip")
    assert len(list(clinical_trials.read(reading))) == 2 * studies
    assert len(reading.touched) == 1


def test_an_object_that_goes_on_and_on_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_objects, "_LONGEST", 1000)
    with pytest.raises(DataError, match="longer than 1,000 characters"):
        _ids(_write(tmp_path, '[{"a":\n' + "[\n" * 2000))


def test_an_empty_file_holds_no_study(tmp_path: Path) -> None:
    assert _ids(_write(tmp_path, "\n")) == []
