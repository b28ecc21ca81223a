"""What the stages share: an identity that sees every change, splits read in one order, curves as CSV."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.config import Params, load_params
from bioner.documents import Document, write_documents
from bioner.errors import DataError
from bioner.stages import layout
from bioner.stages.context import Context, read_split, write_curve
from bioner.training import Point


@pytest.fixture
def params(repository: Path) -> Params:
    return load_params(repository / "params.yaml")


@pytest.fixture(autouse=True)
def _workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_stage_with_items_is_named_by_both(params: Params) -> None:
    assert Context("curate", None, params).name == "curate"
    assert Context("finetune", "mini", params).name == "finetune-mini"
    assert Context("finetune", "mini", params).need_item() == "mini"
    with pytest.raises(ValueError, match="curate needs an item"):
        Context("curate", None, params).need_item()


def test_the_identity_of_a_training_changes_with_all_it_depends_on(params: Params) -> None:
    one, two = Path("one.jsonl"), Path("folder")
    two.mkdir()
    one.write_text("1", encoding="utf-8")
    context = Context("tagger", None, params)

    def identity() -> str:
        return context.identity([one, two], params.tagger, {"extra": 1})

    first = identity()
    assert identity() == first
    seen = {first}
    (two / "file").write_text("x", encoding="utf-8")
    seen.add(identity())
    one.write_text("2", encoding="utf-8")
    seen.add(identity())
    seen.add(context.identity([one, two], params.selector, {"extra": 1}))
    seen.add(context.identity([one, two], params.tagger, {"extra": 2}))
    seen.add(context.identity([two, one], params.tagger, {"extra": 1}))
    for other in (
        Context("selector", None, params),
        Context("tagger", None, params.model_copy(update={"seed": 1})),
        Context("tagger", None, params.model_copy(update={"threads": params.threads + 1})),
    ):
        seen.add(other.identity([one, two], params.tagger, {"extra": 1}))
    assert len(seen) == 9


def test_a_plan_keeps_its_checkpoint_in_the_state_folder(params: Params) -> None:
    plan = Context("finetune", "mini", params).plan(100, 0.1, "identity")
    assert plan.checkpoint == layout.STATE / "checkpoints" / "finetune-mini.pt"
    assert (plan.steps, plan.warmup, plan.identity) == (100, 0.1, "identity")


def test_a_split_is_read_in_the_order_of_the_corpora() -> None:
    for corpus in ("b", "a"):
        write_documents(layout.split("train", corpus), [Document(f"{corpus}{n}", "x", "en") for n in (2, 1)])
    layout.split("train").joinpath(".c.jsonl.new-1.part").write_text("half", encoding="utf-8")
    assert [document.id for document in read_split("train")] == ["a2", "a1", "b2", "b1"]


def test_a_split_that_is_empty_everywhere_says_how_to_fill_it() -> None:
    for make in (lambda: None, lambda: write_documents(layout.split("dev", "a"), [])):
        make()
        with pytest.raises(DataError, match="no corpus has any dev document") as caught:
            read_split("dev")
        assert "dev_fraction" in caught.value.mend


def test_a_curve_is_a_table_for_plots() -> None:
    write_curve(Path("curve.csv"), [Point(0, 1.5, 1e-3), Point(1, 0.25, 1e-4)])
    lines = Path("curve.csv").read_text(encoding="utf-8").splitlines()
    assert lines == ["step,loss,learning_rate", "0,1.500000,1.000e-03", "1,0.250000,1.000e-04"]
