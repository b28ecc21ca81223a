"""All checks, one after another, each within its time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bioner.doctor.finding import Check, Finding, failure
from bioner.doctor.listening import listening
from bioner.doctor.machine import disk, gpu, memory, open_files, python
from bioner.doctor.packages import packages
from bioner.doctor.prefect import prefect
from bioner.doctor.project import git, permissions, remote
from bioner.doctor.tracking import tracking
from bioner.redaction import without_secrets

SECONDS = 30.0  # of a check; of an address that nobody answers at, one of its own is shorter

CHECKS = (
    Check("python", python, "install Python anew"),
    Check("packages", packages, "install the project anew: `make run`"),
    Check("memory", memory, "look at /proc/meminfo"),
    Check("disk", disk, "look at `df` and `df -i`"),
    Check("open files", open_files, "look at `ulimit -n`"),
    Check("gpu", gpu, "look at `nvidia-smi`, and install a build of torch that fits its driver"),
    Check("permissions", permissions, "look at the owner of the project's folder"),
    Check("git", git, "check that the repository's remote can be reached"),
    Check("dvc remote", remote, "check `dvc remote list`, the address, and the keys (AWS_ACCESS_KEY_ID for S3)"),
    Check("mlflow", tracking, "check MLFLOW_TRACKING_URI, and the log of its server"),
    Check("prefect", prefect, "check PREFECT_API_URL, and the log of its server"),
    Check("pages", listening, "look at `ss -ltnp`"),
)


def examine(project: Path, checks: Sequence[Check] = CHECKS, seconds: float = SECONDS) -> Iterator[tuple[str, Finding]]:
    """Carry out checks, and yield what each found with its name, without secrets; one that breaks stops no other.

    Args:
        seconds: that each may take.
    """
    for check in checks:
        for finding in _within(check, project, seconds):
            yield check.name, replace(finding, what=without_secrets(finding.what))


def _within(check: Check, project: Path, seconds: float) -> list[Finding]:
    """What a check found; what it has found when its time is up, and that it is."""
    found: list[Finding] = []

    def look() -> None:
        try:
            for finding in check.look(project):
                found.append(finding)
        except Exception as error:  # noqa: BLE001 (drivers and stores have errors of their own: all are findings)
            said = (str(error).strip() or type(error).__name__).splitlines()[0]
            found.append(failure(f"{type(error).__name__}: {said}", check.mend))

    thread = threading.Thread(target=look, name=check.name, daemon=True)  # one that hangs does not keep us
    thread.start()
    thread.join(seconds)
    late = [failure(f"no answer within {seconds:g} s", check.mend)] if thread.is_alive() else []
    return [*found, *late]
