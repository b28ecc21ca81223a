"""The traps of the real corpora, each found and named by `bioner corpora inspect`, `compare` or `list`.

The files lie beside the repository, in `../shared/corpora`, and are no part of it: the tests are skipped without them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bioner.cli.app import build

ROOT = Path(__file__).parents[2]
CORPORA = ROOT.parent / "shared/corpora"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the real corpora are not at {CORPORA}"),
]

NCBI = "ncbi_disease/pubtator"
CDR = "bc5cdr/pubtator/CDR_{}Set.PubTator.txt"
GENIA_COLUMNS, GENIA_LINES = "genia_nested/iob2_columns/genia.{}.iob2", "genia_nested/span_jsonlines/{}.jsonlines"
V1, V2 = "cmeee/chip2020_v1/{}.txt", "cmeee/v2_json/CMeEE-V2_{}.json"
WARNING = "Do not train on one and test on the other."


def run(verb: str, *arguments: str) -> str:
    """What a verb of `bioner corpora` prints about files of the corpora."""
    files = [str(CORPORA / argument) if "/" in argument else argument for argument in arguments]
    result = CliRunner().invoke(build(), ["corpora", verb, *files], catch_exceptions=False, env={"COLUMNS": "250"})
    assert result.exit_code == 0, result.output
    return result.stdout


def compared(left: str, right: str) -> dict[str, Any]:
    """The overlap of two files or folders."""
    return dict(json.loads(run("compare", left, right, "--json")))


def inspected(file: str) -> dict[str, Any]:
    """What one file holds, its anomalies by kind."""
    (found,) = json.loads(run("inspect", file, "--json"))
    return dict(found) | {"anomalies": {anomaly["kind"]: anomaly for anomaly in found["anomalies"]}}


def test_the_article_that_is_in_ncbi_disease_twice() -> None:
    anomalies = inspected(f"{NCBI}/NCBItrainset_corpus.txt")["anomalies"]
    assert (anomalies["repeated id"]["count"], anomalies["repeated id"]["places"]) == (1, ["8528200"])
    assert anomalies["repeated text"]["places"] == ["8528200 repeats 8528200"]


def test_the_mention_with_blanks_beyond_its_offsets() -> None:
    (place,) = inspected(f"{NCBI}/NCBItrainset_corpus.txt")["anomalies"]["mention differs from its offsets"]["places"]
    line = int(place.removeprefix(f"{CORPORA / NCBI}/NCBItrainset_corpus.txt:").partition(":")[0])
    raw = (CORPORA / NCBI / "NCBItrainset_corpus.txt").read_text(encoding="utf-8").split("\n")[line - 1]
    assert raw.startswith("10923035\t")
    assert raw.split("\t")[3].endswith("  ")


def test_the_training_file_of_bc5cdr_contains_its_development_set() -> None:
    found = compared(CDR.format("Training"), CDR.format("Development"))
    assert (found["left"]["ids"]["different"], found["left"]["ids"]["shared"]) == (1000, 500)
    assert (found["right"]["ids"]["different"], found["right"]["texts"]["shared"]) == (500, 500)
    assert found["same_entities"] == 500
    assert "All document ids of B are in A: A contains B." in run(
        "compare", CDR.format("Training"), CDR.format("Development")
    )


def test_the_part_of_that_file_without_the_development_set() -> None:
    found = compared(CDR.format("Training"), "bc5cdr/pubtator/CDR_TrainingSet.500docs.DERIVED.PubTator.txt")
    assert (found["left"]["ids"]["shared"], found["right"]["ids"]["different"]) == (500, 500)
    assert compared("bc5cdr/pubtator/CDR_TrainingSet.500docs.DERIVED.PubTator.txt", CDR.format("Development"))["left"][
        "ids"
    ] == {"different": 500, "shared": 0, "near": 0, "total": 500, "covered": 0}


def test_both_releases_of_bc5cdr_differ_by_two_entities() -> None:
    found = compared(CDR.format("Development"), "bc5cdr/conll/devel.tsv")
    assert (found["left"]["entities"]["total"], found["right"]["entities"]["total"]) == (9591, 9593)
    assert found["left"]["sentences"]["shared"] / found["left"]["sentences"]["different"] > 0.99


def test_both_versions_of_cmeee_annotate_the_same_texts_differently() -> None:
    found = compared(V1.format("val_data"), V2.format("dev"))
    assert found["left"]["texts"]["shared"] == found["right"]["texts"]["shared"] == 5000
    assert found["same_entities"] < 2000


def test_it_is_said_in_words_that_both_tests_of_cmeee_are_the_same() -> None:
    printed = run("compare", V1.format("test1"), V2.format("test"))
    assert "A and B have the same texts of documents." in printed
    assert WARNING in printed


def test_both_tests_of_cmeee_are_the_same_texts() -> None:
    found = compared(V1.format("test1"), V2.format("test"))
    assert found["left"]["texts"]["total"] == found["left"]["texts"]["covered"] == 3000
    assert found["right"]["texts"]["total"] == found["right"]["texts"]["covered"] == 3000


def test_the_repeated_texts_and_the_empty_extents_of_cmeee() -> None:
    found = inspected(V1.format("train_data"))
    assert found["documents"] - found["repeated_texts"] == 14957
    assert found["anomalies"]["repeated text"]["count"] == 43
    assert found["dropped"] == {"empty extent": 2}


@pytest.mark.parametrize(
    ("left", "right", "shared"), [("dev", "dev", 1612), ("test", "test", 1709), ("test", "dev", 122)]
)
def test_the_copies_of_genia_overlap_in_spite_of_their_tokenisation(left: str, right: str, shared: int) -> None:
    found = compared(GENIA_COLUMNS.format(left), GENIA_LINES.format(right))
    assert found["left"]["texts"]["shared"] == found["right"]["texts"]["shared"] == shared


def test_sentences_of_jnlpba_are_in_genia() -> None:
    shared = compared("jnlpba/conll", "genia_nested/")["left"]["sentences"]["shared"]
    assert 1724 <= shared <= 1740  # the sentence splitter divides a few of the 1,724


@pytest.mark.parametrize(("other", "shared"), [("bc5cdr/pubtator", 204), (NCBI, 11)])
def test_articles_of_biored_are_in_other_corpora(other: str, shared: int) -> None:
    found = compared("biored/pubtator", other)
    assert found["left"]["ids"]["shared"] == found["left"]["texts"]["shared"] == shared


def test_the_licence_of_cmeee_is_not_stated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    (project / ".dvc").mkdir(parents=True)
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(ROOT / name, project)
    shutil.copytree(ROOT / "profiles", project / "profiles")
    (tmp_path / "shared").symlink_to(CORPORA.parent)
    monkeypatch.chdir(project)
    found = {entry["name"]: entry for entry in json.loads(run("list", "--profile", "cmeee", "--json"))}
    assert found["cmeee"]["licence"] == "not stated"
    assert not found["cmeee"]["missing"]
