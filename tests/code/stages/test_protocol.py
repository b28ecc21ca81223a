"""Stage protocol: each kind from documents to figures, and the command that shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from projects import Project, parse
from protocol_material import PHASE, WORDS, documents
from typer.testing import CliRunner

from bioner.cli.app import build
from bioner.documents import write_documents
from bioner.errors import ConfigError
from bioner.files import read_json
from bioner.stages import context as stage_context
from bioner.stages import layout, protocol
from bioner.stages.context import HELD_OUT, Context

pytestmark = pytest.mark.slow

TRAINING = PHASE.model_dump(mode="json")
COMMON = {"variant": "mini", "corpora": ["sample-en"], "types": ["drug"], "seeds": 2}


@pytest.fixture
def ready(bare_project: Project, tiny_encoder: Path) -> Project:
    """A project whose gold and synthetic documents are there, with a tiny encoder; the drug is held out of nothing."""
    for split, size in (("train", 8), ("dev", 3), ("test", 4)):
        write_documents(layout.split(split, "sample-en"), documents(split, size))
        write_documents(layout.split(split, "sample-zh"), [])
    no_drug = [d.with_spans(s for s in d.spans if s.label != "drug") for d in documents("synthetic", 6)]
    write_documents(layout.SYNTHETIC, no_drug)
    file = bare_project.root / "params.yaml"
    params = yaml.safe_load(file.read_text(encoding="utf-8"))
    params["gliner"]["variants"]["mini"] |= {
        "encoder": f"path:{tiny_encoder}",
        "max_width": 4,
        "max_words": 30,
        "max_types": 5,
    }
    file.write_text(yaml.safe_dump(params, allow_unicode=True), encoding="utf-8")
    return bare_project


def run(project: Project, **settings: Any) -> dict[str, Any]:
    """Run a protocol of these settings and return its figures."""
    file = project.root / "params.yaml"
    params = yaml.safe_load(file.read_text(encoding="utf-8"))
    params["protocols"] = {"mine": COMMON | settings}
    file.write_text(yaml.safe_dump(params, allow_unicode=True), encoding="utf-8")
    protocol.run(Context("protocol", "mine", parse(file.read_text(encoding="utf-8"))))
    record: dict[str, Any] = read_json(layout.metrics("protocol", "mine"))
    return record


def trained(project: Project) -> None:
    """A model where the stage pretrain leaves it."""
    from bioner.files import atomic_directory
    from bioner.gliner.backbone import open_base
    from bioner.gliner.folder import Manifest, write_folder
    from bioner.gliner.overlap import Overlap

    params = project.params
    variant = params.gliner.variants["mini"]
    manifest = Manifest(variant.encoder, params.entity_types, 0.5, Overlap.FLAT, variant.max_words, variant.max_types)
    with atomic_directory(layout.pretrained("mini")) as aside:
        write_folder(aside, open_base(variant), manifest)


def test_every_kind_ends_in_figures(ready: Project) -> None:
    trained(ready)
    few = run(ready, kind="few-shot", start=["encoder", "pretrain"], k=[1], training=TRAINING)
    assert set(few["results"]) == {"encoder, k = 1", "pretrain, k = 1"}
    assert few["gains"]["pretrain, k = 1 over encoder, k = 1"]["seeds"] == 2
    supervised = run(ready, kind="supervised", start=["encoder"], training=TRAINING)
    assert supervised["results"]["encoder"]["seeds"] == 2
    zero = run(ready, kind="zero-shot", start=["encoder", "pretrain"])
    assert set(zero["results"]) == {"encoder, k = 0", "pretrain, k = 0"}
    forgetting = run(ready, kind="forgetting", start=["pretrain"], training=TRAINING)
    assert forgetting["types"] == ["disease", "gene"]
    assert forgetting["gains"]["pretrain, after over pretrain, before"]["seeds"] == 2


def test_an_ablation_is_resumed_and_shown(ready: Project, capsys: pytest.CaptureFixture[str]) -> None:
    settings = {"kind": "ablation", "types": ["disease"], "training": TRAINING, "synthetic_steps": 2, "k": [1]}
    record = run(ready, **settings)
    assert record["updates of every trained arm"] == 4
    assert set(record["results"]) == {"neither, k = 0", "synthetic, k = 0", "gold, k = 1", "both, k = 1"}
    assert record["trials"] == 8
    capsys.readouterr()
    assert run(ready, **settings) == record
    assert "trial " not in capsys.readouterr().err
    shown = CliRunner().invoke(build(), ["protocol", "mine", "--json"])
    assert json.loads(shown.stdout) == record
    assert "both, k = 1" in CliRunner().invoke(build(), ["protocol", "mine"]).stdout
    assert "ablation" in CliRunner().invoke(build(), ["protocol"]).stdout


def test_a_model_that_saw_the_type_is_no_zero_shot_model(ready: Project) -> None:
    with pytest.raises(ConfigError, match=r"gene \(as gene or protein"):
        run(ready, kind="zero-shot", start=["pretrain"], types=["drug", "gene"])


def test_a_trained_encoder_has_to_say_what_it_saw(ready: Project) -> None:
    trained(ready)
    file = ready.root / "params.yaml"
    params = yaml.safe_load(file.read_text(encoding="utf-8"))
    params["gliner"]["variants"]["mini"]["encoder"] = f"path:{layout.pretrained('mini').resolve()}"
    file.write_text(yaml.safe_dump(params, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ConfigError, match="which types it has seen"):
        run(ready, kind="zero-shot", start=["encoder"])
    with pytest.raises(ConfigError, match=r"drug \(as drugs"):
        run(ready, kind="zero-shot", start=["encoder"], saw=["drugs"])
    assert run(ready, kind="zero-shot", start=["encoder"], saw=["organism"])["trials"] == 2


@pytest.mark.usefixtures("ready")
def test_held_out_documents_are_for_protocols_alone() -> None:
    own = [d.__class__(d.id, d.text, d.language, d.spans, d.source, {HELD_OUT: True}) for d in documents("held", 3)]
    write_documents(layout.split("train", "target"), own)
    assert set(stage_context.read_corpora("train")) == {"sample-en"}
    assert set(stage_context.read_corpora("train", held_out=True)) == {"sample-en", "target"}
    assert WORDS["drug"][0] in own[0].text
