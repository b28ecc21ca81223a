"""On real sentences, ours and stock `gliner` find the same entities with the same weights, in all four kinds.

With `BIONER_AGREEMENT=2000` in the environment, 2,000 sentences are read of each kind, which takes some ten minutes.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from bioner.config import load_params
from bioner.corpora.conll import read
from bioner.corpora.reading import Reading
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.gliner.backbone import open_base
from bioner.gliner.folder import Manifest, write_folder
from bioner.gliner.overlap import Overlap
from bioner.gliner.predictor import load_gliner
from bioner.seeds import seed_torch
from bioner.words import Words

ROOT = Path(__file__).parents[2]
FILE = ROOT.parent / "shared/corpora/bc5cdr/conll/test.tsv"
KINDS = ["uni-span", "uni-token", "bi-span", "bi-token"]
SENTENCES = int(os.environ.get("BIONER_AGREEMENT", "60"))
LONGEST = 100  # words of a sentence, within what both read in one window
SHARE = 0.002  # of all spans and types that an untrained head is let find
SPREAD = 30.0
CLOSE = 1e-5  # how far two scores may be apart that are computed in another order

pytestmark = [
    pytest.mark.skipif(not FILE.is_file(), reason=f"the real corpora are not at {FILE.parents[2]}"),
    pytest.mark.slow,
]


def _split(text: str) -> list[tuple[str, int, int]]:
    return [(text[start:end], start, end) for start, end in Words.of(text).offsets]


def _threshold(scores: list[float]) -> float:
    """Where the scores near the wanted share lie farthest apart: no rounding may move one across."""
    ranked = np.sort(scores)[::-1]
    first = int(SHARE * len(ranked))
    near = ranked[first : first + first // 4]
    widest = int(np.argmax(near[:-1] - near[1:]))
    return float(near[widest] + near[widest + 1]) / 2


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_entities_are_found(kind: str, tmp_path: Path) -> None:
    from gliner import GLiNER

    types = EntityTypes.of_words(["disease", "chemical"])  # an order that a folder has to keep
    mini = load_params(ROOT / "params.yaml").gliner.variants["mini"]
    encoders, head = kind.split("-")
    width = mini.max_width if head == "span" else LONGEST  # stock lets a token head find spans of any width
    labels = mini.encoder if encoders == "bi" else None
    settings = {"max_words": 300, "max_width": width, "head": head, "labels_encoder": labels}
    seed_torch(5, 1)
    manifest = Manifest("base", types, 0.5, Overlap.FLAT, 300, mini.max_types)
    model = open_base(mini.model_copy(update=settings))
    if head == "token":  # which before its training scores all words nearly alike
        with torch.no_grad():
            model.network.scorer.out_mlp[-1].weight.mul_(SPREAD)
    write_folder(tmp_path, model, manifest)
    documents = [d for d in read(Reading(FILE, "en", "bc5cdr")) if len(Words.of(d.text)) <= LONGEST][:SENTENCES]
    texts = [Document(str(number), document.text, "en") for number, document in enumerate(documents)]
    scored = list(load_gliner(tmp_path).score(texts, floor=0.0))
    threshold = _threshold([c.score for one in scored for c in one.candidates])
    ours = [one.annotated(threshold, Overlap.FLAT) for one in scored]

    stock = GLiNER.from_pretrained(str(tmp_path), local_files_only=True)
    stock.data_processor.words_splitter = _split
    names = list(types.names("en").values())
    found = stock.inference([text.text for text in texts], names, threshold=threshold, batch_size=16)
    assert len(documents) == SENTENCES
    assert sum(len(document.spans) for document in ours) >= SENTENCES / 4
    assert [{(s.start, s.end, s.label) for s in d.spans} for d in ours] == [
        {(span["start"], span["end"], span["label"]) for span in spans} for spans in found
    ]
    pairs = [(a.score, b["score"]) for d, s in zip(ours, found, strict=True) for a, b in zip(d.spans, s, strict=True)]
    assert max(abs((one or 0.0) - other) for one, other in pairs) < CLOSE
