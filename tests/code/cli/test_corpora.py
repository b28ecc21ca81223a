"""`bioner corpora inspect | compare | convert | list`: what is printed, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bioner.cli.app import build
from bioner.documents import read_documents
from bioner.errors import BionerError, ConfigError, DataError

PUBTATOR = "7|t|A fever.\n7|a|Aspirin helped.\n7\t2\t7\tfever \tSymptom\tX\n7\tCID\tX\tY\n"
WRONG = "8|t|Pain.\n8|a|None.\n8\t0\t4\tache\tSymptom\tX\n"


def run(*arguments: object) -> str:
    """Run `bioner corpora` in this process; errors are raised as they are."""
    command = ["corpora", *map(str, arguments)]
    result = CliRunner().invoke(build(), command, catch_exceptions=False, env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.stdout


def run_json(*arguments: object) -> Any:
    """The JSON that it prints."""
    return json.loads(run(*arguments, "--json"))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "in.txt").write_text(PUBTATOR, encoding="utf-8")
    return tmp_path / "in.txt"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    (tmp_path / "broken.txt").write_text(PUBTATOR + WRONG, encoding="utf-8")
    return tmp_path / "broken.txt"


def test_inspect_tells_the_format_and_why_the_figures_and_what_is_odd(corpus: Path) -> None:
    printed = run("inspect", corpus)
    for words in (
        "format pubtator: the first line is a PubTator title",
        "language en, guessed",
        "Symptom",
        "relation",
        "mention differs from its offsets",
        "Aspirin helped.",
    ):
        assert words in printed


def test_inspect_as_json(corpus: Path) -> None:
    (found,) = run_json("inspect", corpus)
    assert (found["format"], found["language"], found["language_guessed"]) == ("pubtator", "en", True)
    assert (found["documents"], found["sentences"], found["types"]) == (1, 2, {"Symptom": 1})
    assert found["dropped"] == {"relation": 1}
    (anomaly,) = found["anomalies"]
    assert (anomaly["kind"], anomaly["count"]) == ("mention differs from its offsets", 1)
    assert ":3: the mention 'fever '" in anomaly["places"][0]
    assert found["touched"] == []


def test_entities_are_shown_in_colour() -> None:
    from rich.console import Console

    from bioner.cli.corpora.show import colours_of, marked
    from bioner.documents import Document, Span

    document = Document("1", "lung cancer\x1b[31m", "en", (Span.of(0, 11, "disease"), Span.of(0, 4, "organ")))
    console = Console(force_terminal=True, color_system="standard", width=80)
    with console.capture() as capture:
        console.print(marked(document, colours_of(["disease", "organ"])))
    assert "\x1b[1;4;35mlung" in capture.get()  # the inner one in its own colour, underlined
    assert "\x1b[1;36m cancer" in capture.get()
    assert "\x1b[31m" not in capture.get()  # no text steers the terminal


def test_the_language_and_the_format_can_be_given(corpus: Path) -> None:
    (found,) = run_json("inspect", corpus, "--format", "text", "--language", "de")
    assert (found["format"], found["documents"], found["language"]) == ("text", 4, "de")
    assert found["why"] == "the command line says so"


def test_the_language_of_chinese_text_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "zh.txt").write_text("患者发热三天。\n予阿司匹林。\n", encoding="utf-8")
    (found,) = run_json("inspect", tmp_path / "zh.txt")
    assert found["language"] == "zh"


def test_tables_are_read_by_the_column_found_or_given(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,title,text\n1,Short,A much longer text\n", encoding="utf-8")
    (found,) = run_json("inspect", tmp_path / "t.csv")
    assert (found["column"], found["words"]) == ("text", 4)
    (found,) = run_json("inspect", tmp_path / "t.csv", "--column", "title")
    assert (found["column"], found["words"]) == ("title", 1)
    (found,) = run_json("inspect", tmp_path / "t.csv", "--format", "csv", "--column", "2")
    assert found["documents"] == 2
    (tmp_path / "plain.txt").write_text("no table\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="column of text"):
        run("inspect", tmp_path / "plain.txt", "--format", "csv")


def test_records_that_are_wrong_stop_or_are_counted_and_listed(broken: Path) -> None:
    with pytest.raises(DataError, match="is not at"):
        run("inspect", broken)
    (skipped,) = run_json("inspect", broken, "--on-error", "skip")
    assert skipped["documents"] == 1
    (touched,) = skipped["touched"]
    assert touched["where"] == f"{broken}:7"
    assert touched["done"] == "skipped the record"
    (repaired,) = run_json("inspect", broken, "--on-error", "repair")
    assert (repaired["documents"], len(repaired["touched"])) == (2, 1)
    assert "touched: 1 records" in run("inspect", broken, "--on-error", "skip")


def test_only_the_first_touched_records_are_printed(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text(PUBTATOR + WRONG * 15, encoding="utf-8")
    printed = run("inspect", tmp_path / "b.txt", "--on-error", "skip")
    assert "touched: 15 records" in printed
    assert printed.count("is not at") == 10
    assert "and 5 more, all with --json" in printed


@pytest.mark.usefixtures("corpus")
def test_a_folder_is_told_file_by_file_and_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "z.txt").write_text("A text.\n", encoding="utf-8")
    assert [found["format"] for found in run_json("inspect", tmp_path)] == ["pubtator", "text"]
    (tmp_path / "page.xml").write_text("<page/>", encoding="utf-8")
    result = CliRunner().invoke(build(), ["corpora", "inspect", str(tmp_path)])
    assert isinstance(result.exception, DataError)
    assert "1 of 3 files could not be read" in result.exception.what
    assert "A text." in result.stdout


def test_compare_counts_both_ways_and_says_what_it_means(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text(
        PUBTATOR
        + PUBTATOR.replace("7|", "9|").replace("7\t2", "9\t2").replace("7\tC", "9\tC").replace("fever", "cough"),
        encoding="utf-8",
    )
    more = tmp_path / "more.txt"
    found = run_json("compare", corpus, more)
    assert found["left"]["ids"] == {"different": 1, "shared": 1, "near": 0, "total": 1, "covered": 1}
    assert found["right"]["texts"]["shared"] == 1
    assert found["right"]["entities"]["different"] == 2
    assert found["same_entities"] == 1
    assert [side[0]["path"] for side in (found["a"], found["b"])] == [str(corpus), str(more)]
    printed = run("compare", corpus, more)
    assert "All document ids of A are in B: B contains A." in printed
    assert "Do not train on one and test on the other." in printed
    assert "A and B have the same texts" in run("compare", corpus, corpus)


def test_ids_made_from_places_in_files_are_not_compared(tmp_path: Path) -> None:
    for folder, text in (("a", "One."), ("b", "Two.")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.txt").write_text(text, encoding="utf-8")
    found = run_json("compare", tmp_path / "a", tmp_path / "b")
    assert found["left"]["ids"]["different"] == 0
    assert "Do not train" not in run("compare", tmp_path / "a", tmp_path / "b")


def test_convert_keeps_what_it_can_and_counts_the_rest(corpus: Path, tmp_path: Path) -> None:
    found = run_json("convert", corpus, tmp_path / "out.jsonl", "--to", "documents")
    assert (found["documents"], found["entities"], found["losses"]) == (1, 1, {"relation": 1})
    (document,) = read_documents(tmp_path / "out.jsonl")
    assert (document.id, [span.mention(document.text) for span in document.spans]) == ("7", ["fever"])
    printed = run("convert", corpus, tmp_path / "out2.jsonl", "--to", "documents")
    assert "1 documents with 1 entities, pubtator -> documents" in printed
    assert "relation" in printed


def test_convert_replaces_nothing_unless_told(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match="a file already"):
        run("convert", corpus, tmp_path / "out.jsonl", "--to", "documents")
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == "mine"
    run("convert", corpus, tmp_path / "out.jsonl", "--to", "documents", "--force")
    with pytest.raises(DataError, match="a file already"):
        run("convert", corpus, corpus, "--to", "documents", "--force")


def test_a_failing_conversion_leaves_no_file(broken: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        run("convert", broken, tmp_path / "out.jsonl", "--to", "documents")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.txt"]


def test_list_tells_what_is_there(tiny_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny_project)
    found = {entry["name"]: entry for entry in run_json("list")}
    assert found["sample-en"]["missing"] == ["train", "dev", "test"]
    assert found["sample-en"]["licence"] == "Apache-2.0"
    assert "not there" in run("list")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["inspect", "no-such-file"], DataError),
        (["compare", "no-such-file", "README.md"], DataError),
        (["convert", "README.md", "out.x", "--to", "pubmed_xml"], ConfigError),
        (["list", "--profile", "no-such-profile"], ConfigError),
    ],
)
def test_mistakes_are_named(
    arguments: list[str], error: type[BionerError], repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    with pytest.raises(error) as caught:
        run(*arguments)
    assert caught.value.mend
