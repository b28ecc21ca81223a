"""Loading a model folder: only a folder that says what it is gets loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.errors import ModelError
from bioner.files import write_json
from bioner.predictors import MANIFEST, load_predictor, read_manifest


def test_the_manifest_of_a_model_folder(tmp_path: Path) -> None:
    write_json(tmp_path / MANIFEST, {"format": 1, "family": "tagger"})
    assert read_manifest(f"path:{tmp_path}") == (tmp_path, {"format": 1, "family": "tagger"})


@pytest.mark.parametrize(
    ("content", "what"),
    [(None, "not a model of this project"), ('{"family": "crf"}', "unknown model family 'crf'"), ("{", "not JSON")],
)
def test_another_folder_is_a_model_error(tmp_path: Path, content: str | None, what: str) -> None:
    if content is not None:
        (tmp_path / MANIFEST).write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=what):
        load_predictor(f"path:{tmp_path}")


def test_a_model_on_a_hub_is_no_model_of_this_project() -> None:
    with pytest.raises(ModelError, match="not a model of this project") as caught:
        load_predictor("hf:bert-base-uncased")
    assert caught.value.mend
