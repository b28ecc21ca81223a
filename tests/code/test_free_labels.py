"""Documents that say for themselves what they are asked for."""

from __future__ import annotations

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.free_labels import NEGATIVES, TASK, apart, is_free, negatives_of, with_free

META = {TASK: "question_answering", NEGATIVES: ["Which gene?"]}
FREE = Document("d", "gout", "en", (Span.of(0, 4, "Which disease?"),), "s", META)
PLAIN = Document("p", "gout", "en", (Span.of(0, 4, "disease"),), "s", {TASK: "a word of the corpus"})


def test_only_what_has_labels_of_its_own_is_apart() -> None:
    assert is_free(FREE)
    assert not is_free(PLAIN)
    assert apart(FREE).source == "s/d"
    assert apart(PLAIN) == PLAIN
    assert negatives_of(FREE) == ("Which gene?",)
    assert negatives_of(PLAIN) == ()


def test_free_labels_are_types_behind_the_others() -> None:
    types = EntityTypes.of_words(["disease", "Which gene?"])
    assert with_free(types, [FREE, PLAIN]).keys == ("disease", "Which gene?", "Which disease?")
    assert with_free(types, [FREE]).names("zh")["Which disease?"] == "Which disease?"
    assert with_free(types, [PLAIN]).to_record() == types.to_record()
