"""A local model as a teacher, stage by stage: its manifest, every text accounted for, the same bytes again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from bioner.config import Params, parse_params
from bioner.documents import Document, read_documents, write_documents
from bioner.errors import ConfigError, GateError, ModelError
from bioner.files import read_json
from bioner.stages import distill, layout, teacher
from bioner.stages.context import Context
from bioner.teacher.annotation import Answered
from bioner.teacher.chunks import Text
from bioner.teacher.local import section
from bioner.teacher.local_teacher import LocalTeacher
from bioner.teacher.manifest import TeacherManifest

TEXTS = tuple(f"Patient {number} had acute asthma and took aspirin ." for number in range(5))


class Project:
    """A workspace with curated texts, whose teacher is a local model."""

    def __init__(self, base: dict[str, Any], folder: Path) -> None:
        self.base = base | {"types": {name: base["types"][name] for name in ("drug", "disease")}}
        self.local: dict[str, Any] = {"model": f"path:{folder}", "batch_size": 2, "max_tokens": 40, "max_failed": 1.0}
        self.more: dict[str, Any] = {}

    @property
    def params(self) -> Params:
        given = {"backend": "local", "min_score": 0.5, **self.more, "local": self.local}
        return parse_params({**self.base, "teacher": given, "threads": 1}, "params.yaml")

    def describe(self) -> TeacherManifest:
        teacher.run(Context("teacher", None, self.params))
        return TeacherManifest.read(layout.TEACHER)

    def distill(self) -> dict[str, Any]:
        """The metrics of the stage."""
        distill.run(Context("distill", None, self.params))
        metrics: dict[str, Any] = read_json(layout.metrics("distill"))
        return metrics


@pytest.fixture
def project(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_chat: Path) -> Project:
    monkeypatch.chdir(tmp_path)
    write_documents(layout.CURATED, [Document(f"d{n}", text, "en") for n, text in enumerate([*TEXTS, TEXTS[0]])])
    base = yaml.safe_load((repository / "params.yaml").read_text(encoding="utf-8"))
    return Project(base, shutil.copytree(tiny_chat, tmp_path / "model"))


@pytest.mark.slow
def test_every_text_is_accounted_for_and_again_costs_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = project.describe()
    project.more = {"sampling": {"samples": 2, "temperature": 1.0}}
    sampled = project.describe()
    assert sampled.hash != manifest.hash
    metrics = project.distill()
    documents = list(read_documents(layout.DISTILLED))
    assert len(documents) + sum(metrics["failed"].values()) == 6
    assert {document.meta["teacher"] for document in documents} <= {sampled.hash}
    before = layout.DISTILLED.read_bytes(), layout.metrics("distill").read_bytes()
    if not metrics["failed"]:
        monkeypatch.setattr(LocalTeacher, "answers", None)
    project.distill()
    assert (layout.DISTILLED.read_bytes(), layout.metrics("distill").read_bytes()) == before


@pytest.mark.slow
def test_an_interrupted_run_ends_as_an_undisturbed_one(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.more = {"sampling": {"samples": 2, "temperature": 1.5}}
    project.describe()
    undisturbed = project.distill(), layout.DISTILLED.read_bytes()
    shutil.rmtree(layout.RECORDS)
    annotate = LocalTeacher.answers

    def interrupted(self: LocalTeacher, chunks: Iterator[Sequence[Text]]) -> Iterator[list[Answered]]:
        yield next(annotate(self, chunks))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(LocalTeacher, "answers", interrupted)
        project.distill()
    assert (project.distill(), layout.DISTILLED.read_bytes()) == undisturbed


def test_the_manifest_says_all_that_decides(project: Project) -> None:
    manifest = project.describe()
    assert project.describe() == manifest
    assert set(manifest.sampling["libraries"]) == {"llguidance", "torch", "transformers"}
    project.local["batch_size"] = 3
    assert project.describe() == manifest
    seen = {manifest.hash}
    for key, value in (("max_tokens", 41), ("task", "annotation"), ("grounding", {"occurrence": "first"})):
        project.local[key] = value
        seen.add(project.describe().hash)
    folder = Path(project.local["model"].removeprefix("path:"))
    (folder / "README.md").write_text("not what it says\n", encoding="utf-8")
    before = project.describe()
    (folder / "chat_template.jinja").write_text("{{ messages[0]['content'] }}", encoding="utf-8")
    seen |= {before.hash, project.describe().hash}
    assert len(seen) == 5


def test_another_model_than_that_of_the_manifest_is_refused(project: Project) -> None:
    project.describe()
    (Path(project.local["model"].removeprefix("path:")) / "chat_template.jinja").unlink()
    with pytest.raises(ModelError, match="not the one of its manifest"):
        project.distill()


def test_a_folder_without_weights_is_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    project.local["model"] = f"path:{tmp_path / 'empty'}"
    with pytest.raises(ModelError, match="no weights"):
        project.describe()


def test_too_many_texts_without_an_answer_stop_the_run(project: Project) -> None:
    project.local |= {"max_tokens": 3, "max_failed": 0.5}
    project.describe()
    with pytest.raises(GateError, match="no answer for 5 of 5 texts") as caught:
        project.distill()
    assert "teacher.local" in caught.value.mend
    assert read_json(layout.metrics("distill"))["failed"] == {"answer cut off": 6}
    assert not layout.DISTILLED.exists()


def test_a_section_belongs_to_its_backend(project: Project) -> None:
    with pytest.raises(ConfigError, match="belongs to `backend: local`"):
        parse_params({**project.base, "teacher": {"backend": "local", "min_score": 0.5}}, "params.yaml")
    tagger = parse_params({**project.base, "teacher": {"backend": "tagger", "min_score": 0.5}}, "params.yaml").teacher
    with pytest.raises(ConfigError, match="params have none"):
        section(tagger)
