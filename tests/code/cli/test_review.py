"""`bioner review`: what is written, what is printed, what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from projects import Project
from typer.testing import CliRunner

from bioner.cli.app import build
from bioner.config import load_params
from bioner.documents import Document, Span, write_documents
from bioner.errors import ConfigError, DataError
from bioner.files import hash_file
from bioner.stages import layout

DOCUMENTS = [
    Document(f"e{n}", f"patient {n} 😀 took aspirin", "en", (Span.of(17 + (n > 9), 24 + (n > 9), "drug", n / 40),))
    for n in range(30)
] + [Document("z", "患者服用阿司匹林", "zh", (Span.of(4, 8, "drug", 0.1), Span(((0, 2), (4, 8)), "drug", 0.4)))]


def run(*arguments: object) -> str:
    """Run `bioner` in this process; errors are raised as they are."""
    result = CliRunner().invoke(build(), [*map(str, arguments)], catch_exceptions=False, env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def project(bare_project: Project) -> Path:
    """A project with synthetic documents."""
    params = yaml.safe_load(layout.PARAMS.read_text(encoding="utf-8"))
    params["review"] |= {"random": 31, "least_certain": 3}
    layout.PARAMS.write_text(yaml.safe_dump(params), encoding="utf-8")
    write_documents(layout.DISTILLED, DOCUMENTS)
    return bare_project.root


def finish(file: Path) -> None:
    """What Label Studio would export if somebody submitted every task, and refused the first span of the first one."""
    tasks = json.loads(file.read_text(encoding="utf-8"))
    for number, task in enumerate(tasks):
        result: list[Any] = task.pop("predictions")[0]["result"][int(number == 0) :]
        task["annotations"] = [{"result": result, "was_cancelled": False, "completed_by": {"email": "a@clinic.test"}}]
    file.write_text(json.dumps(tasks), encoding="utf-8")


@pytest.mark.slow
def test_export_and_import(project: Path) -> None:
    printed = run("review", "export", "out")
    assert "30 tasks" in printed
    assert "1 spans are discontinuous" in printed
    assert sorted(path.name for path in Path("out").iterdir()) == [
        *("config-en.xml", "config-zh.xml", "tasks-en.json", "tasks-zh.json")
    ]
    files = Path("out/tasks-en.json"), Path("out/tasks-zh.json")
    finish(files[0])
    with pytest.raises(DataError, match="nobody has finished a task"):
        run("review", "import", files[1])
    finish(files[1])
    printed = run("review", "import", *files)
    assert re.search(r"drug +31 +29 +93\.5% ", printed)
    named = yaml.safe_load(printed[printed.index("review:\n") :])["review"]["file"]
    kept = project / named["path"]
    assert hash_file(kept) == named["sha256"]
    assert "clinic.test" not in kept.read_text(encoding="utf-8")
    params = yaml.safe_load(layout.PARAMS.read_text(encoding="utf-8"))
    params["review"]["file"] = named
    layout.PARAMS.write_text(yaml.safe_dump(params), encoding="utf-8")
    review = load_params(layout.PARAMS).review.file
    assert review is not None
    assert review.locate(project, "review.file") == kept
    kept.write_text("[]", encoding="utf-8")
    with pytest.raises(DataError, match="not the one that the params name") as caught:
        review.locate(project, "review.file")
    assert hash_file(kept) in caught.value.mend
    kept.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        review.locate(project, "review.file")


@pytest.mark.usefixtures("project")
@pytest.mark.slow
def test_export_is_repeatable_and_as_json() -> None:
    shown = json.loads(run("review", "export", "one", "--json"))
    assert shown["tasks"] == {"en": 30, "zh": 1}
    assert shown["samples"] == {"random": 31, "least_certain": 3}
    run("review", "export", "two")
    for name in ("tasks-en.json", "tasks-zh.json"):
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes()


def test_nothing_asked_for_is_an_error(project: Path) -> None:
    params = yaml.safe_load((project / layout.PARAMS).read_text(encoding="utf-8"))
    params["review"] |= {"random": 0, "least_certain": 0}
    layout.PARAMS.write_text(yaml.safe_dump(params), encoding="utf-8")
    with pytest.raises(ConfigError, match="no document to review"):
        run("review", "export")


@pytest.mark.usefixtures("bare_project")
def test_without_synthetic_documents_there_is_nothing_to_review() -> None:
    with pytest.raises(DataError, match="no synthetic documents to review yet"):
        run("review", "export")
