"""The tagger on its real base: what it decodes is greedy and parses, and what it was taught it finds."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest
import torch
from stepwise import TIE, margins, plain_attention
from tiny_lm import sentence, tagger_settings

from bioner.config import Format, Selector, load_params
from bioner.corpora.reading import Reading
from bioner.corpora.registry import reader_for
from bioner.documents import Document, read_documents
from bioner.entity_types import EntityTypes
from bioner.seeds import seed_torch
from bioner.tagger.decoding import Decoder, Request
from bioner.tagger.fit import fit_selector, fit_tagger
from bioner.tagger.folder import Manifest
from bioner.tagger.model import TAGGER, TaggerModel, add_selector, open_base
from bioner.tagger.network import Lora
from bioner.tagger.predictor import TaggerPredictor
from bioner.tagger.prompts import wording
from bioner.tagger.symbols import END, encode, parse
from bioner.training import Plan
from bioner.words import Words

pytestmark = pytest.mark.slow

CORPORA = Path(__file__).parents[3] / "shared/corpora"
SENTENCES = int(os.environ.get("BIONER_EXACTNESS", "2"))  # of each corpus; with 170 they are more than 500
Real = tuple[Format, str, str, str]  # its format, file and language, and a type to ask for
REAL: list[Real] = [
    ("conll", "ncbi_disease/conll/test.tsv", "en", "disease"),
    ("token_spans", "genia_nested/span_jsonlines/test.jsonlines", "en", "drug"),
    ("cmeee_v1", "cmeee/chip2020_v1/val_data.txt", "zh", "疾病"),
]

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
    assert sum(len(parse(line.items)) for group in groups for (line,) in group) >= 3  # the toys alone have three
    with plain_attention(taught):
        for request, group in zip(requests, groups, strict=True):
            for header, (line,) in zip(headers, group, strict=True):
                assert min(margins(taught, request, header, line.items)) >= 0


def real_requests(model: TaggerModel) -> list[Request]:
    """Sentences of each corpus, and one type; the languages alternate."""
    asked = []
    for form, path, language, name in REAL:
        pieces, prompt = model.prompts.pieces, model.prompts.tagging[language]
        documents = islice(reader_for(form)(Reading(CORPORA / path, language, "real")), SENTENCES)
        words = [pieces.of_words(document.text, Words.of(document.text)) for document in documents]
        asked.append([Request(prompt, own, [pieces.of_text(f"{name}:")]) for own in words])
    return [request for some in zip(*asked, strict=True) for request in some]


@pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the real corpora are not at {CORPORA}")
def test_drafts_change_nothing_on_real_sentences(taught: TaggerModel) -> None:
    """Token for token, at three batch sizes; where two choices are closer than rounding, either is right.

    No difference is passed over: every item of every line that any batch size gave is put to step-by-step decoding.
    """
    taught.network.use(TAGGER)
    asked = real_requests(taught)
    decoder = Decoder(taught.network, taught.prompts)
    written = [[line.items for ((line,),) in decoder.stream(iter(asked), size)] for size in (1, 8, 32)]
    assert sum(map(len, written[0])) > len(asked), "every line ends at once, which says nothing"
    with plain_attention(taught):
        found = [
            margin
            for request, *lines in zip(asked, *written, strict=True)
            for items in set(lines)
            for margin in margins(taught, request, request.headers[0], items)
            if margin != torch.inf  # where there was no other choice
        ]
    ties = sum(abs(margin) < TIE for margin in found)
    differing = sum(len(set(lines)) > 1 for lines in zip(*written, strict=True))
    print(f"{len(asked)} lines, {len(found)} choices, least margin {min(found):.2g}, {ties} ties, {differing} differ")
    assert min(found) > -TIE
    assert differing <= ties <= max(1, len(found) // 1000)


@pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the real corpora are not at {CORPORA}")
def test_every_line_of_an_untrained_tagger_parses(base: str, base_workspace: Path) -> None:
    model = new_model(base, base_workspace)
    asked = real_requests(model)
    for request, ((line,),) in zip(asked, Decoder(model.network, model.prompts).stream(asked, 16), strict=True):
        found = list(parse(line.items))
        assert line.items[-1] == END
        assert [item for item in line.items if item >= 0] == list(range(sum(item >= 0 for item in line.items)))
        assert all(0 <= first <= last < len(request.words) for first, last in found)
        assert set(parse(encode(found))) == set(found)  # none crosses another
