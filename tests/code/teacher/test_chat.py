"""A chat as values: bodies have what is asked for, and whatever comes back is a reply or a counted failure."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.teacher.chat import Reply, Request, RequestError, Schema, parse_reply

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["choices", "message", "content", "usage", "model", "prompt_tokens"]), inner)
    ),
    max_leaves=12,
)


def chat(**changes: Any) -> dict[str, Any]:
    """The JSON of a good answer, with some keys changed."""
    choice = {"message": {"role": "assistant", "content": "drug: x"}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    return {"model": "m", "choices": [choice], "usage": usage, **changes}


def test_a_body_has_what_is_asked_for_and_no_more() -> None:
    request = Request((("system", "Copy."), ("user", "Text")), max_tokens=9, seed=4)
    assert request.body("m") == {
        "model": "m",
        "messages": [{"role": "system", "content": "Copy."}, {"role": "user", "content": "Text"}],
        "temperature": 0.0,
        "top_p": 1.0,
        "max_tokens": 9,
        "seed": 4,
    }


def test_a_schema_is_asked_for_as_structured_output() -> None:
    schema = Schema("entities", {"type": "object"})
    form = Request((), schema=schema).body("m")["response_format"]
    assert form == {
        "type": "json_schema",
        "json_schema": {"name": "entities", "schema": {"type": "object"}, "strict": True},
    }


def test_keys_are_added_and_left_out() -> None:
    body = Request((), seed=1).body("m", {"top_k": 5, "top_p": 0.5}, ["seed", "max_tokens"])
    assert body == {"model": "m", "messages": [], "temperature": 0.0, "top_p": 0.5, "top_k": 5}


def test_a_reply_is_read() -> None:
    assert parse_reply(json.dumps(chat()).encode(), 99) == Reply("drug: x", "stop", 7, 3, "m")


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": -1}, {"prompt_tokens": True, "completion_tokens": "3"}])
def test_tokens_that_are_not_reported_are_estimated_and_never_free(usage: Any) -> None:
    reply = parse_reply(json.dumps(chat(usage=usage)).encode(), 99)
    assert (reply.prompt_tokens, reply.completion_tokens) == (33, 3)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1", b'"text"', b"null", b"{}", b'{"choices": []}', b'{"choices": [{"message": null}]}', b"[" * 9**5],
)
def test_what_is_no_chat_may_pass(body: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        parse_reply(body, 1)
    assert caught.value.passing


@given(value=JSON)
def test_any_json_is_a_reply_or_a_failure(value: Any) -> None:
    for body in (value, {"choices": [{"message": value}]}, chat(usage=value), chat(model=value)):
        try:
            reply = parse_reply(json.dumps(body).encode(), 10)
        except RequestError:
            continue
        assert isinstance(reply.text, str)
        assert reply.prompt_tokens >= 0
