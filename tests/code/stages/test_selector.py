"""Stage selector: it learns from the tagger's own errors if the params ask for that, and says what it gains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from projects import Project, drug_sentences
from tiny_lm import make_tiny_lm

from bioner.config import load_params
from bioner.documents import write_documents
from bioner.files import read_json
from bioner.predictors import load_predictor
from bioner.stages import layout, selector, tagger
from bioner.stages.context import Context

pytestmark = pytest.mark.slow


@pytest.fixture
def trained(bare_project: Project, tmp_path: Path) -> Project:
    """A project with a tiny tagger that has learnt from 12 of 30 sentences."""
    make_tiny_lm(tmp_path / "base")
    change(bare_project, "tagger", base=f"path:{tmp_path / 'base'}", steps=6, layers=2, lora_rank=4, dev_documents=4)
    change(bare_project, "selector", steps=4, dev_documents=4)
    write_documents(layout.split("train", "sample-en"), drug_sentences(30))
    write_documents(layout.split("dev", "sample-en"), drug_sentences(6))
    tagger.run(Context("tagger", None, load_params(layout.PARAMS)))
    return bare_project


def change(project: Project, section: str, **values: Any) -> None:
    file = project.root / "params.yaml"
    params = yaml.safe_load(file.read_text(encoding="utf-8"))
    params[section] |= values
    file.write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def run() -> dict[str, Any]:
    selector.run(Context("selector", None, load_params(layout.PARAMS)))
    figures: dict[str, Any] = read_json(layout.metrics("selector"))
    return figures


def test_the_selector_learns_from_own_errors_and_says_what_it_gains(trained: Project) -> None:
    plain = run()
    assert "own_errors" not in plain
    assert plain["examples"] == 30
    assert set(plain["dev_gain"]) == {"f1", "standard_error"}
    change(trained, "selector", own_errors={"sentences": 10}, ranking=0.5, aim="precision", caution=1.0)
    unread = run()
    assert unread["own_errors"]["sentences"] == unread["examples"] == 10
    assert 0 <= unread["own_errors"]["wrong"] <= unread["own_errors"]["spans"]
    assert unread["dev_strict"]["selected"]["f1"] >= unread["dev_strict"]["all spans"]["f1"]
    change(trained, "selector", own_errors={"sentences": 50, "folds": 2, "steps": 0.5})
    assert run()["own_errors"]["sentences"] == 30
    assert not (layout.STATE / "own-errors").exists()
    assert load_predictor(f"path:{layout.SELECTOR}").types.keys == load_params(layout.PARAMS).entity_types.keys
