"""`bioner corpora add`: a corpus under DVC with an entry that works, or nothing at all."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bioner.cli.app import build
from bioner.cli.corpora import data
from bioner.config import load_params
from bioner.errors import BionerError, ConfigError, DataError, StageError

pytestmark = pytest.mark.slow

TRAIN = "7|t|A fever.\n7|a|Aspirin helped.\n7\t2\t7\tfever\tsymptom\tX\n"
TEST = "8|t|A rash.\n8|a|It went away.\n8\t2\t6\trash\tRash\tX\n"


@pytest.fixture
def project(tiny_project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A DVC project with a profile that looks for its corpora outside of it."""
    (tiny_project / "profiles").mkdir()
    (tiny_project / "profiles/other.yaml").write_text("data_root: ../elsewhere\n", encoding="utf-8")
    monkeypatch.chdir(tiny_project)
    return tiny_project


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "train.txt").write_text(TRAIN, encoding="utf-8")
    (folder / "test.txt").write_text(TEST, encoding="utf-8")
    return folder


BOTH = ("--split", "train=train.txt", "--split", "test=test.txt")


def add(*arguments: object) -> Any:
    """Run `bioner corpora add` in this process; what it tells as JSON."""
    command = ["corpora", "add", *map(str, arguments), "--json"]
    result = CliRunner().invoke(build(), command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def _state(project: Path) -> dict[str, str]:
    """All files that an `add` may touch, with their content."""
    files = [project / "params.yaml", *(project / "profiles").glob("*"), *(project / "data").rglob("*")]
    return {str(file): file.read_text(encoding="utf-8") for file in files if file.is_file()}


def test_a_folder_is_copied_tracked_and_named_in_the_params(project: Path, corpus: Path) -> None:
    before = (project / "params.yaml").read_text(encoding="utf-8")
    told = add(corpus, "--name", "mine", *BOTH, "--licence", "CC BY 4.0", "--source", "us", "--citation", "Us 2026")
    text = (project / "params.yaml").read_text(encoding="utf-8")
    added = load_params(project / "params.yaml").corpora["mine"]
    assert (added.format, added.language, added.licence, added.source, added.citation) == (
        ("pubtator", "en", "CC BY 4.0", "us", "Us 2026")
    )
    assert added.file(project / "data/sample", "test").read_text(encoding="utf-8") == TEST
    assert all(line in text for line in before.split("\n"))
    tracked = yaml.safe_load((project / "data/corpora/mine.dvc").read_text(encoding="utf-8"))
    assert told["hash"] == f"md5:{tracked['outs'][0]['md5']}"
    assert {split: figures["entities"] for split, figures in told["splits"].items()} == {"train": 1, "test": 1}
    assert told["labels_without_type"] == {"Rash": 1}
    assert not list((project / "data/corpora").glob("*.part"))


def test_the_entry_works_in_the_project_and_below_a_profile(project: Path, corpus: Path) -> None:
    from bioner.pipeline.workspace import open_workspace

    add(corpus, "--name", "mine", *BOTH)
    for profile in (None, "other"):
        workspace = open_workspace(project, profile)
        file = workspace.params.corpora["mine"].file(workspace.root / workspace.params.data_root, "train")
        assert file.read_text(encoding="utf-8") == TRAIN


def test_a_new_profile_is_made_for_it(project: Path, corpus: Path) -> None:
    from bioner.pipeline.workspace import open_workspace

    before = (project / "params.yaml").read_text(encoding="utf-8")
    told = add(corpus, "--name", "mine", *BOTH, "--profile", "new", "--label", "Rash=symptom")
    assert (project / "params.yaml").read_text(encoding="utf-8") == before
    workspace = open_workspace(project, "new")
    assert list(workspace.params.corpora) == ["mine"]
    assert workspace.params.corpora["mine"].labels == {"Rash": "symptom"}
    assert workspace.params.corpora["mine"].path == "mine"
    assert told["labels_without_type"] == {"symptom": 1}
    assert (workspace.root / workspace.params.data_root / "mine/train.txt").is_file()


def test_a_profile_that_looks_outside_still_finds_it(project: Path, corpus: Path) -> None:
    from bioner.pipeline.workspace import open_workspace

    told = add(corpus, "--name", "mine", *BOTH, "--profile", "other")
    workspace = open_workspace(project, "other")
    file = workspace.params.corpora["mine"].file(workspace.root / workspace.params.data_root, "test")
    assert file.read_text(encoding="utf-8") == TEST
    assert "outside the project" in told["notes"][0]
    open_workspace(project, "other", corpus / "deeper")
    with pytest.raises(ConfigError, match="--data-root"):
        add(corpus, "--name", "again", *BOTH, "--profile", "other")


def test_dvc_follows_the_entry_to_the_data(project: Path, corpus: Path) -> None:
    add(corpus, "--name", "mine", *BOTH)
    stage = {"cmd": "cat ${data_root}/${corpora.mine.path}/train.txt > out", "outs": ["out"]}
    stage["deps"] = ["${data_root}/${corpora.mine.path}"]
    (project / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"read": stage}}), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "dvc", "repro", "--quiet"], check=True, capture_output=True)
    assert (project / "out").read_text(encoding="utf-8") == TRAIN


def test_a_file_an_archive_and_a_single_split_of_it(project: Path, corpus: Path, tmp_path: Path) -> None:
    add(corpus / "train.txt", "--name", "one", "--split", "train")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as out:
        out.write(corpus / "train.txt", "inside/train.txt")
        out.write(corpus / "test.txt", "inside/test.txt")
    add(tmp_path / "two.zip", "--name", "two", "--split", "test=inside/test.txt", "--language", "en")
    corpora = load_params(project / "params.yaml").corpora
    assert corpora["one"].splits == {"train": "train.txt"}
    assert corpora["two"].splits == {"test": "inside/test.txt"}
    assert (project / "data/corpora/two/inside/train.txt").is_file()


def test_tables_keep_their_column_and_unlabelled_text_its_split(project: Path, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"id": "1", "body": "Some text."}\n', encoding="utf-8")
    add(tmp_path / "t.jsonl", "--name", "mine", "--split", "unlabelled")
    added = load_params(project / "params.yaml").corpora["mine"]
    assert (added.format, added.column, added.splits) == ("jsonl", "body", {"unlabelled": "t.jsonl"})


def test_records_that_are_wrong_stop_it_or_are_listed(project: Path, corpus: Path) -> None:
    (corpus / "train.txt").write_text(TRAIN + TEST.replace("rash\tRash", "spot\tRash"), encoding="utf-8")
    before = _state(project)
    with pytest.raises(DataError, match="is not at") as caught:
        add(corpus, "--name", "mine", *BOTH)
    assert caught.value.where == f"{corpus}/train.txt:6"  # the file that the user knows
    assert _state(project) == before
    told = add(corpus, "--name", "mine", *BOTH, "--on-error", "skip")
    assert [touched["done"] for touched in told["touched"]] == ["skipped the record"]
    assert load_params(project / "params.yaml").corpora["mine"].on_error == "skip"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["--name", "sample-en", *BOTH], ConfigError, "already"),
        (["--name", "a/b", *BOTH], ConfigError, "no name of a corpus"),
        (["--name", "mine"], ConfigError, "no split"),
        (["--name", "mine", "--split", "train"], ConfigError, "names no file"),
        (["--name", "mine", "--split", "valid=test.txt"], ConfigError, "no split"),
        (["--name", "mine", "--split", "train=missing.txt"], ConfigError, "there is no"),
        (["--name", "mine", "--split", "train=../incoming/test.txt"], ConfigError, "there is no"),
        (["--name", "mine", *BOTH, "--language", "de"], ConfigError, "no name in 'de'"),
        (["--name", "mine", *BOTH, "--label", "Rash"], ConfigError, "no LABEL=TYPE"),
        (["--name", "mine", *BOTH, "--label", "Rash=spots"], ConfigError, "'spots' is not one of the types"),
        (["--name", "mine", *BOTH, "--format", "conll"], DataError, "column"),
        (["--name", "mine", *BOTH, "--profile", "../x"], ConfigError, "no name of a profile"),
    ],
)
def test_a_mistake_leaves_everything_as_it_was(
    project: Path, corpus: Path, arguments: list[str], error: type[BionerError], words: str
) -> None:
    before = _state(project)
    with pytest.raises(error, match=words) as caught:
        add(corpus, *arguments)
    assert caught.value.mend
    assert _state(project) == before


def test_links_and_escaping_archives_are_refused(project: Path, corpus: Path, tmp_path: Path) -> None:
    before = _state(project)
    (corpus / "link.txt").symlink_to("/etc/hostname")
    with pytest.raises(DataError, match="a link or a device"):
        add(corpus, "--name", "mine", *BOTH)
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as out:
        out.writestr("../../evil.txt", "x")
    with pytest.raises(DataError, match="leads elsewhere"):
        add(tmp_path / "evil.zip", "--name", "mine", "--split", "train")
    with pytest.raises(DataError, match="no such file"):
        add(tmp_path / "missing", "--name", "mine", "--split", "train")
    assert _state(project) == before


def test_what_lies_in_its_place_is_not_touched(project: Path, corpus: Path) -> None:
    (project / "data/corpora/mine").mkdir(parents=True)
    (project / "data/corpora/mine/precious.txt").write_text("x", encoding="utf-8")
    before = _state(project)
    with pytest.raises(DataError, match="something in the place"):
        add(corpus, "--name", "mine", *BOTH)
    assert _state(project) == before


def test_a_refusal_of_dvc_takes_the_data_back(project: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise DataError("DVC: no room", where="dvc add", mend="make some")

    before = _state(project)
    monkeypatch.setattr(data, "_dvc", refuse)
    with pytest.raises(DataError, match="no room"):
        add(corpus, "--name", "mine", *BOTH)
    assert _state(project) == before


def test_an_entry_that_cannot_be_written_takes_the_data_back(
    project: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bioner.cli.corpora import entry

    def full(_path: Path) -> None:
        raise OSError(28, "No space left on device")

    before = _state(project)
    monkeypatch.setattr(entry, "atomic_write", full)
    with pytest.raises(OSError, match="No space"):
        add(corpus, "--name", "mine", *BOTH)
    assert _state(project) == before


def test_a_run_at_work_in_the_project_is_not_disturbed(project: Path, corpus: Path) -> None:
    from bioner.pipeline.exclusive import exclusive
    from bioner.pipeline.workspace import Workspace

    with exclusive(Workspace(project)), pytest.raises(StageError, match="another run"):
        add(corpus, "--name", "mine", *BOTH)


KILLED_AT = {
    "while it is copied": "import shutil; shutil.copyfile = die",
    "while it is read": "import bioner.corpora.statistics as s; s.Statistics.of = die",
    "before DVC has it": "import bioner.cli.corpora.data as d; d._dvc = die",
    "before the entry is written": "import bioner.cli.corpora.entry as e; e.atomic_write = die",
}


@pytest.mark.parametrize("place", KILLED_AT)
def test_killed_at_any_place_it_leaves_no_entry_and_can_be_repeated(project: Path, corpus: Path, place: str) -> None:
    code = (
        "import os, sys, signal\n"
        "def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"{KILLED_AT[place]}\n"
        "from bioner.cli import main\n"
        "main()\n"
    )
    before = (project / "params.yaml").read_text(encoding="utf-8")
    arguments = ["corpora", "add", str(corpus), "--name", "mine", *BOTH]
    killed = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (project / "params.yaml").read_text(encoding="utf-8") == before
    add(corpus, "--name", "mine", *BOTH)
    assert load_params(project / "params.yaml").corpora["mine"].splits == {"train": "train.txt", "test": "test.txt"}
    assert sorted(path.name for path in (project / "data/corpora").iterdir()) == [".gitignore", "mine", "mine.dvc"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a web server on the folder `served`."""
    (tmp_path / "served").mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served"))) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


def test_a_url_is_imported_so_that_dvc_knows_where_it_is_from(
    project: Path, corpus: Path, server: str, tmp_path: Path
) -> None:
    shutil.copy(corpus / "train.txt", tmp_path / "served")
    add(f"{server}/train.txt", "--name", "mine", "--split", "train")
    added = load_params(project / "params.yaml").corpora["mine"]
    assert added.source == f"{server}/train.txt"
    assert added.file(project / "data/sample", "train").read_text(encoding="utf-8") == TRAIN
    tracked = yaml.safe_load((project / "data/corpora/mine/train.txt.dvc").read_text(encoding="utf-8"))
    assert tracked["deps"][0]["path"] == f"{server}/train.txt"


def test_a_url_that_is_not_there_leaves_everything_as_it_was(project: Path, server: str) -> None:
    before = _state(project)
    for name in ("missing.txt", "missing.zip"):
        with pytest.raises(DataError, match="DVC"):
            add(f"{server}/{name}", "--name", "mine", "--split", "train")
        assert _state(project) == before


def test_an_archive_from_a_url_is_unpacked(project: Path, corpus: Path, server: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "served/a.zip", "w") as out:
        out.write(corpus / "train.txt", "train.txt")
    add(f"{server}/a.zip", "--name", "mine", "--split", "train")
    assert (project / "data/corpora/mine/train.txt").read_text(encoding="utf-8") == TRAIN
    assert sorted(path.name for path in (project / "data/corpora").iterdir()) == [".gitignore", "mine", "mine.dvc"]
