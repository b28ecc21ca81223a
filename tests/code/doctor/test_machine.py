"""The machine and what is installed on it: limits and versions are compared, and this machine passes."""

from __future__ import annotations

import resource
from collections import namedtuple
from pathlib import Path

import pytest

from bioner.doctor import machine, packages
from bioner.doctor.finding import State

_Version = namedtuple("_Version", "major minor micro releaselevel serial")


def test_this_machine_has_python_disk_and_memory(tmp_path: Path) -> None:
    (tmp_path / ".dvc/cache").mkdir(parents=True)
    findings = [*machine.python(tmp_path), *machine.memory(tmp_path), *machine.disk(tmp_path)]
    assert len(findings) >= 3
    assert findings[0].state is State.OK
    assert all(finding.mend for finding in findings if finding.state is not State.OK)


def test_an_old_python_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.sys, "version_info", _Version(3, 10, 0, "final", 0))
    (finding,) = machine.python(tmp_path)
    assert finding.state is State.FAILURE


def test_the_limit_of_a_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(f"{1 << 30}\n")
    monkeypatch.setattr(machine, "_CGROUP", limit)
    (finding,) = machine.memory(tmp_path)
    assert finding.state is State.FAILURE
    assert "of 1.0 GiB" in finding.what


@pytest.mark.parametrize(
    ("limit", "state"),
    [(128, State.FAILURE), (512, State.WARNING), (4096, State.OK), (resource.RLIM_INFINITY, State.OK)],
)
def test_few_open_files_are_found(limit: int, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.resource, "getrlimit", lambda _: (limit, limit))
    (finding,) = machine.open_files(tmp_path)
    assert finding.state is state


@pytest.mark.slow
def test_a_driver_that_torch_does_not_see_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for driver, state in ((None, State.OK), ("/usr/bin/nvidia-smi", State.WARNING)):
        monkeypatch.setattr(machine.shutil, "which", lambda _, found=driver: found)
        (finding,) = machine.gpu(tmp_path)
        assert finding.state is state
        assert torch.__version__ in finding.what


def test_what_is_installed_here_is_what_the_project_needs(repository: Path) -> None:
    assert State.FAILURE not in {finding.state for finding in packages.packages(repository)}


def test_other_versions_and_missing_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "constraints.txt").write_text("PyYAML==0.1 # old\nnot-there==1\n")
    monkeypatch.setattr(packages, "requires", lambda _: ["pyyaml<1", "no_such_package", "ray; extra == 'ray'"])
    wrong, others = packages.packages(tmp_path)
    assert wrong.state is State.FAILURE
    assert "pyyaml" in wrong.what
    assert "no_such_package is missing" in wrong.what
    assert "ray" not in wrong.what
    assert others.state is State.WARNING
    assert others.what.startswith("1 packages are not those tested: pyyaml ")


def test_pins_are_read_with_their_notes() -> None:
    text = "# note\nA_b==1.0\nc==2.0 # why\nd==3 ; python_version < '3'\n\n"
    assert packages.read_pins(text) == {"a-b": "1.0", "c": "2.0", "d": "3"}
