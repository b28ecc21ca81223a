"""Workspaces: found from anywhere within, composed from params and profile, and never half up to date."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from bioner.config import read_yaml
from bioner.errors import ConfigError
from bioner.pipeline.workspace import Workspace, find_project, open_workspace


@pytest.fixture
def project(tmp_path: Path, repository: Path) -> Path:
    """A project as far as workspaces see it: params, pipeline, a `.dvc` folder and one profile."""
    root = tmp_path / "project"
    (root / ".dvc").mkdir(parents=True)
    (root / "profiles").mkdir()
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(repository / name, root)
    profile(root, "ncbi", {"seed": 5, "data_root": "../corpora"})
    return root


def profile(project: Path, name: str, overlay: object) -> None:
    (project / "profiles" / f"{name}.yaml").write_text(yaml.safe_dump(overlay), encoding="utf-8")


def test_the_project_is_found_from_any_folder_within(project: Path) -> None:
    deep = project / "src" / "deep"
    deep.mkdir(parents=True)
    open_workspace(project, "ncbi")
    assert find_project(deep) == find_project(project / "workspaces" / "ncbi") == project
    assert open_workspace(deep) == Workspace(project)


def test_outside_of_a_project_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not a BioNER project") as caught:
        open_workspace(tmp_path)
    assert caught.value.where == str(tmp_path)


def test_the_projects_own_workspace_is_the_project(project: Path) -> None:
    workspace = open_workspace(project)
    assert workspace.root == project
    assert workspace.option == ""
    assert workspace.params.seed == 13
    assert not (project / "workspaces").exists()


def test_a_profile_has_a_workspace_of_its_own_with_paths_from_there(project: Path) -> None:
    workspace = open_workspace(project, "ncbi")
    assert workspace.root == project / "workspaces" / "ncbi"
    assert workspace.state == workspace.root / ".bioner"
    assert workspace.option == " --profile ncbi"
    params = workspace.params
    assert params.seed == 5
    assert params.threads == open_workspace(project).params.threads
    assert (workspace.root / params.data_root).resolve() == project.parent / "corpora"
    assert (workspace.root / params.code).resolve() == project / "src" / "bioner"
    assert read_yaml(workspace.root / "dvc.yaml") == read_yaml(project / "dvc.yaml")
    assert (
        (workspace.root / "params.yaml").read_text(encoding="utf-8").startswith("# Made by `bioner run --profile ncbi`")
    )


def test_paths_hold_where_the_project_is_reached_through_a_link(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "deeper"
    other.mkdir(parents=True)
    (other / "link").symlink_to(project)
    workspace = open_workspace(other / "link", "ncbi", tmp_path / "data")
    assert (workspace.root / workspace.params.data_root).resolve() == tmp_path / "data"
    assert (workspace.root / workspace.params.code).resolve() == project / "src" / "bioner"


def test_the_data_root_given_once_is_remembered(project: Path, tmp_path: Path) -> None:
    open_workspace(project, "ncbi", tmp_path / "mine")
    again = open_workspace(project, "ncbi")
    assert (again.root / again.params.data_root).resolve() == tmp_path / "mine"
    moved = open_workspace(project, "ncbi", tmp_path / "moved")
    assert (moved.root / moved.params.data_root).resolve() == tmp_path / "moved"


def test_a_data_root_needs_a_profile(project: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--data-root needs a --profile"):
        open_workspace(project, None, tmp_path)


def test_what_did_not_change_is_not_written_again(project: Path) -> None:
    workspace = open_workspace(project, "ncbi")
    before = [(workspace.root / name).stat().st_mtime_ns for name in ("params.yaml", "dvc.yaml")]
    open_workspace(project, "ncbi")
    assert [(workspace.root / name).stat().st_mtime_ns for name in ("params.yaml", "dvc.yaml")] == before
    profile(project, "ncbi", {"seed": 6})
    assert open_workspace(project, "ncbi").params.seed == 6


def test_a_null_in_a_profile_takes_a_corpus_away(project: Path) -> None:
    corpus = {"path": "NCBI", "format": "pubtator", "language": "en", "splits": {"train": "t.txt"}, "labels": None}
    profile(project, "ncbi", {"corpora": {"sample-en": None, "sample-zh": None, "ncbi": corpus}})
    params = open_workspace(project, "ncbi").params
    assert list(params.corpora) == ["sample-text-en", "sample-text-zh", "ncbi"]
    assert params.corpora["ncbi"].labels is None


@pytest.mark.parametrize("name", ["ncib", "../params", ""])
def test_an_unknown_profile_lists_the_known_ones(project: Path, name: str) -> None:
    profile(project, "bc5cdr", {})
    with pytest.raises(ConfigError, match="there is no profile") as caught:
        open_workspace(project, name)
    assert caught.value.mend == "known profiles: bc5cdr, ncbi"
    assert not (project / "workspaces").exists()


def test_a_mistake_in_a_profile_names_the_profile_and_leaves_the_workspace(project: Path) -> None:
    workspace = open_workspace(project, "ncbi")
    profile(project, "ncbi", {"tagger": {"stepz": 5}})
    with pytest.raises(ConfigError, match=r"unknown key tagger.stepz \(did you mean steps\?\)") as caught:
        open_workspace(project, "ncbi")
    assert caught.value.where == str(project / "profiles" / "ncbi.yaml")
    assert workspace.params.seed == 5


def test_a_profile_lies_over_the_one_it_extends(project: Path) -> None:
    corpus = {"path": "NCBI", "format": "pubtator", "language": "en", "splits": {"train": "t.txt"}}
    profile(project, "ncbi", {"seed": 5, "data_root": "../corpora", "corpora": {"ncbi": corpus, "sample-en": None}})
    profile(project, "copy", {"extends": "ncbi", "tagger": {"loss": "copy"}})
    profile(project, "copy-few", {"extends": "copy", "seed": 6, "corpora": {"ncbi": {"limit": {"train": 7}}}})
    params = open_workspace(project, "copy-few").params
    assert params.tagger.loss == "copy"
    assert params.seed == 6
    assert "sample-en" not in params.corpora
    assert params.corpora["ncbi"].limit == {"train": 7}
    assert params.corpora["ncbi"].path == "NCBI"  # below the data_root of the profile that names it
    assert open_workspace(project, "ncbi").params.seed == 5


def test_a_profile_that_extends_none_or_itself_is_refused(project: Path) -> None:
    profile(project, "one", {"extends": "nothing"})
    with pytest.raises(ConfigError, match="there is no profile 'nothing'"):
        open_workspace(project, "one")
    profile(project, "one", {"extends": "two"})
    profile(project, "two", {"extends": "one"})
    with pytest.raises(ConfigError, match="extends itself: one -> two -> one") as caught:
        open_workspace(project, "one")
    assert caught.value.where == str(project / "profiles" / "two.yaml")
