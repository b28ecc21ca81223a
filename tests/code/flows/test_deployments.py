"""`prefect.yaml` fits the flows, and docs/operations.md names what it deploys."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.slow


def _deployments(repository: Path) -> list[dict[str, Any]]:
    deployments: list[dict[str, Any]] = yaml.safe_load((repository / "prefect.yaml").read_text(encoding="utf-8"))[
        "deployments"
    ]
    return deployments


def _flow(entry: dict[str, Any]) -> Any:
    file, _, name = entry["entrypoint"].partition(":")
    return getattr(importlib.import_module(file.removesuffix(".py").replace("/", ".")), name)


@pytest.fixture(autouse=True)
def _flows(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(repository))


def test_each_deployment_sets_every_parameter_of_its_flow_and_its_limits(repository: Path) -> None:
    entries = _deployments(repository)
    for entry in entries:
        flow = _flow(entry)
        assert set(entry["parameters"]) == set(inspect.signature(flow.fn).parameters), entry["name"]
        flow.validate_parameters(entry["parameters"])
        assert entry["concurrency_limit"]["limit"] == 1
        assert entry["tags"]
        assert entry["parameters"]["hours"] > 0
        assert entry["work_pool"]["work_queue_name"] in {"cpu", "gpu"}
        assert [hook.__name__ for hook in flow.on_failure_hooks] == ["tell"]
        assert [hook.__name__ for hook in flow.on_crashed_hooks] == ["tell"]


def test_the_manual_has_each_and_the_drift_check_starts_one_of_them(repository: Path) -> None:
    entries = _deployments(repository)
    names = {f"{_flow(entry).name}/{entry['name']}" for entry in entries}
    assert len(names) == len(entries) == 6
    manual = (repository / "docs/operations.md").read_text(encoding="utf-8")
    assert not [name for name in names if f"`{name}`" not in manual]
    (drift,) = [entry["parameters"] for entry in entries if "retrain" in entry["parameters"]]
    assert drift["retrain"] in names


def test_a_failure_is_told_to_the_webhook_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.client.schemas.objects import FlowRun
    from prefect.states import Failed

    from flows import notice
    from flows.audit import scheduled_audit

    told: list[dict[str, Any]] = []
    monkeypatch.setattr(notice, "post", lambda message, _kept: told.append(message))
    run = FlowRun(flow_id="00000000-0000-0000-0000-000000000001", name="odd-owl", parameters={"profile": None})
    notice.tell(scheduled_audit, run, Failed(message="models/x does not match"))
    (message,) = told
    assert message["flow"] == "scheduled-audit"
    assert (message["run"], message["state"], message["what"]) == ("odd-owl", "Failed", "models/x does not match")
