"""The body of a request: what is understood, and that everything else is refused with a reason, never a crash."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.serving.limits import Limits
from bioner.serving.refusal import RefusedError
from bioner.serving.request import parse, types_of

LIMITS = Limits(documents=3, characters=50, labels=2)


def _parse(body: Any) -> Any:
    return parse(body if isinstance(body, bytes) else json.dumps(body).encode(), LIMITS)


def test_texts_are_numbered_and_their_language_is_guessed() -> None:
    asked = _parse({"texts": ["Fever and rash.", "患者咳嗽。", ""]})
    assert [(d.id, d.text, d.language) for d in asked.documents] == [
        ("1", "Fever and rash.", "en"),
        ("2", "患者咳嗽。", "zh"),
        ("3", "", "en"),
    ]
    assert asked.question == ((), None)
    assert types_of(asked.question) is None
    assert asked.characters == 20


def test_documents_keep_id_and_language() -> None:
    body = {"documents": [{"id": "a", "text": "咳嗽", "language": "en"}, {"id": "a", "text": "flu"}]}
    asked = _parse(body | {"labels": [" sign ", "drug"], "threshold": 1})
    assert [(d.id, d.language) for d in asked.documents] == [("a", "en"), ("a", "en")]
    assert asked.question == (("sign", "drug"), 1.0)
    types = types_of(asked.question)
    assert types is not None
    assert types.keys == ("sign", "drug")


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 400, "not JSON"),
        (b"\xff{}", 400, "not UTF-8"),
        (b'{"texts": ["a"], "threshold": NaN}', 400, "NaN"),
        (b"[" * 100_000, 400, "nested too deep"),
        (b'{"threshold": ' + b"1" * 5000 + b"}", 400, "number is too long"),
        ([1], 422, "not a JSON object"),
        ({}, 422, "either 'texts' or 'documents'"),
        ({"texts": []}, 422, "at least one"),
        ({"texts": ["a"], "documents": [{"id": "1", "text": "a"}]}, 422, "either"),
        ({"texts": "a"}, 422, "texts: Input should be a valid list"),
        ({"texts": ["a", 2]}, 422, "texts.1: Input should be a valid string"),
        ({"texts": ["a"], "label": ["x"]}, 422, "label: Extra inputs"),
        ({"documents": [{"text": "a"}]}, 422, "documents.0.id"),
        ({"documents": [{"id": "1", "text": "a", "language": "English"}]}, 422, "documents.0.language"),
        ({"documents": [{"id": "1", "text": "a", "spans": []}]}, 422, "documents.0.spans"),
        ({"texts": ["a"], "labels": []}, 422, "labels"),
        ({"texts": ["a"], "labels": ["  "]}, 422, "empty or repeated"),
        ({"texts": ["a"], "labels": ["x", " x"]}, 422, "empty or repeated"),
        ({"texts": ["a"], "threshold": True}, 422, "threshold"),
        ({"texts": ["a"], "threshold": 1.5}, 422, "threshold"),
        ({"texts": ["a\0"]}, 422, "NUL"),
        ({"texts": ["\ud800"]}, 422, "surrogate"),
        ({"texts": ["a"], "labels": ["\udfff"]}, 422, "unicode"),
        ({"texts": ["a"] * 4}, 413, "4 documents"),
        ({"texts": ["a" * 51]}, 413, "51 characters"),
        ({"texts": ["a"], "labels": ["x", "y", "z"]}, 413, "3 labels"),
    ],
)
def test_refusals_have_a_reason(body: Any, status: int, reason: str) -> None:
    with pytest.raises(RefusedError) as caught:
        _parse(body)
    assert caught.value.status == status
    assert reason in caught.value.reason


def test_a_reason_quotes_little_of_the_request() -> None:
    with pytest.raises(RefusedError) as caught:
        _parse({"texts": ["a"], "k" * 10_000: 1})
    assert len(caught.value.reason) <= 300
    with pytest.raises(RefusedError) as caught:
        _parse({"texts": [["a secret"]]})
    assert "secret" not in caught.value.reason


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["texts", "documents", "labels", "threshold", "id", "text", "language", "x"]), inner
        )
    ),
    max_leaves=12,
)
_NEARLY = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("texts", "documents", "labels", "threshold", "other"), _ANY)
)


@given((_ANY | _NEARLY).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60))
def test_any_body_is_understood_or_refused(raw: bytes) -> None:
    try:
        asked = parse(raw, LIMITS)
    except RefusedError as refused:
        assert refused.status in {400, 413, 422}
        assert refused.reason
    else:
        assert 1 <= len(asked.documents) <= LIMITS.documents
