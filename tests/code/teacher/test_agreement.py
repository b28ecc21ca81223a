"""Agreement: votes on spans, over samples and over teachers, and the figures of pairs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from bioner.documents import Document, Span
from bioner.errors import DataError
from bioner.evaluation.score import strict_f1
from bioner.teacher.agreement import agree, votes
from bioner.teacher.agreement_figures import kappa, pairwise

TEXT = "aspirin for fever"
SPANS = st.lists(
    st.builds(
        Span.of,
        st.integers(0, 3),
        st.integers(4, 8),
        st.sampled_from("ab"),
        st.one_of(st.none(), st.floats(0, 1)),
    ),
    max_size=5,
)


@given(st.lists(SPANS, min_size=1, max_size=5))
def test_the_score_of_a_span_is_the_share_that_holds_it(annotations: list[list[Span]]) -> None:
    found = votes(annotations)
    held = Counter(key for spans in annotations for key in {(span.fragments, span.label) for span in spans})
    assert {(span.fragments, span.label): span.score for span in found} == {
        key: times / len(annotations) for key, times in held.items()
    }
    assert list(found) == sorted(found, key=lambda span: (span.fragments, span.label))
    assert votes(annotations[::-1]) == found, "the order of the voters counts"


def document(key: str, *spans: Span, teacher: str | None = None) -> Document:
    return Document(key, TEXT, "en", spans, "s", {"n": 1} | ({"teacher": teacher} if teacher else {}))


DRUG, FEVER = Span.of(0, 7, "drug", 0.2), Span.of(12, 17, "symptom", 0.9)
ONE = [document("a", DRUG, FEVER, teacher="t1"), document("b", DRUG, teacher="t1"), document("c", teacher="t1")]
TWO = [document("b", teacher="t2"), document("a", DRUG, teacher="t2")]
THREE = [document("a", FEVER, DRUG), document("b", DRUG), document("z", DRUG)]


def test_teachers_vote_on_the_documents_that_all_of_them_have() -> None:
    found = agree({"one": ONE, "two": TWO, "three": THREE})
    assert [one.id for one in found.documents] == ["a", "b"]
    assert found.documents[0].spans == (replace(DRUG, score=1.0), replace(FEVER, score=2 / 3))
    assert found.documents[1].spans == (replace(DRUG, score=2 / 3),)
    assert found.documents[0].meta == {"n": 1, "teachers": ["t1", "t2", "three"]}
    assert (found.documents[0].text, found.documents[0].source) == (TEXT, "s")
    assert found.partial == 2, "c and z"


def test_texts_that_differ_and_nothing_in_common_are_errors() -> None:
    with pytest.raises(DataError, match="the document 'a' has another text") as caught:
        agree({"one": ONE, "two": [replace(TWO[1], text=f"{TEXT}!")]})
    assert caught.value.where == "two"
    with pytest.raises(DataError, match="no document in common"):
        agree({"one": ONE, "two": THREE[2:]})


def test_the_figures_of_each_pair() -> None:
    found = agree({"one": ONE, "two": TWO, "three": THREE})
    pairs = {(pair.one, pair.other): pair for pair in pairwise(found.aligned, strict_f1)}
    assert pairs.keys() == {("one", "two"), ("one", "three"), ("two", "three")}
    assert (pairs["one", "three"].f1, pairs["one", "three"].kappa) == (1.0, 1.0)
    pair = pairs["one", "two"]
    assert pair.f1 == pytest.approx(0.5)
    drug = cohen_kappa_score([1, 0, 0, 1, 0, 0], [1, 0, 0, 0, 0, 0])  # the words of a, then those of b
    assert pair.kappa_per_type == {"drug": pytest.approx(drug, abs=1e-6), "symptom": 0.0}
    assert pair.kappa == pytest.approx(cohen_kappa_score(list("d.sd.."), list("d.....")), abs=1e-6)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=40))
def test_kappa_is_that_of_an_independent_implementation(pairs: list[tuple[str, str]]) -> None:
    found = kappa(Counter(pairs))
    left, right = zip(*pairs, strict=True)
    if len({*left, *right}) == 1:
        assert found is None
    else:
        assert found == pytest.approx(cohen_kappa_score(left, right), abs=1e-6)


def test_nothing_rated_has_no_kappa() -> None:
    assert kappa({}) is None
