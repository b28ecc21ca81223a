"""Walking a `dvc.lock` back from a model to its sources."""

from __future__ import annotations

from typing import Any

from bioner.lineage.pipeline import Corpus, File, corpora_of, downstream, upstream


def entry(command: str, reads: list[str], writes: list[str], **params: Any) -> dict[str, Any]:
    def files(paths: list[str]) -> list[dict[str, str]]:
        return [{"path": path, "hash": "md5", "md5": f"md5 of {path}"} for path in paths]

    return {"cmd": command, "deps": files(reads), "params": {"params.yaml": params}, "outs": files(writes)}


LOCK = {
    "schema": "2.0",
    "stages": {
        "ingest@a": entry(
            "ingest a", ["../corpora/a", "src/bioner/corpora"], ["data/train/a.jsonl", "data/test/a.jsonl"]
        ),
        "ingest@b": entry("ingest b", ["../corpora/b"], ["data/unlabelled/b.jsonl", "data/train/b.jsonl"]),
        "curate": entry("curate", ["data/unlabelled"], ["data/curated.jsonl"], seed=13, curate={"limit": 5}),
        "pretrain@mini": entry("pretrain", ["data/curated.jsonl", "src/bioner/gliner"], ["models/pretrain/mini"]),
        "finetune@mini": entry("finetune", ["models/pretrain/mini", "data/train"], ["models/finetune/mini"]),
        "finetune@other": entry("finetune", ["data/train"], ["models/finetune/other"]),
        "evaluate@g": entry(
            "evaluate", ["models/finetune/mini", "data/test"], ["predictions/g", "metrics/evaluate/g.json"]
        ),
    },
}


def test_only_what_the_model_came_from_is_found_and_readers_come_first() -> None:
    stages = upstream(LOCK, "src/bioner", "models/finetune/mini")
    names = [stage.name for stage in stages]
    assert set(names) == {"finetune@mini", "pretrain@mini", "curate", "ingest@a", "ingest@b"}
    assert names[0] == "finetune@mini"
    for stage in stages:
        assert all(names.index(parent) > names.index(stage.name) for parent in stage.parents)


def test_parents_are_found_through_folders_above_and_below_an_output() -> None:
    parents = {stage.name: set(stage.parents) for stage in upstream(LOCK, "src/bioner", "models/finetune/mini")}
    assert parents["finetune@mini"] == {"pretrain@mini", "ingest@a", "ingest@b"}
    assert parents["curate"] == {"ingest@b"}
    assert parents["ingest@a"] == set()


def test_code_and_data_and_params_are_told_apart() -> None:
    stages = {stage.name: stage for stage in upstream(LOCK, "src/bioner", "models/finetune/mini")}
    assert stages["pretrain@mini"].code == (File("src/bioner/gliner", "md5 of src/bioner/gliner"),)
    assert stages["pretrain@mini"].reads == (File("data/curated.jsonl", "md5 of data/curated.jsonl"),)
    assert stages["curate"].params == {"seed": 13, "curate": {"limit": 5}}


def test_corpora_carry_what_the_params_say_of_them() -> None:
    stages = upstream(LOCK, "src/bioner", "models/finetune/mini")
    about = {"a": {"licence": "CC-BY-4.0", "source": "a journal", "language": "en", "citation": "Doe 2020"}}
    assert corpora_of(stages, {"corpora": about}) == (
        Corpus("a", File("../corpora/a", "md5 of ../corpora/a"), "CC-BY-4.0", "a journal", "en", "Doe 2020"),
        Corpus(
            "b", File("../corpora/b", "md5 of ../corpora/b"), "not stated", "not stated", "not stated", "not stated"
        ),
    )


def test_names_that_begin_alike_are_not_taken_for_each_other() -> None:
    assert upstream(LOCK, "src/bioner", "models/finetune/mi") == ()
    assert upstream(LOCK, "src/bio", "models/finetune/mini")[0].code == ()


def test_nothing_is_known_without_a_lock() -> None:
    assert upstream({}, "src/bioner", "models/finetune/mini") == ()


def test_downstream_of_an_output_is_its_stage_and_all_that_follow_in_order() -> None:
    def found(path: str) -> set[str]:
        names = downstream(LOCK, [path])
        assert downstream({"stages": dict(reversed(LOCK["stages"].items()))}, [path])[0] == names[0]
        return set(names)

    follow = {"pretrain@mini", "finetune@mini", "evaluate@g"}
    assert found("data/train/b.jsonl") == {
        "ingest@b",
        "curate",
        "finetune@other",
        *follow,
    }  # its outputs are made together
    assert downstream(LOCK, ["data/curated.jsonl"]) == ("curate", "pretrain@mini", "finetune@mini", "evaluate@g")
    assert found("models/finetune/other") == {"finetune@other"}
    assert downstream(LOCK, ["nothing"]) == ()
