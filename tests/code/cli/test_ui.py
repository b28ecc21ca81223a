"""`bioner ui` with servers that others run: it says where their pages are, without passwords, and starts none."""

from __future__ import annotations

import json

import pytest
from projects import Project
from typer.testing import CliRunner

from bioner.cli.app import build


def test_the_pages_of_servers_are_told_without_their_passwords(
    bare_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bare_project.root)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://team:invented@mlflow.example.org")  # pragma: allowlist secret
    monkeypatch.setenv("PREFECT_API_URL", "https://team:invented@prefect.example.org/api")  # pragma: allowlist secret
    said = CliRunner().invoke(build(), ["ui", "--json"], catch_exceptions=False).stdout
    assert json.loads(said) == {
        "mlflow": "https://***@mlflow.example.org",
        "prefect": "https://***@prefect.example.org",
    }
