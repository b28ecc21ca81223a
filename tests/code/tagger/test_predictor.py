"""A tagger annotates documents of any length in their order, and says the same after it was written and read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import torch
from tiny_lm import sentence

from bioner.documents import Document
from bioner.entity_types import EntityTypes, TypeName
from bioner.errors import ModelError
from bioner.files import read_json, write_json
from bioner.predictors import MANIFEST, load_predictor
from bioner.seeds import seed_torch
from bioner.tagger.folder import Manifest, write_folder
from bioner.tagger.model import TaggerModel, add_selector, open_base
from bioner.tagger.network import Lora
from bioner.tagger.predictor import TaggerPredictor
from bioner.tagger.sampling import Sampling

TYPES = EntityTypes.of_words(["disease", "drug"])
DOCUMENTS = [
    sentence(1, "Patients with [acute] asthma were given low dose aspirin.", "en"),
    sentence(2, "患者有急性哮喘，给予小剂量阿司匹林。", "zh"),
    Document("empty", "", "en"),
    Document("blank", " \n ", "zh"),
    Document("long", "The BRCA1 gene of patients with asthma. " * 12, "en"),
    sentence(6, "aspirin", "de"),
]


def manifest(base: Path, selector: bool) -> Manifest:
    return Manifest(f"path:{base}", TYPES, 0.0, 20, Lora(4, 8, 0.0, 2), selector)


@pytest.fixture
def judging(tiny: TaggerModel, tiny_base: Path) -> TaggerPredictor:
    """A tagger with a selector; both decide at random."""
    add_selector(tiny, Lora(4, 8, 0.0, 2))
    return TaggerPredictor.of(tiny, manifest(tiny_base, selector=True))


def test_documents_keep_their_order_and_text(judging: TaggerPredictor) -> None:
    annotated = list(judging.predict(DOCUMENTS, batch_size=3))
    assert [(d.id, d.text, d.language) for d in annotated] == [(d.id, d.text, d.language) for d in DOCUMENTS]
    assert any(d.spans for d in annotated)
    for document in annotated:
        for span in document.spans:
            assert span.label in TYPES.keys
            assert span.contiguous
            assert 0.0 < (span.score or 0.0) <= 1.0
            assert span.mention(document.text).strip() == span.mention(document.text)


@pytest.mark.slow
def test_batches_do_not_change_the_result(judging: TaggerPredictor) -> None:
    one, many = (list(judging.predict(DOCUMENTS, batch_size=size)) for size in (1, 16))
    assert [[(s.fragments, s.label) for s in d.spans] for d in one] == [
        [(s.fragments, s.label) for s in d.spans] for d in many
    ]


def test_a_long_document_is_annotated_to_its_end(judging: TaggerPredictor) -> None:
    (document,) = judging.predict([DOCUMENTS[4]])
    starts = [span.start for span in document.spans]
    assert min(starts) < 60
    assert max(starts) > len(document.text) - 120
    assert len({(s.fragments, s.label) for s in document.spans}) == len(document.spans)


def test_the_threshold_drops_spans(judging: TaggerPredictor) -> None:
    scores = [s.score for d in judging.predict(DOCUMENTS) for s in d.spans if s.score is not None]
    middle = sorted(scores)[len(scores) // 2]
    kept = [s.score for d in replace(judging, threshold=middle).predict(DOCUMENTS) for s in d.spans]
    assert sorted(kept) == pytest.approx([score for score in sorted(scores) if score >= middle])
    assert 0 < len(kept) < len(scores)


@pytest.mark.slow
def test_agreement_is_the_score_of_sampled_spans(judging: TaggerPredictor) -> None:
    settings = Sampling(copies=5, temperature=1.0, seed=2, agreement=0.3)
    sampled = replace(judging, selector=False, sampling=settings)
    annotated = list(sampled.predict(DOCUMENTS, batch_size=3))
    scores = {span.score for document in annotated for span in document.spans}
    assert scores <= {0.4, 0.6, 0.8, 1.0}
    assert len(scores) > 1
    assert list(sampled.predict(DOCUMENTS, batch_size=16)) == annotated
    unsure = replace(sampled, sampling=replace(settings, agreement=0.0)).predict(DOCUMENTS)
    assert 0.2 in {span.score for document in unsure for span in document.spans}
    both = replace(sampled, selector=True).predict(DOCUMENTS)
    assert all(0.0 < (span.score or 0.0) < 1.0 for document in both for span in document.spans)


def test_a_stream_is_not_read_far_ahead(judging: TaggerPredictor) -> None:
    taken = []

    def endless() -> Iterator[Document]:
        for number in count():
            taken.append(number)
            yield Document(str(number), "" if number % 3 else "gout and aspirin", "en")

    annotated = judging.predict(endless(), batch_size=4)
    assert [next(annotated).id for _ in range(20)] == [str(number) for number in range(20)]
    assert len(taken) < 20 + 6 * 4


def test_other_types_can_be_asked_for(judging: TaggerPredictor) -> None:
    labels = {s.label for d in judging.predict(DOCUMENTS, EntityTypes.of_words(["cell"])) for s in d.spans}
    assert labels == {"cell"}


@pytest.mark.slow
def test_a_written_tagger_predicts_the_same(judging: TaggerPredictor, tiny_base: Path, tmp_path: Path) -> None:
    write_folder(tmp_path, judging.model, manifest(tiny_base, selector=True))
    read = load_predictor(f"path:{tmp_path}")
    assert list(read.predict(DOCUMENTS)) == list(judging.predict(DOCUMENTS))
    assert read.types == TYPES
    assert sorted(file.name for file in tmp_path.iterdir()) == [MANIFEST, "selector.safetensors", "tagger.safetensors"]


DEFINED = EntityTypes({key: {"en": TypeName(name=key, definition=f"a {key} with a name")} for key in TYPES.keys})


@pytest.mark.slow
def test_a_tagger_trained_with_definitions_predicts_with_them(tiny_base: Path, tmp_path: Path) -> None:
    seed_torch(1, 1)
    lora = Lora(4, 8, 0.0, 2)
    model = open_base(f"path:{tiny_base}", lora, definitions=True)
    for parameter in model.network.trainable():
        torch.nn.init.normal_(parameter, std=0.3)
    defined = Manifest(f"path:{tiny_base}", DEFINED, 0.0, 20, lora, selector=False, definitions=True)
    own = list(TaggerPredictor.of(model, defined).predict(DOCUMENTS))
    write_folder(tmp_path, model, defined)
    assert list(load_predictor(f"path:{tmp_path}").predict(DOCUMENTS)) == own
    by_name = replace(model, prompts=replace(model.prompts, definitions=False))
    assert list(TaggerPredictor.of(by_name, defined).predict(DOCUMENTS)) != own
    write_json(tmp_path / MANIFEST, read_json(tmp_path / MANIFEST) | {"definitions": False})
    with pytest.raises(ModelError, match="other prompts"):
        load_predictor(f"path:{tmp_path}")


@pytest.mark.slow
def test_a_folder_from_before_there_were_definitions_is_read(
    judging: TaggerPredictor, tiny_base: Path, tmp_path: Path
) -> None:
    write_folder(tmp_path, judging.model, manifest(tiny_base, selector=True))
    record = read_json(tmp_path / MANIFEST)
    write_json(tmp_path / MANIFEST, {key: record[key] for key in record if key not in ("definitions", "quantise")})
    assert list(load_predictor(f"path:{tmp_path}").predict(DOCUMENTS)) == list(judging.predict(DOCUMENTS))


def test_a_folder_without_its_adapter_is_refused(judging: TaggerPredictor, tiny_base: Path, tmp_path: Path) -> None:
    write_folder(tmp_path, judging.model, manifest(tiny_base, selector=True))
    (tmp_path / "selector.safetensors").unlink()
    with pytest.raises(ModelError, match="adapter"):
        load_predictor(f"path:{tmp_path}")


@pytest.mark.parametrize("change", [{"lora": {"rank": 2, "alpha": 8, "dropout": 0.0, "layers": 2}}, {"prompt": "x"}])
def test_a_folder_that_does_not_fit_is_refused(
    judging: TaggerPredictor, tiny_base: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    write_folder(tmp_path, judging.model, manifest(tiny_base, selector=True))
    write_json(tmp_path / MANIFEST, read_json(tmp_path / MANIFEST) | change)
    with pytest.raises(ModelError):
        load_predictor(f"path:{tmp_path}")
