"""On real sentences, ours and stock `gliner` find the same entities with the same weights, in all four kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

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
SENTENCES = {"uni-span": 2000, "uni-token": 200, "bi-span": 200, "bi-token": 200}
SHARE = 0.001  # of all spans and types that an untrained head is let find
CLOSE = 1e-5  # how far two scores may be apart that are computed in another order

pytestmark = [
    pytest.mark.skipif(not FILE.is_file(), reason=f"the real corpora are not at {FILE.parents[2]}"),
    pytest.mark.slow,
]


def _split(text: str) -> list[tuple[str, int, int]]:
    return [(text[start:end], start, end) for start, end in Words.of(text).offsets]


@pytest.mark.parametrize("kind", SENTENCES)
def test_the_same_entities_are_found(kind: str, tmp_path: Path) -> None:
    from gliner import GLiNER

    types = EntityTypes.of_words(["disease", "chemical"])
    mini = load_params(ROOT / "params.yaml").gliner.variants["mini"]
    encoders, head = kind.split("-")
    settings = {"max_words": 300, "head": head, "labels_encoder": mini.encoder if encoders == "bi" else None}
    seed_torch(5, 1)
    manifest = Manifest("base", types, 0.5, Overlap.FLAT, 300, mini.max_types)
    write_folder(tmp_path, open_base(mini.model_copy(update=settings)), manifest)
    documents = [d for d in read(Reading(FILE, "en", "bc5cdr")) if len(Words.of(d.text)) <= 100][: SENTENCES[kind]]
    texts = [Document(str(number), document.text, "en") for number, document in enumerate(documents)]
    scored = list(load_gliner(tmp_path).score(texts, floor=0.0))
    scores = sorted((c.score for one in scored for c in one.candidates), reverse=True)
    threshold = (scores[int(SHARE * len(scores))] + scores[int(SHARE * len(scores)) + 1]) / 2
    ours = [one.annotated(threshold, Overlap.FLAT) for one in scored]

    stock = GLiNER.from_pretrained(str(tmp_path), local_files_only=True)
    stock.data_processor.words_splitter = _split
    names = list(types.names("en").values())
    found = stock.inference([text.text for text in texts], names, threshold=threshold, batch_size=16)
    assert len(documents) == SENTENCES[kind]
    assert sum(len(document.spans) for document in ours) >= SENTENCES[kind] / 4
    assert [{(s.start, s.end, s.label) for s in d.spans} for d in ours] == [
        {(span["start"], span["end"], span["label"]) for span in spans} for spans in found
    ]
    pairs = [(a.score, b["score"]) for d, s in zip(ours, found, strict=True) for a, b in zip(d.spans, s, strict=True)]
    assert max(abs((one or 0.0) - other) for one, other in pairs) < CLOSE
