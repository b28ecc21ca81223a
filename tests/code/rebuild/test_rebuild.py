"""Rebuilding a registered version of a real pipeline: the same bytes, after a kill too, and every difference named."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import tampering as by
from audited import MODEL, REFERENCE, built
from typer.testing import CliRunner

from bioner.errors import BionerError, DataError, GateError, RegistryError, StageError
from bioner.files import hash_tree
from bioner.pipeline.record import Done, recorded
from bioner.pipeline.submit import KilledError, submit
from bioner.pipeline.workspace import Workspace
from bioner.rebuild import rebuild as module
from bioner.rebuild.rebuild import rebuild
from bioner.rebuild.verdict import Verdict

pytestmark = pytest.mark.slow

EVIDENCE = ".bioner/mlartifacts/**/evidence/*"
QUICK = ("finetune", "ingest")  # given: only the evaluation runs


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Iterator[Path]:
    """A workspace whose model was made, registered and promoted; tests leave it as it is."""
    with built(tmp_path_factory.mktemp("rebuilt"), empty_store) as root:
        yield root


def git(root: Path, *arguments: str, given: str = "", index: str = "index") -> str:
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    environment = os.environ | {"GIT_INDEX_FILE": f".git/{index}"}
    command = ["git", *who, *arguments]
    done = subprocess.run(command, cwd=root, input=given, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit_with(root: Path, path: str, text: str) -> str:
    """A commit like the present one but for one file; nothing of the workspace moves."""
    git(root, "read-tree", "HEAD", index="other")
    blob = git(root, "hash-object", "-w", "--stdin", given=text)
    git(root, "update-index", "--cacheinfo", f"100644,{blob},{path}", index="other")
    return git(root, "commit-tree", git(root, "write-tree", index="other"), "-m", "another")


def state_of(root: Path) -> list[str]:
    """Everything that a rebuild must not touch."""
    store = [hash_tree(root / ".bioner" / name) for name in ("mlflow.db", "mlartifacts", "remote")]
    work = [hash_tree(root / name) for name in ("data", "models", "metrics", "predictions", "dvc.lock", ".dvc/cache")]
    return [*store, *work, git(root, "status", "--porcelain"), git(root, "for-each-ref"), git(root, "worktree", "list")]


def test_the_same_bytes_come_out_after_a_kill_and_nothing_else_moves(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(place: Workspace, stage: str, **settings: object) -> object:
        if stage == "validate":
            raise KilledError("stage validate was killed by a signal (-9)", mend=str(settings["command"]))
        return submit(place, stage, **settings)  # type: ignore[arg-type]

    before = state_of(workspace)
    with monkeypatch.context() as patch:
        patch.setattr(module, "submit", killed)
        with pytest.raises(StageError, match="was killed") as caught:
            rebuild(REFERENCE)
    assert caught.value.mend == f"bioner rebuild {REFERENCE}"
    found = rebuild(REFERENCE, keep=True)
    assert found.passed, found.sentence
    assert [output.stage for output in found.outputs if output.path.startswith("m")] == [
        *("teacher", "validate", "finetune@mini"),
        "evaluate@gliner-mini",
    ]
    done = {name: record.done for name, record in recorded(Workspace(Path(str(found.folder))), ALL).items()}
    assert done == dict.fromkeys(BEFORE_KILL, Done.CACHED) | dict.fromkeys(AFTER_KILL, Done.RAN)
    assert state_of(workspace) == before


BEFORE_KILL = ("ingest@sample-en", "ingest@sample-zh", "teacher")
AFTER_KILL = ("validate", "finetune@mini", "evaluate@gliner-mini")
ALL = (*BEFORE_KILL, *AFTER_KILL)


def made_from(workspace: Path, commit: str, **settings: object) -> Verdict:
    """The verdict if the version named another commit."""
    with by.tag("bioner.git.commit", f"'{commit}'")(workspace):
        return rebuild(f"{MODEL}/1", **settings)  # type: ignore[arg-type]


def test_the_first_stage_with_other_bytes_is_named_and_a_tolerance_looks_at_scores(workspace: Path) -> None:
    weights = commit_with(workspace, "made/models/finetune/mini/model.safetensors", "other weights")
    found = made_from(workspace, weights, given=("validate", "ingest"), tolerance=0.0)
    assert found.passed  # its scores are the same
    assert not replace(found, tolerance=None).passed
    assert [output.stage for output in found.different] == ["finetune@mini"]
    assert found.sentence.startswith("stage finetune@mini: models/finetune/mini is ")
    assert "model.safetensors" in found.sentence
    assert found.given == ("ingest@sample-zh", "ingest@sample-en", "validate")
    assert not (workspace / ".bioner/rebuild/bioner-gliner-1").exists()


def test_a_changed_weight_in_the_registry_is_named_and_ends_the_command(workspace: Path) -> None:
    from bioner.cli.app import build as application

    command = ["rebuild", f"{MODEL}/1", "--tolerance", "1", *(word for name in QUICK for word in ("--given", name))]
    with by.byte_of(".bioner/mlartifacts/**/model.safetensors")(workspace):
        failed = CliRunner().invoke(application(), command)
    assert isinstance(failed.exception, GateError)
    assert failed.exception.exit_code == 6
    assert "the registered model is not the one of its dvc.lock: model.safetensors" in str(failed.exception)
    assert f"bioner audit {MODEL}/1" in str(failed.exception)


IMPOSSIBLE: dict[str, tuple[by.Tampering, type[BionerError], str]] = {
    "a commit that is gone": (
        by.tag("bioner.git.commit", "replace(value, substr(value, 1, 4), '0000')"),
        StageError,
        "is neither here nor where the project was cloned from",
    ),
    "code that was not committed": (by.tag("bioner.git.state", "'dirty'"), StageError, "the code was not committed"),
    "no git": (by.tag("bioner.git.commit", "'none'"), StageError, "names no commit"),
    "another dvc.lock": (by.byte_of(f"{EVIDENCE}/dvc.lock"), RegistryError, "is not the one that was registered"),
    "no dvc.lock": (by.lost(f"{EVIDENCE}/dvc.lock"), RegistryError, "no pipeline was kept"),
}


def test_what_cannot_be_rebuilt_is_said(workspace: Path) -> None:
    for kind, (plant, error, says) in IMPOSSIBLE.items():
        with plant(workspace), pytest.raises(error, match=says):
            rebuild(f"{MODEL}/1", given=QUICK if kind != "no dvc.lock" else ())
    with pytest.raises(StageError, match=r"src/bioner/words.py was .*, there it is"):
        made_from(workspace, commit_with(workspace, "src/bioner/words.py", "# other code\n"))


def test_a_given_output_that_the_remote_lost_or_that_was_changed_is_named(workspace: Path) -> None:
    with (
        by.object_of(".bioner/remote", "models/finetune/mini", "model.safetensors")(workspace),
        pytest.raises(DataError, match=r"the given output models/finetune/mini"),
    ):
        rebuild(f"{MODEL}/1", given=QUICK)
    with (
        by.lost(".bioner/remote/files/md5/**/*")(workspace),
        pytest.raises(DataError, match=r"the given output .* is in neither git nor the DVC remote"),
    ):
        rebuild(f"{MODEL}/1", given=("validate", "ingest"))
