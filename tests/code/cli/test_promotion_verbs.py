"""`bioner promote`, `rollback`, `compare` and `ledger`: what they print, what they refuse, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from projects import Project
from typer.testing import CliRunner

from bioner.cli.app import build
from bioner.errors import BionerError
from bioner.tracking.promotion import promote
from bioner.tracking.store import connect

pytestmark = pytest.mark.slow

NAME = "bioner-gliner"


def ask(*arguments: str) -> str:
    result = CliRunner().invoke(build(), list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*arguments: str) -> BionerError:
    result = CliRunner().invoke(build(), list(arguments))
    assert isinstance(result.exception, BionerError)
    return result.exception


@pytest.fixture
def registered(project: Project, challenge: Callable[..., None]) -> Project:
    """Version 1 is champion, version 2 a worse challenger."""
    params = project.params
    for weights, en in (("first", 30), ("worse", 20)):
        challenge(weights, en=en, zh=10)
        promote(connect(project.root), project.root, params, params.registry.gliner)
    return project


def test_two_versions_from_comparison_to_rollback(registered: Project) -> None:
    """One project for all of it: registering takes seconds."""
    compared()
    judged_forced_and_rolled_back()
    listed_and_verified()
    moved_by_hand(registered)


def compared() -> None:
    table = ask("compare", f"{NAME}@champion", f"{NAME}@challenger")
    for word in ("60 documents", "drug", "zh", "flat"):
        assert word in table
    assert json.loads(ask("compare", f"{NAME}/1", f"{NAME}/2", "--json"))["rows"][0]["difference"] < 0
    assert refused("compare", f"{NAME}/1", f"{NAME}/9").exit_code == 4


def judged_forced_and_rolled_back() -> None:
    table = ask("promote", f"{NAME}@challenger", "--dry-run")
    assert "FAILED" in table
    assert "would be refused: min_gain, significance" in table
    no = refused("promote", f"{NAME}/2")
    assert (no.exit_code, "min_gain" in no.what) == (6, True)
    assert refused("promote", f"{NAME}/2", "--force").exit_code == 2
    forced = json.loads(ask("promote", f"{NAME}/2", "--force", "--reason", "we know better", "--json"))
    assert (forced["promoted"], forced["champion"], forced["rules"][0]["name"]) == (True, "1", "min_f1")
    assert "is the champion already" in ask("promote", f"{NAME}/2")
    assert "champion 2 -> 1" in ask("rollback", "--reason", "we did not")
    assert refused("rollback").exit_code == 7
    assert refused("rollback", "nothing").exit_code == 7


def listed_and_verified() -> None:
    listed = ask("ledger")
    for word in ("registered", "promoted", "forced", "rolled back"):
        assert word in listed
    entries = json.loads(ask("ledger", "--json"))
    assert [entry["number"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[-1]["change"]["reason"] == "we did not"
    verified = json.loads(ask("ledger", "verify", "--json", "--expect", entries[3]["hash"]))
    assert (verified["problems"], verified["head"]) == ([], entries[-1]["hash"])


def moved_by_hand(registered: Project) -> None:
    """It is named until it is recorded."""
    assert "all is well" in ask("ledger", "verify")
    connect(registered.root).client.set_registered_model_alias(NAME, "champion", "2")
    error = refused("ledger", "verify")
    assert error.exit_code == 7
    assert f"{NAME}@champion is version 2 in the registry, the ledger says 1" in error.what
    assert f"bioner ledger adopt {NAME}" in error.mend
    assert "champion 1 -> 2" in ask("ledger", "adopt", NAME, "--reason", "clicked")
    assert "made without the ledger" in ask("ledger", "verify")
    assert "already" in ask("ledger", "adopt", NAME)
    assert json.loads(ask("ledger", "adopt", NAME, "--json")) is None


@pytest.mark.usefixtures("bare_project")
def test_no_ledger_is_an_empty_one() -> None:
    assert json.loads(ask("ledger", "--json")) == []
    assert json.loads(ask("ledger", "verify", "--json"))["entries"] == 0


def test_the_verbs_load_no_framework_before_they_are_called() -> None:
    verbs = ", ".join(f"bioner.cli.{verb}" for verb in ("promote", "rollback", "compare", "ledger"))
    script = f"import sys, {verbs}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "mlflow", "numpy"} & set(loaded)
