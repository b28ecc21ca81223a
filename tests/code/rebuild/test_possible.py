"""What keeps a version from being rebuilt, and what may keep its bytes from being the same."""

from __future__ import annotations

import platform
import socket
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bioner.audit.subject import Subject
from bioner.errors import StageError
from bioner.files import hash_file
from bioner.lineage.pipeline import Stage
from bioner.rebuild import possible
from bioner.rebuild.possible import check, check_teacher, warnings

DISTILL = Stage("distill", "", {}, (), (), (), ())


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    """A version of which everything was kept."""
    for name in ("dvc.lock", "params.yaml"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    git = {"bioner.git.commit": "c0ffee", "bioner.git.state": "clean"}
    version: Any = SimpleNamespace(name="m", version="1", tags=git | {"bioner.lock": hash_file(tmp_path / "dvc.lock")})
    run: Any = SimpleNamespace(data=SimpleNamespace(tags={**git, "bioner.host": socket.gethostname()}))
    client: Any = None
    return Subject(client, version, run, tmp_path, tmp_path, tmp_path, {}, {}, "models/m", (DISTILL,))


def with_params(subject: Subject, **params: object) -> Subject:
    return replace(subject, params=params)


def test_what_was_kept_can_be_rebuilt(subject: Subject) -> None:
    check(subject)
    check_teacher(with_params(subject, teacher={"backend": "tagger"}), [DISTILL])


def test_the_files_that_were_not_committed_are_named(subject: Subject) -> None:
    subject.version.tags["bioner.git.state"] = "dirty"
    subject.run.data.tags["bioner.git.changed"] = "params.yaml\nsrc/bioner/words.py"
    with pytest.raises(StageError, match=r"\(params.yaml, src/bioner/words.py\) differed from commit c0ffee"):
        check(subject)
    subject.run.data.tags["bioner.git.commit"] = "another"  # what differed from that one says nothing
    with pytest.raises(StageError, match="tracked files differed from commit c0ffee"):
        check(subject)


def test_a_model_that_began_as_one_of_the_registry_is_refused(subject: Subject) -> None:
    base = "mlflow:models:/bioner-gliner@champion"
    with pytest.raises(StageError, match=base):
        check(with_params(subject, gliner={"variants": {"mini": {"encoder": base}}}))


def test_no_endpoint_is_asked_again(subject: Subject) -> None:
    behind = with_params(subject, teacher={"backend": "endpoint"})
    with pytest.raises(StageError, match="paid for again") as caught:
        check_teacher(behind, [DISTILL])
    assert caught.value.mend.endswith("--given distill")
    check_teacher(behind, [])


def test_another_environment_is_a_warning(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def then(*lines: str) -> list[str]:
        monkeypatch.setattr(possible, "environment", lambda *_: lines)
        return list(warnings(subject))

    now = torch.__version__.partition("+")[0]
    assert then(f"python=={platform.python_version()}", f"torch=={now}") == []
    assert then("python==2.7", "torch==0.1", "no-such-package==1.0") == [
        f"python 2.7 made it, here is {platform.python_version()}",
        f"torch 0.1 made it, here is {now}",
        "no-such-package 1.0 made it, here is none",
    ]
    assert then() == ["the environment of that time was not kept"]
    subject.run.data.tags["bioner.host"] = "elsewhere"
    assert "another machine (elsewhere)" in then(f"torch=={now}")[0]
