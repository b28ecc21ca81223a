"""Similar: shots are the gold texts with the most telling words in common, never the text itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Document
from bioner.teacher.tasks.similar import Similar

GOLD = [
    Document("a", "The kinase inhibitor reduced tumour growth in mice.", "en"),
    Document("b", "The patients with gout received velorin in the morning.", "en"),
    Document("c", "The inner ear of mice was examined.", "en"),
    Document("d", "痛风患者早晨服用维罗宁。", "zh"),
    Document("e", "内耳检查未见异常。", "zh"),
]


def nearest(text: str, language: str = "en", count: int = 2) -> list[str]:
    return [document.id for document in Similar(GOLD).nearest(Document("x", text, language), count)]


def test_the_most_alike_come_last_and_only_those_with_a_word_in_common() -> None:
    assert nearest("Gout with velorin among mice") == ["c", "b"]
    assert nearest("Gout with velorin among mice", count=1) == ["b"]
    assert nearest("痛风的用药", "zh") == ["d"]
    assert nearest("zzz") == []
    assert nearest("") == []
    assert nearest("gout", "fr") == []
    assert Similar([]).nearest(GOLD[0], 3) == []


def test_the_text_itself_is_no_shot() -> None:
    assert "b" not in nearest("the patients with GOUT  received velorin in the morning.", count=5)


@given(st.lists(st.text("ab c", max_size=8), max_size=8), st.text("ab c", max_size=8))
def test_the_order_is_that_of_the_cosine(texts: list[str], text: str) -> None:
    documents = [Document(str(number), some, "en") for number, some in enumerate(texts)]
    found = Similar(documents).nearest(Document("x", text, "en"), 3)
    assert found == Similar(documents).nearest(Document("x", text, "en"), 9)[-len(found) :]
    assert all(set(document.text.split()) & set(text.split()) for document in found)
    assert all("".join(document.text.split()) != "".join(text.split()) for document in found)
