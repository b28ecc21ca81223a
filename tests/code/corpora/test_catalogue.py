"""Tests of the catalogue and of putting an entry into the params without touching anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bioner.config import load_params
from bioner.corpora.catalogue import entries, with_entry
from bioner.errors import ConfigError
from bioner.files import write_json

ENTRY: dict[str, Any] = {"path": "../corpora/x", "format": "text", "language": "en", "splits": {"unlabelled": "a.txt"}}


def _added(text: str) -> str:
    result = with_entry(text, "mine", ENTRY, "params.yaml")
    expected = yaml.safe_load(text) or {}
    expected["corpora"] = (expected.get("corpora") or {}) | {"mine": ENTRY}
    assert yaml.safe_load(result) == expected
    kept = iter(result.split("\n"))
    assert all(line in kept for line in text.split("\n") if line)  # every line is there, in its order
    return result


@pytest.mark.parametrize("file", ["params.yaml", *(f"profiles/{name}.yaml" for name in ("ncbi", "bc5cdr", "cmeee"))])
def test_the_files_of_this_repository_keep_every_line(file: str, repository: Path) -> None:
    text = (repository / file).read_text(encoding="utf-8")
    assert len(_added(text).split("\n")) == len(text.split("\n")) + 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "seed: 1\n",
        "corpora:\n  a: {path: x}\n",
        "corpora:\n  a:\n    path: x",
        "corpora:\n    a:\n        path: x # why\n\n    # below\n\n# types\ntypes: {}\n",
        "corpora:\n  a: null\n\ntypes: 1\n",
        "corpora:\n  a:\n    licence: |\n      two\n      # lines\n    splits:\n      train: x\n# end\n",
        "corpora:\n  a:\n    notes:\n      - 1\n      - 2\n\n\nseed: 2\n",
    ],
)
def test_layouts(text: str) -> None:
    _added(text)


def test_the_entry_comes_before_the_comment_of_the_next_key() -> None:
    result = _added("corpora:\n  a: {path: x}\n\n# the types\ntypes: {}\n")
    assert result.index("mine:") < result.index("# the types")


@pytest.mark.parametrize("text", ["corpora: {a: {path: x}}\n", "corpora: {}\n"])
def test_a_layout_that_cannot_be_added_to_is_named_with_the_entry(text: str) -> None:
    with pytest.raises(ConfigError, match="laid out") as caught:
        with_entry(text, "mine", ENTRY, "params.yaml")
    assert "mine:" in caught.value.mend


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(ConfigError, match="already"):
        with_entry("corpora:\n  mine: null\n", "mine", ENTRY, "params.yaml")


def test_entries_tell_what_is_there_and_what_was_ingested(tmp_path: Path, repository: Path) -> None:
    params = load_params(repository / "params.yaml")
    for split in ("train", "dev"):
        file = params.corpora["sample-en"].file(tmp_path / params.data_root, split)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    write_json(tmp_path / "metrics/sample-en.json", {"train": {"documents": 3}, "dropped": {}})
    found = {entry.name: entry for entry in entries(params, tmp_path, tmp_path / "metrics")}
    assert list(found) == list(params.corpora)
    assert found["sample-en"].missing == ("test",)
    assert found["sample-en"].figures == {"train": {"documents": 3}}
    assert found["sample-zh"].missing == ("train", "dev", "test")
    assert found["sample-text-en"].splits == {"unlabelled": str(tmp_path / "data/sample/en/unlabelled.txt")}
    assert found["sample-en"].to_record()["licence"] == "Apache-2.0"
