"""The tagger as a teacher: its manifest follows the folder, and a changed folder is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bioner.config.teacher import SelfConsistency
from bioner.entity_types import EntityTypes
from bioner.errors import ModelError
from bioner.files import hash_tree, write_json
from bioner.tagger.predictor import TaggerPredictor
from bioner.tagger.sampling import Sampling
from bioner.teacher.tagger import check_tagger, describe_tagger, open_tagger

TYPES = EntityTypes.of_words(["drug"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder as the tagger's training leaves it, weights aside."""
    write_json(tmp_path / "model/bioner.json", {"format": 1, "family": "tagger", "base": "package:b", "prompt": "p"})
    (tmp_path / "model/adapter.safetensors").write_bytes(b"weights")
    return tmp_path / "model"


def test_describes_the_model_as_it_lies_there(folder: Path) -> None:
    manifest = describe_tagger(f"path:{folder}", TYPES, 0.5)
    assert (manifest.base, manifest.prompt, manifest.min_score) == ("package:b", "p", 0.5)
    assert manifest.content == hash_tree(folder)
    assert describe_tagger(f"path:{folder}", TYPES, 0.5) == manifest


def test_sampling_makes_another_teacher(folder: Path) -> None:
    plain = describe_tagger(f"path:{folder}", TYPES, 0.5)
    sampled = describe_tagger(f"path:{folder}", TYPES, 0.5, SelfConsistency(samples=5, temperature=0.7))
    assert sampled.sampling == {"samples": 5, "temperature": 0.7}
    assert sampled.annotator != plain.annotator


def test_the_tagger_is_opened_as_its_manifest_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = TaggerPredictor(None, TYPES, 0.4, 100, selector=False)  # type: ignore[arg-type]
    monkeypatch.setattr("bioner.teacher.tagger.load_predictor", lambda _: predictor)
    assert open_tagger(describe_tagger(f"path:{folder}", TYPES, 0.5), 7, 1) is predictor
    sampling = SelfConsistency(samples=5, temperature=0.7)
    opened = open_tagger(describe_tagger(f"path:{folder}", TYPES, 0.5, sampling), 7, 1)
    assert opened == replace(predictor, sampling=Sampling(5, 0.7, 7))


def test_accepts_the_model_it_described(folder: Path) -> None:
    check_tagger(describe_tagger(f"path:{folder}", TYPES, 0.5))


def test_refuses_a_changed_model(folder: Path) -> None:
    manifest = describe_tagger(f"path:{folder}", TYPES, 0.5)
    (folder / "adapter.safetensors").write_bytes(b"weightz")
    with pytest.raises(ModelError, match="not the one that its manifest was written for") as caught:
        check_tagger(manifest)
    assert "dvc checkout" in caught.value.mend


def test_refuses_a_model_that_is_gone(folder: Path) -> None:
    manifest = describe_tagger(f"path:{folder}", TYPES, 0.5)
    (folder / "bioner.json").unlink()
    with pytest.raises(ModelError):
        check_tagger(manifest)


def test_refuses_another_family(folder: Path) -> None:
    write_json(folder / "bioner.json", {"format": 1, "family": "gliner"})
    with pytest.raises(ModelError, match="gliner"):
        describe_tagger(f"path:{folder}", TYPES, 0.5)


def test_refuses_a_tagger_of_unknown_prompt(folder: Path) -> None:
    write_json(folder / "bioner.json", {"format": 1, "family": "tagger", "base": "package:b"})
    with pytest.raises(ModelError, match="which prompt"):
        describe_tagger(f"path:{folder}", TYPES, 0.5)


def test_refuses_an_empty_place(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="points at nothing"):
        describe_tagger(f"path:{tmp_path}/none", TYPES, 0.5)
