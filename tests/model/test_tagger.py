"""The tagger on its real base: what it decodes is greedy and parses, and what it was taught it finds."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from tiny_lm import sentence, tagger_settings

from bioner.config import Selector, load_params
from bioner.documents import Document, read_documents
from bioner.entity_types import EntityTypes
from bioner.seeds import seed_torch
from bioner.tagger.cursor import CHOICES, Cursor
from bioner.tagger.decoding import Decoder, Request
from bioner.tagger.fit import fit_selector, fit_tagger
from bioner.tagger.folder import Manifest
from bioner.tagger.model import TAGGER, TaggerModel, add_selector, open_base
from bioner.tagger.network import Lora
from bioner.tagger.pieces import Tokens
from bioner.tagger.predictor import TaggerPredictor
from bioner.tagger.prompts import Prompt, wording
from bioner.tagger.symbols import END, parse
from bioner.training import Plan
from bioner.words import Words

pytestmark = pytest.mark.slow

TYPES = EntityTypes.of_words(["disease", "drug"])
DISEASES = ("asthma", "gout", "malaria", "sepsis", "lupus")
DRUGS = ("aspirin", "insulin", "warfarin", "heparin")
LORA = Lora(rank=16, alpha=32, dropout=0.0, layers=12)


@pytest.fixture(scope="module")
def base(repository: Path) -> str:
    """The reference of the base model of `params.yaml`."""
    return load_params(repository / "params.yaml").tagger.base


def new_model(base: str, base_workspace: Path) -> TaggerModel:
    """The base with an adapter that has learnt nothing."""
    with contextlib.chdir(base_workspace):
        seed_torch(1, 1)  # one thread: two are slower than one where others compute too
        return open_base(base, LORA)


@pytest.fixture(scope="module")
def taught(base: str, base_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> TaggerModel:
    """A tagger after a short training on the toy sentences."""
    model = new_model(base, base_workspace)
    settings = tagger_settings(base, LORA, steps=25, batch_size=4, learning_rate=2e-3)
    plan = Plan(settings.steps, settings.warmup, tmp_path_factory.mktemp("taught") / "tagger.pt", "")
    fit_tagger(model, TOYS, TYPES, settings, plan=plan, seed=3, description="toy tagger")
    return model


def toy(number: int) -> Document:
    """One of 40 sentences, half of them with both a disease and a drug."""
    disease, drug = DISEASES[number % 5], DRUGS[number % 4]
    texts = (
        (f"She took {drug} for {disease}.", ((disease, "disease"), (drug, "drug"))),
        (f"He had {disease} last year.", ((disease, "disease"),)),
    )
    text, mentions = texts[number % 2]
    return sentence(number, text, "en", *mentions)


TOYS = [toy(number) for number in range(40)]


def strict_f1(gold: Sequence[Document], predicted: Sequence[Document]) -> float:
    expected, found = ({(d.id, s.fragments, s.label) for d in side for s in d.spans} for side in (gold, predicted))
    return 2 * len(expected & found) / max(1, len(expected) + len(found))


def test_a_tagger_finds_what_it_was_taught(taught: TaggerModel, base: str) -> None:
    predictor = TaggerPredictor.of(taught, Manifest(base, TYPES, 0.0, 50, LORA, selector=False))
    found = list(predictor.predict([document.with_spans(()) for document in TOYS[:20]]))
    assert strict_f1(TOYS[:20], found) > 0.8


def test_a_selector_learns_to_tell_right_from_wrong(taught: TaggerModel, tmp_path: Path) -> None:
    settings = Selector(steps=25, batch_size=4, learning_rate=1e-3, warmup=0.1, negatives=2, dev_documents=1)
    add_selector(taught, LORA)
    plan = Plan(settings.steps, settings.warmup, tmp_path / "selector.pt", "")
    curve = fit_selector(taught, TOYS, TYPES, settings, 50, plan=plan, seed=3, description="toy selector").curve
    assert sum(point.loss for point in curve[-5:]) / 5 < 0.35  # guessing gives 0.64 at a third of right claims


def real_texts(repository: Path) -> list[Document]:
    """A sentence of the sample in each language, and one with brackets."""
    files = [repository / "data/sample" / language / "dev.jsonl" for language in ("en", "zh")]
    documents = [document for file in files for document in list(read_documents(file))[:1]]
    return [*documents, Document("brackets", "The [BRCA1] gene ]and[ \\ its receptor.", "en")]


def greedy(model: TaggerModel, prompt: Prompt, words: Sequence[Tokens], header: Tokens) -> tuple[int, ...]:
    """Step by step with the attention of transformers and its cache: no packing, no draft, no batch."""
    symbols = model.prompts.pieces.symbols
    network = model.network.model
    source = [token for word in words for token in word]
    pending, past = [*prompt.before, *source, *prompt.after, *header], None
    cursor, items = Cursor(len(words)), []
    while not items or items[-1] != END:
        output = network(torch.tensor([pending]), past_key_values=past, use_cache=True)
        logits, past = output.logits[0, -1], output.past_key_values
        word = words[min(cursor.word, len(words) - 1)][0]
        allowed = [choice for choice, is_allowed in zip(CHOICES, cursor.allowed(), strict=True) if is_allowed]
        best = max(allowed, key=lambda choice: float(logits[word if choice == 0 else symbols[choice]]))
        items.append(cursor.word if best == 0 else best)
        if best != END:
            pending = list(words[cursor.word]) if best == 0 else [symbols[best]]
            cursor = cursor.after(items[-1])
    return tuple(items)


@torch.inference_mode()
def test_decoding_is_greedy_and_parses(taught: TaggerModel, repository: Path) -> None:
    taught.network.use(TAGGER)
    documents = [*TOYS[:2], *real_texts(repository)]
    pieces = taught.prompts.pieces
    headers = [pieces.of_text("disease:"), pieces.of_text("drug:")]
    requests = [
        Request(taught.prompts.tagging[wording(d.language)], pieces.of_words(d.text, Words.of(d.text)), headers)
        for d in documents
    ]
    groups = Decoder(taught.network, taught.prompts).decode(requests)
    assert sum(len(parse(line.items)) for group in groups for line in group) >= 3  # the toys alone have three
    taught.network.model.set_attn_implementation("sdpa")  # type: ignore[operator]
    for request, group in zip(requests, groups, strict=True):
        for header, line in zip(headers, group, strict=True):
            assert line.items == greedy(taught, request.prompt, request.words, header)
