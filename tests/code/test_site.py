"""The documentation site: it is whole, has every command and key, and asks no other host for anything."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest
import typer
import yaml
from pydantic import BaseModel, Field

from bioner.cli.app import build
from bioner.config import Params
from reference.commands import commands
from reference.params import params


def test_every_command_has_its_part() -> None:
    page = commands(build(), "bioner")
    application = typer.main.get_command(build())
    assert isinstance(application, typer.core.TyperGroup)
    for verb, command in application.commands.items():
        below = command.commands if isinstance(command, typer.core.TyperGroup) else {}
        for name in (verb, *(f"{verb} {inner}" for inner in below)):
            assert f"# `bioner {name}`\n" in page


def test_every_key_of_the_params_has_its_row(repository: Path) -> None:
    text = (repository / "params.yaml").read_text(encoding="utf-8")
    page = params(Params, text)
    assert text.rstrip() in page
    assert {f"| `{key}` |" for key in yaml.safe_load(text)} <= set(re.findall(r"^\| `\w+` \|", page, re.MULTILINE))


class _Inner(BaseModel):
    """What is within."""

    share: float = Field(ge=0, lt=1)


class _Outer(BaseModel):
    """All of it."""

    inner: dict[str, _Inner] = Field(min_length=1)
    way: Literal["a", "b"] | None = None
    sizes: tuple[int, int] = (1, 2)
    names: list[str] = ["x|y"]


def test_a_key_is_told_with_its_type_its_limits_and_its_default() -> None:
    rows = [line for line in params(_Outer, "").splitlines() if line.startswith("| `")]
    assert rows == [
        "| `inner` | names, each with [_Inner](#_inner) (at least 1 of them) | required |",
        "| `way` | `a`, `b` or nothing | `null` |",
        "| `sizes` | a list of integer, integer | `[1, 2]` |",
        '| `names` | a list: string | `["x\\|y"]` |',
        "| `share` | number (≥ 0, < 1) | required |",
    ]


@pytest.mark.slow
def test_the_site_is_built_and_needs_no_other_host(tmp_path: Path, repository: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = {file.relative_to(tmp_path).as_posix(): file.read_text() for file in tmp_path.rglob("*.html")}
    documents = {file.stem for file in (repository / "docs").glob("*.md")}
    assert {f"{name}.html" for name in (*documents, "index", "reference/commands", "reference/params")} <= set(pages)
    loaded = r"<(?:script|img|iframe|source|link)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^>]*>"
    assert not {name: found for name, page in pages.items() if (found := re.findall(loaded, page))}
    styles = "".join(file.read_text() for file in tmp_path.rglob("*.css"))
    assert not re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//", styles)
    assert "rollback" in (tmp_path / "search" / "search_index.json").read_text()
