"""The command line: what is printed, what is refused, and the exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bioner.cli.app import build
from bioner.documents import Document, Span, write_documents
from bioner.errors import BionerError, ConfigError, DataError, ModelError

ROOT = Path(__file__).parents[3]


def run(*arguments: str, text: str | None = None) -> str:
    """Run the command line in this process; errors are raised as they are."""
    result = CliRunner().invoke(build(), list(arguments), input=text, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    gold = Document("1", "fever and rash", "en", (Span.of(0, 5, "symptom"), Span.of(10, 14, "symptom")))
    write_documents(tmp_path / "gold.jsonl", [gold])
    write_documents(tmp_path / "pred.jsonl", [gold.with_spans([Span.of(0, 5, "symptom", 0.9)])])
    return tmp_path / "gold.jsonl", tmp_path / "pred.jsonl"


def test_evaluate_prints_json(pair: tuple[Path, Path]) -> None:
    scores = json.loads(run("evaluate", "--gold", str(pair[0]), "--pred", str(pair[1]), "--json"))
    micro = scores["schemes"]["strict"]["micro"]
    assert (micro["right"], micro["gold"], micro["predicted"]) == (1, 2, 1)


def test_evaluate_prints_a_table(pair: tuple[Path, Path]) -> None:
    assert "strict" in run("evaluate", "--gold", str(pair[0]), "--pred", str(pair[1]))


@pytest.mark.parametrize(
    ("arguments", "text", "error"),
    [
        (["predict", "a text", "--file", "x.txt"], None, DataError),
        (["predict"], "   ", DataError),
        (["predict", "--file", "no-such-file.txt"], None, DataError),
        (["predict", "a text", "--model", "nonsense"], None, ModelError),
        (["predict", "a text", "--model", "path:/nowhere"], None, ModelError),
        (["run", "--profile", "no-such-profile"], None, ConfigError),
        (["run", "--data-root", "."], None, ConfigError),
    ],
)
def test_mistakes_are_named(
    arguments: list[str], text: str | None, error: type[BionerError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(error) as caught:
        run(*arguments, text=text)
    assert caught.value.mend


@pytest.mark.slow
def test_a_mistake_has_its_exit_code_and_no_traceback(tmp_path: Path) -> None:
    done = subprocess.run(["bioner", "status"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == ConfigError.exit_code
    assert "mend:" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    code = "import sys, bioner.cli.app as a; a.build(); print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "mlflow", "prefect", "transformers", "great_expectations", "dvc"} & set(loaded)
