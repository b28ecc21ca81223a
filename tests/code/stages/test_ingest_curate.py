"""Tests of the stages `ingest` and `curate` on small corpora of every kind of defect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bioner.config import Params, merge, parse_params, read_yaml
from bioner.documents import read_documents
from bioner.errors import DataError, GateError
from bioner.stages import curate, ingest
from bioner.stages.context import Context

ROOT = Path(__file__).parents[3]
SENTENCE = "patient\tO\nnumber\tO\n{}\tO\nhas\tO\ngout\tB-Disease\nin\tO\ntoe\tB-Part\n.\tO\n\n"
TRAIN = "".join(SENTENCE.format(number) for number in range(40))
TEST = "".join(SENTENCE.format(number) for number in range(5))
CONLL: dict[str, Any] = {"path": "conll", "format": "conll", "language": "en"}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small CoNLL corpus and a text file, and the current directory of the test."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in/conll").mkdir(parents=True)
    (tmp_path / "in/conll/train.tsv").write_text(TRAIN, encoding="utf-8")
    (tmp_path / "in/conll/test.tsv").write_text(TEST, encoding="utf-8")
    texts = (
        "Gout of the toe responds to colchicine within days.\n" * 2 + "He said that patient number 3 has gout in toe.\n"
    )
    (tmp_path / "in/text.txt").write_text(texts, encoding="utf-8")
    return tmp_path


def _params(**corpora: dict[str, Any]) -> Params:
    base = read_yaml(ROOT / "params.yaml")
    return parse_params(merge(base, {"data_root": "in"}) | {"corpora": corpora}, "test")


def _ingest(**corpora: dict[str, Any]) -> dict[str, Any]:
    """Run the stage for each corpus, and return the metrics of the first."""
    params = _params(**corpora)
    for name in corpora:
        ingest.run(Context("ingest", name, params))
    metrics: dict[str, Any] = json.loads(Path(f"metrics/ingest/{next(iter(corpora))}.json").read_text(encoding="utf-8"))
    return metrics


def _lines(split: str, corpus: str) -> list[str]:
    return [document.text for document in read_documents(Path("data") / split / f"{corpus}.jsonl")]


def test_a_corpus_becomes_one_file_for_each_split(workspace: Path) -> None:
    corpus = CONLL | {"splits": {"train": "train.tsv", "test": "test.tsv"}, "labels": {"Disease": "disease"}}
    metrics = _ingest(mine=corpus)
    assert len(_lines("train", "mine")) == metrics["train"]["documents"] == 40
    assert _lines("dev", "mine") == _lines("unlabelled", "mine") == []
    assert metrics["train"]["types"] == {"disease": 40}
    assert metrics["dropped"] == {"label Part": 45}
    assert metrics["train"]["words"] == 320
    (first, *_) = read_documents(workspace / "data/train/mine.jsonl")
    assert (first.text, first.spans[0].mention(first.text), first.source) == (
        "patient number 0 has gout in toe.",
        "gout",
        "mine",
    )


@pytest.mark.usefixtures("workspace")
def test_dev_is_a_share_of_train_and_limits_come_after() -> None:
    corpus = CONLL | {
        "splits": {"train": "train.tsv"},
        "labels": {},
        "dev_fraction": 0.3,
        "limit": {"train": 20, "dev": 4},
    }
    metrics = _ingest(mine=corpus)
    assert (metrics["train"]["documents"], metrics["dev"]["documents"]) == (20, 4)
    assert not set(_lines("train", "mine")) & set(_lines("dev", "mine"))
    over = sum(count for reason, count in metrics["dropped"].items() if reason.startswith("documents over the limit"))
    assert over == 16
    before = Path("data/train/mine.jsonl").read_bytes()
    _ingest(mine=corpus)
    assert Path("data/train/mine.jsonl").read_bytes() == before


@pytest.mark.usefixtures("workspace")
def test_a_path_may_be_the_file_itself_and_unlabelled_text_loses_its_annotations() -> None:
    corpus = CONLL | {"path": "conll/train.tsv", "splits": {"unlabelled": "."}}
    metrics = _ingest(mine=corpus)
    assert (metrics["unlabelled"]["documents"], metrics["unlabelled"]["entities"]) == (40, 0)
    assert metrics["dropped"] == {"annotations of unlabelled text": 80}


@pytest.mark.parametrize(
    ("change", "what", "where", "mend"),
    [
        ({"splits": {"train": "none.tsv"}}, "cannot be read: No such file", "in/conll/none.tsv", "data_root"),
        ({"splits": {"train": "train.tsv"}}, "label 'Disease'", "train.tsv, record train.tsv:1", "`labels`"),
        ({"splits": {"test": "empty.tsv"}}, "the corpus mine is empty: no test document", "empty.tsv", "corpora.mine"),
        ({"splits": {"train": "."}}, "cannot be read: Is a directory", "in/conll", "splits"),
    ],
)
def test_bad_input_is_one_clear_error(
    workspace: Path, change: dict[str, Any], what: str, where: str, mend: str
) -> None:
    (workspace / "in/conll/empty.tsv").write_text("\n\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        _ingest(mine=CONLL | change)
    assert what in caught.value.what
    assert where in caught.value.where
    assert mend in caught.value.mend
    assert not (workspace / "data").exists()


GOLD = CONLL | {"splits": {"train": "train.tsv", "test": "test.tsv"}, "labels": {}, "dev_fraction": 0.2}
TEXT: dict[str, Any] = {"path": "text.txt", "format": "text", "language": "en", "splits": {"unlabelled": "."}}


def _curate(params: Params, max_leakage: float) -> dict[str, Any]:
    """Run the stage, and return its metrics."""
    rules = params.curate.model_copy(update={"max_leakage": max_leakage})
    curate.run(Context("curate", None, params.model_copy(update={"curate": rules})))
    metrics: dict[str, Any] = json.loads(Path("metrics/curate.json").read_text(encoding="utf-8"))
    return metrics


@pytest.mark.usefixtures("workspace")
def test_curate_counts_what_it_drops_and_what_leaks() -> None:
    dev = _ingest(mine=GOLD, text=TEXT)["dev"]["documents"]
    metrics = _curate(_params(mine=GOLD, text=TEXT), 1.0)
    assert [document.text for document in read_documents(Path("data/curated.jsonl"))] == [
        "Gout of the toe responds to colchicine within days."
    ]
    assert metrics["dropped"] == {"repeated": 1, "shares words with test": 1}
    assert (metrics["documents"], metrics["sentences"], metrics["kept"], metrics["repaired"]) == (3, 3, 1, 0)
    assert metrics["kept_by_source"] == {"text": 1}
    assert metrics["dropped_by_source"] == {"text": metrics["dropped"]}
    assert metrics["dropped_by_language"] == {"en": metrics["dropped"]}
    leakage = metrics["leakage"]
    assert set(leakage) == {
        *("test/mine in train/mine", "test/mine in curated/text", "test/mine in dev/mine"),
        *("dev/mine in train/mine", "dev/mine in curated/text"),
    }
    assert leakage["test/mine in train/mine"]["equal"] + leakage["test/mine in dev/mine"]["equal"] == 5
    assert leakage["dev/mine in train/mine"]["equal"] == 0 < dev == leakage["dev/mine in train/mine"]["documents"]
    assert leakage["test/mine in curated/text"] == {"documents": 5, "equal": 0, "near": 0, "shared_runs": 0, "share": 0}


def test_curate_stops_where_too_much_leaks(workspace: Path) -> None:
    _ingest(mine=GOLD, text=TEXT)
    params = _params(mine=GOLD, text=TEXT)
    metrics = _curate(params, 1.0)
    worst = max(pair["share"] for pair in metrics["leakage"].values())
    assert 0.5 < worst <= 1.0
    _curate(params, worst)
    with pytest.raises(GateError) as caught:
        _curate(params, worst - 0.01)
    (name,) = (name for name, pair in metrics["leakage"].items() if pair["share"] == worst)
    near = metrics["leakage"][name]["near"]
    assert f"{near} of {metrics['leakage'][name]['documents']} documents ({worst:.1%}) of {name}" in caught.value.what
    assert caught.value.where == "metrics/curate.json, leakage"
    assert "curate.max_leakage" in caught.value.mend
    assert not (workspace / "data/curated.jsonl").exists()
    assert json.loads((workspace / "metrics/curate.json").read_text(encoding="utf-8")) == metrics


def test_the_samples_own_splits_leak_nothing(workspace: Path) -> None:
    params = parse_params(
        merge(read_yaml(ROOT / "params.yaml"), {"data_root": str(ROOT / "data/sample")}), "params.yaml"
    )
    for name in params.corpora:
        ingest.run(Context("ingest", name, params))
    curate.run(Context("curate", None, params))
    metrics = json.loads((workspace / "metrics/curate.json").read_text(encoding="utf-8"))
    assert {pair["share"] for pair in metrics["leakage"].values()} == {0.0}
    assert metrics["kept"] == params.curate.limit
    lost = sum(metrics["dropped"].values()) - metrics["dropped"]["over the limit"]
    assert lost <= 0.01 * metrics["sentences"]


def test_curate_needs_texts_that_are_left(workspace: Path) -> None:
    (workspace / "in/text.txt").write_text("Short.\n", encoding="utf-8")
    params = _params(mine=GOLD, text=TEXT)
    _ingest(mine=GOLD)
    with pytest.raises(DataError, match="no corpus has any unlabelled document"):
        curate.run(Context("curate", None, params))
    _ingest(text=TEXT)
    with pytest.raises(DataError, match="no unlabelled text is left of 1 sentences: 1 too short"):
        curate.run(Context("curate", None, params))


def test_a_corpus_that_is_held_out_says_so_where_a_stage_would_learn_or_choose(workspace: Path) -> None:
    splits = {"train": "train.tsv", "test": "test.tsv"}
    _ingest(mine=CONLL | {"splits": splits, "labels": {"Disease": "disease"}, "dev_fraction": 0.1, "held_out": True})
    held = {
        split: {document.meta.get("held_out") for document in read_documents(workspace / f"data/{split}/mine.jsonl")}
        for split in ("train", "dev", "test")
    }
    assert held == {"train": {True}, "dev": {True}, "test": {None}}
