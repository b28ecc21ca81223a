"""Prediction reads texts whole, whatever their length, and does not depend on batches or order."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError
from bioner.gliner.calibration import choose_threshold
from bioner.gliner.decoding import Candidate
from bioner.gliner.model import Gliner
from bioner.gliner.overlap import Overlap
from bioner.gliner.predictor import GlinerPredictor, Prompt, Scored
from bioner.words import Words

TYPES = EntityTypes.of_words(["disease", "drug"])
TEXTS = [
    "Aspirin for acute chest pain.",
    "",
    "Severe asthma was treated with salbutamol " * 9,
    "慢性肾病 and 高血压",
    "   ",
    "Fever.",
]
DOCUMENTS = [Document(f"d{n}", text, "zh" if n == 3 else "en") for n, text in enumerate(TEXTS)]


@pytest.fixture
def predictor(tiny: Gliner) -> GlinerPredictor:
    """An untrained model that scores every span: what is tested is not what it knows."""
    tiny.network.eval()
    return GlinerPredictor(tiny, TYPES, 0.0, Overlap.NESTED)


def _scores(scored: Sequence[Scored]) -> dict[str, dict[tuple[int, int, str], float]]:
    return {one.document.id: {c[:3]: c.score for c in one.candidates} for one in scored}


def test_every_span_of_every_text_is_scored_once(predictor) -> None:
    width = predictor.model.limits.width
    scored = list(predictor.score(DOCUMENTS, floor=0.0))
    assert [one.document for one in scored] == DOCUMENTS
    for one in scored:
        words = len(Words.of(one.document.text))
        extents = [(s, e) for s in range(words) for e in range(s, min(words, s + width))]
        assert sorted(c[:3] for c in one.candidates) == sorted((*x, key) for x in extents for key in TYPES.keys)


def test_scores_do_not_depend_on_batches_or_order(predictor) -> None:
    expected = _scores(list(predictor.score(DOCUMENTS, batch_size=16, floor=0.0)))
    for batch_size, documents in ((1, DOCUMENTS), (3, DOCUMENTS[::-1])):
        found = _scores(list(predictor.score(documents, batch_size=batch_size, floor=0.0)))
        assert found.keys() == expected.keys()
        for name, scores in expected.items():
            assert found[name] == pytest.approx(scores, abs=1e-5)


def test_a_document_of_five_thousand_words_is_read_to_its_end(predictor) -> None:
    text = "Fever and cough after infection with influenza . " * 625
    (document,) = predictor.predict([Document("long", text, "en")])
    assert len(Words.of(text)) == 5000
    covered = {place for span in document.spans for place in range(span.start, span.end)}
    assert not [place for start, end in Words.of(text).offsets for place in range(start, end) if place not in covered]


def test_more_types_than_a_prompt_holds_are_asked_for_in_turn(predictor) -> None:
    many = EntityTypes.of_words([f"kind {n}" for n in range(12)])
    (scored,) = predictor.score(DOCUMENTS[:1], many, floor=0.0)
    assert {candidate.key for candidate in scored.candidates} == set(many.keys)


def test_types_are_put_into_prompts_once_a_language(predictor, monkeypatch) -> None:
    asked: list[dict[str, str]] = []
    prompts = GlinerPredictor._prompts

    def counted(self: GlinerPredictor, names: dict[str, str]) -> list[Prompt]:
        asked.append(names)
        return prompts(self, names)

    monkeypatch.setattr(GlinerPredictor, "_prompts", counted)
    assert len(list(predictor.predict(DOCUMENTS))) == len(DOCUMENTS)
    assert len(asked) == len({document.language for document in DOCUMENTS})


def test_a_name_longer_than_the_model_reads_is_refused(predictor) -> None:
    with pytest.raises(ConfigError, match="too long"):
        list(predictor.predict(DOCUMENTS, EntityTypes.of_words(["very " * 300 + "long"])))


def test_the_threshold_with_the_best_f1_is_chosen_nearest_the_middle() -> None:
    text = "flu and cough"
    document = Document("d", text, "en")
    candidates = (Candidate(0, 0, "a", 0.8), Candidate(2, 2, "a", 0.3))
    scored = [Scored(document, Words.of(text), candidates)]
    gold = [candidates[0]]

    def f1(_: Sequence[Document], predicted: Sequence[Document]) -> float:
        found = len(predicted[0].spans)
        return 2 * min(found, len(gold)) / (found + len(gold))

    chosen = choose_threshold([document], scored, Overlap.NESTED, f1)
    assert (chosen.value, chosen.f1) == (0.5, 1.0)
