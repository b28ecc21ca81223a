"""The text a model was trained on: from the workspace while it is the same, else from DVC's cache, else told."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from bioner.documents import Document, write_documents
from bioner.drift import reference
from bioner.drift.reference import find_reference
from bioner.errors import DataError
from bioner.tracking.provenance import dvc_hash


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with text of two languages, of which one document is held out."""
    write_documents(
        tmp_path / "data/train/a.jsonl",
        [
            Document("1", "One.", "en"),
            Document("2", "Two.", "en", meta={"held_out": True}),
            Document("3", "三。", "zh"),
        ],
    )
    write_documents(tmp_path / "data/dev/a.jsonl", [Document("4", "Four.", "en")])
    write_documents(tmp_path / "data/test/a.jsonl", [Document("5", "Five.", "en")])
    write_documents(tmp_path / "data/curated.jsonl", [Document("6", "Six.", "en")])
    return tmp_path


def _ids(found: reference.Reference, files: reference.Files) -> list[str]:
    return [document.id for document in found.documents(files)]


def test_what_the_workspace_trains_on(workspace: Path) -> None:
    train = find_reference("path:model", "train", workspace)
    assert _ids(train, train.text) == ["1", "3"]
    assert _ids(train, train.held_out) == ["4"]
    unlabelled = find_reference("path:model", "unlabelled", workspace)
    assert _ids(unlabelled, unlabelled.text) == ["6"]
    assert not unlabelled.held_out
    chinese = find_reference("path:model", "train", workspace, "zh")
    assert _ids(chinese, chinese.text) == ["3"]
    assert chinese.described == f"the zh train text of the workspace {workspace.name}"


def test_no_text_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the train text of the workspace"):
        find_reference("path:model", "train", tmp_path)


def test_a_version_has_the_text_of_its_own_time(tiny_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tiny_project / "data/train/a.jsonl"
    write_documents(file, [Document("then", "Then.", "en")])
    value = dvc_hash(file)
    subject = SimpleNamespace(
        name="bioner-gliner/1", workspace=tiny_project, outputs={"data/train/a.jsonl": value, "models/x": "0"}
    )
    monkeypatch.setattr(reference, "find", lambda *_: subject)
    found = find_reference("mlflow:models:/bioner-gliner/1", "train", tiny_project)
    assert _ids(found, found.text) == ["then"]
    kept = tiny_project / ".dvc/cache/files/md5" / value[:2] / value[2:]
    kept.parent.mkdir(parents=True)
    kept.write_bytes(file.read_bytes())
    write_documents(file, [Document("now", "Now.", "en")])
    assert _ids(found, found.text) == ["then"]
    kept.unlink()
    with pytest.raises(DataError, match=value):
        _ids(found, found.text)
