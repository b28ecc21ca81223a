"""The doctor carries out every check: what breaks or hangs is a finding, and no secret is in any."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bioner.cli.app import build
from bioner.doctor import examine as all_checks
from bioner.doctor.examine import CHECKS, examine
from bioner.doctor.finding import Check, Finding, State, by_size, good, warning


def breaks(_project: Path) -> Iterator[Finding]:
    yield good("the first half")
    raise ConnectionError("postgresql://user:pass-word@host is down")  # pragma: allowlist secret


def hangs(_project: Path) -> Iterator[Finding]:
    yield good("began")
    threading.Event().wait(60)


def test_what_breaks_or_hangs_is_a_finding_and_the_others_still_run(tmp_path: Path) -> None:
    checks = [
        Check("broken", breaks, "mend it"),
        Check("stuck", hangs, "end it"),
        Check("well", lambda _: [good("a")], ""),
    ]
    began = time.monotonic()
    found = list(examine(tmp_path, checks, seconds=0.3))
    assert time.monotonic() - began < 30  # it hangs for a minute
    assert [(name, finding.state) for name, finding in found] == [
        ("broken", State.OK),
        ("broken", State.FAILURE),
        ("stuck", State.OK),
        ("stuck", State.FAILURE),
        ("well", State.OK),
    ]
    assert "no answer within 0.3 s" in found[3][1].what
    assert found[1][1].mend == "mend it"
    assert "pass-word" not in str(found)


@pytest.mark.parametrize(
    ("value", "state"), [(1, State.FAILURE), (2, State.WARNING), (3.9, State.WARNING), (4, State.OK)]
)
def test_sizes_are_judged_by_two_bounds(value: float, state: State) -> None:
    assert by_size(value, 2, 4, "so much", "more").state is state


def test_every_check_has_a_name_of_its_own_and_says_how_to_mend() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.mend for check in CHECKS)


@pytest.mark.parametrize(("look", "code"), [(breaks, 8), (lambda _: [warning("old", "renew it")], 0)])
def test_the_command_line_shows_findings_and_fails_with_a_failure(
    look: object, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(all_checks, "CHECKS", [Check("one", look, "mend it")])  # type: ignore[arg-type]
    shown = CliRunner().invoke(build(), ["doctor", "--json"])
    assert shown.exit_code == code
    records = json.loads(shown.stdout)
    assert {tuple(record) for record in records} == {("check", "state", "what", "mend")}
    table = CliRunner().invoke(build(), ["doctor"])
    assert table.exit_code == code
    assert records[-1]["mend"] in table.stdout
