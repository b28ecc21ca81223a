"""`bioner teacher agree` and `vocabulary`: what is written, what is printed, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from bioner.cli.app import build
from bioner.documents import Document, Span, read_documents, write_documents
from bioner.errors import ConfigError
from bioner.files import hash_file

ROOT = Path(__file__).parents[3]
DOCUMENTS = [Document(f"d{n}", "patient took aspirin", "en", (Span.of(13, 20, "drug", n / 40),)) for n in range(30)]


def run(*arguments: object) -> str:
    """Run `bioner teacher` in this process; errors are raised as they are."""
    command = ["teacher", *map(str, arguments)]
    result = CliRunner().invoke(build(), command, catch_exceptions=False, env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.stdout


def test_teachers_agree(tmp_path: Path) -> None:
    one, two, out = (tmp_path / f"{name}.jsonl" for name in ("one", "two", "out"))
    write_documents(one, DOCUMENTS)
    write_documents(two, [document.with_spans(document.spans[: n % 2]) for n, document in enumerate(DOCUMENTS[:20])])
    shown = json.loads(run("agree", one, two, "--out", out, "--json"))
    assert (shown["documents"], shown["without_all_teachers"]) == (20, 10)
    assert shown["spans_by_votes"] == {"1": 10, "2": 10}
    (pair,) = shown["pairs"]
    assert pair["f1"] == pytest.approx(2 / 3, abs=1e-4)
    assert [document.spans[0].score for document in read_documents(out)] == [0.5, 1.0] * 10
    assert "strict F1" in run("agree", one, two)
    for wrong in ([one], [one, one]):
        with pytest.raises(ConfigError, match="two teachers or more"):
            run("agree", *wrong)


@pytest.mark.slow  # the rules of English nouns take seconds to load
def test_labels_become_normal_before_the_vote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # whose params have the type `drug`
    one, two, out = tmp_path / "one.jsonl", tmp_path / "two.jsonl", tmp_path / "map.yaml"
    write_documents(one, DOCUMENTS)
    write_documents(two, [d.with_spans([Span.of(13, 20, "Drugs"), Span.of(0, 7, "odd")]) for d in DOCUMENTS])
    shown = json.loads(run("vocabulary", one, two, "--out", out, "--json"))
    assert shown == {
        **{"labels": 3, "reasons": {"as it is": 2, "number": 1}},
        **{"no_type": 1, "sha256": hash_file(out)},
    }
    assert json.loads(run("agree", one, two, "--json"))["pairs"][0]["f1"] == 0.0
    text = out.read_text(encoding="utf-8")
    out.write_text(text.replace("odd: {normal: odd,", "odd: {normal: null,"), encoding="utf-8")
    agreed = json.loads(run("agree", one, two, "--vocabulary", out, "--json"))
    assert agreed["pairs"][0]["f1"] == 1.0
    assert agreed["spans_by_votes"] == {"1": 0, "2": 30}
    printed = run("vocabulary", one, two, "--out", out)
    assert yaml.safe_load(out.read_text(encoding="utf-8"))["odd"] == {"normal": None, "times": 30, "reason": "by hand"}
    named = yaml.safe_load(printed[printed.index("teacher:\n") :])["teacher"]["endpoint"]["vocabulary"]
    assert named["sha256"] == hash_file(out)
