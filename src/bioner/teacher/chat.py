"""A chat with a model as values: what is asked, what comes back, and both in the form of OpenAI's interface."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["system", "user", "assistant"]

MALFORMED = "malformed JSON"
UNEXPECTED = "not the JSON of a chat"
_BYTES_OF_TOKEN = 3  # to estimate what an endpoint does not report
_CUT = {"length": "answer cut off", "content_filter": "answer withheld"}
_THOUGHT = re.compile(r"\s*<think>.*?</think>", re.DOTALL)


class RequestError(Exception):
    """A request without a usable reply. What it was for has failed; other requests need not.

    Attributes:
        reason: in a few words that are the same for all of its kind: it is counted.
        passing: whether asking again may help.
        down: whether it says that the endpoint is down, and not only that it has no answer to this.
        after: seconds that the endpoint asks to wait before the next request.
        said: what the endpoint said about it, possibly nothing.
    """

    def __init__(
        self, reason: str, *, passing: bool = False, down: bool = False, after: float | None = None, said: str = ""
    ) -> None:
        self.reason = reason
        self.passing = passing
        self.down = down
        self.after = after
        self.said = said
        super().__init__(reason)


class AnswerError(RequestError):
    """A reply came, and what it says cannot be used."""


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON schema that the answer has to meet, and its name, of letters, digits, `_` and `-`."""

    name: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked.

    Attributes:
        messages: role and content of each, in order.
        schema: of the answer, for endpoints with structured output.
        max_tokens: most tokens of the answer.
        seed: of the sampling, for endpoints that honour it.
    """

    messages: tuple[tuple[Role, str], ...]
    schema: Schema | None = None
    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 1024
    seed: int | None = None

    def body(self, model: str, extra: Mapping[str, Any] | None = None, omit: Collection[str] = ()) -> dict[str, Any]:
        """The request as a JSON object.

        Args:
            model: its id at the endpoint.
            extra: keys that are added or replaced.
            omit: keys that are left out.
        """
        value: dict[str, Any] = {
            "model": model,
            "messages": [{"role": role, "content": content} for role, content in self.messages],
            "temperature": self.temperature,
            "top_p": self.top_p,
            "max_tokens": self.max_tokens,
            "seed": self.seed,
        }
        if self.schema is not None:
            named = {"name": self.schema.name, "schema": dict(self.schema.value), "strict": True}
            value["response_format"] = {"type": "json_schema", "json_schema": named}
        value |= extra or {}
        return {key: item for key, item in value.items() if item is not None and key not in omit}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered.

    Attributes:
        text: possibly empty.
        finish: why it ended: `stop`, `length`, `content_filter`, or whatever the endpoint says.
        prompt_tokens: those of the request, as reported, or estimated from its bytes.
        completion_tokens: those of the answer, likewise.
        model: the id that the endpoint gives it.
    """

    text: str
    finish: str
    prompt_tokens: int
    completion_tokens: int
    model: str

    def whole(self) -> str:
        """What it says.

        Raises:
            AnswerError: it was cut off or withheld: what is missing cannot be known.
        """
        if self.finish in _CUT:
            raise AnswerError(_CUT[self.finish])
        return self.text


def without_thoughts(answer: str) -> str:
    """An answer without what its model thought aloud before it."""
    return _THOUGHT.sub("", answer, count=1) if "</think>" in answer else answer


def parse_reply(body: bytes, asked: int) -> Reply:
    """Read the body of an answer.

    Args:
        asked: bytes of the request.

    Raises:
        RequestError: it is not JSON, or not of a chat's form. Both may pass: servers under load send such things.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError(MALFORMED, passing=True, down=True) from None
    try:
        choice = value["choices"][0]
        text, finish = choice["message"].get("content") or "", choice.get("finish_reason") or "stop"
        usage, model = value.get("usage") or {}, value.get("model") or ""
        counts = usage.get("prompt_tokens"), usage.get("completion_tokens")
    except (AttributeError, IndexError, KeyError, TypeError):
        raise RequestError(UNEXPECTED, passing=True) from None
    if not all(isinstance(part, str) for part in (text, finish, model)):
        raise RequestError(UNEXPECTED, passing=True)
    sizes = asked, len(text.encode(errors="replace"))
    prompt, completion = (
        count if type(count) is int and count >= 0 else -(-size // _BYTES_OF_TOKEN)
        for count, size in zip(counts, sizes, strict=True)
    )
    return Reply(text, finish, prompt, completion, model)
