"""The teacher's manifest: a round trip, stable bytes, and a hash that every part of it changes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bioner.entity_types import EntityTypes
from bioner.errors import ModelError
from bioner.teacher.manifest import TeacherManifest

TYPES = EntityTypes.of_words(["symptom", "disease", "drug"])
MANIFEST = TeacherManifest(
    "tagger", "path:models/tagger-selector", "p0", "k0", 0.5, TYPES, content="c0", base="package:base"
)
ENDPOINT = TeacherManifest("endpoint", "m", "p0", "k0", 0.5, TYPES, url="http://here/v1", sampling={"samples": 3})
CHANGES = [
    {"backend": "other"},
    {"model": "path:elsewhere"},
    {"content": "c1"},
    {"base": "hf:org/base"},
    {"prompt": "p1"},
    {"code": "k1"},
    {"url": "http://elsewhere/v1"},
    {"sampling": {"samples": 5, "temperature": 0.7}},
    {"types": EntityTypes.of_words(["symptom", "disease"])},
    {"types": EntityTypes.of_words(["disease", "symptom", "drug"])},
]


@pytest.mark.parametrize("manifest", [MANIFEST, ENDPOINT], ids=["tagger", "endpoint"])
def test_reads_what_it_wrote(tmp_path: Path, manifest: TeacherManifest) -> None:
    manifest.write(tmp_path / "teacher.json")
    assert TeacherManifest.read(tmp_path / "teacher.json") == manifest


def test_a_tagger_that_is_not_sampled_has_the_record_that_it_always_had() -> None:
    assert list(MANIFEST.to_record()) == [
        *("format", "backend", "model", "content", "base", "prompt", "code", "sampling", "types"),
    ]
    assert MANIFEST.to_record()["sampling"] == {"min_score": 0.5}
    assert "content" not in ENDPOINT.to_record()


def test_keeps_the_order_of_the_types(tmp_path: Path) -> None:
    MANIFEST.write(tmp_path / "teacher.json")
    assert TeacherManifest.read(tmp_path / "teacher.json").types.keys == ("symptom", "disease", "drug")


def test_equal_manifests_have_equal_bytes(tmp_path: Path) -> None:
    MANIFEST.write(tmp_path / "one.json")
    TeacherManifest.read(tmp_path / "one.json").write(tmp_path / "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_every_part_changes_both_hashes(change: dict[str, object]) -> None:
    changed = replace(MANIFEST, **change)  # type: ignore[arg-type]
    assert changed.hash != MANIFEST.hash
    assert changed.annotator != MANIFEST.annotator


def test_the_least_score_changes_the_teacher_but_not_what_it_says() -> None:
    stricter = replace(MANIFEST, min_score=0.9)
    assert stricter.hash != MANIFEST.hash
    assert stricter.annotator == MANIFEST.annotator


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "No such file"), ("{", "not JSON"), ("[]", "of format 1"), (json.dumps({"format": 2}), "of format 1")],
)
def test_refuses_what_is_no_manifest(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "teacher.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=message) as caught:
        TeacherManifest.read(path)
    assert str(path) in str(caught.value)
    assert caught.value.mend
