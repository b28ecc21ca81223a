"""What an HTTP status that is no success means: the end of the run, of one text, or a reason to ask again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from bioner.config.teacher import Endpoint
from bioner.errors import ModelError
from bioner.teacher.chat import RequestError
from bioner.teacher.limits import parse_retry_after

_PASSING = frozenset({408, 409, 425, 429})  # and all from 500 on
_CODE = re.compile(r"[A-Za-z][\w.-]{0,59}")
_LONGEST_SAYING = 300


def judge_status(
    status: int, headers: Mapping[str, str], body: bytes, settings: Endpoint, *, asks_model: bool
) -> ModelError | RequestError:
    """The error for a status that is no success.

    What the endpoint says about a key is not repeated: some say the key.

    Args:
        asks_model: whether a chat was asked for, and not the list of models.

    Returns:
        a `ModelError` if no request can succeed, else a `RequestError`.
    """
    if status >= 500 or status in _PASSING:
        after = parse_retry_after(headers.get("Retry-After"))
        return RequestError(f"HTTP {status}", passing=True, down=status >= 500, after=after)
    if status in (401, 403):
        return _refused_key(status, settings)
    if 300 <= status < 400:
        what = f"the endpoint sends elsewhere (HTTP {status}), which is not followed: the key would go along"
        return ModelError(what, where=settings.url, mend="give the address it sends to as teacher.endpoint.url")
    if status == 402:
        return ModelError("the endpoint asks for payment (HTTP 402)", where=settings.url, mend="see your account there")
    if status in (404, 405) and asks_model:
        what = f"the endpoint has no model {settings.model!r}, or is elsewhere (HTTP {status})"
        mend = "correct teacher.endpoint.model, or teacher.endpoint.url: it mostly ends in /v1"
        return ModelError(what, where=f"{settings.url.rstrip('/')}/chat/completions", mend=mend)
    code, said = _said(body)
    return RequestError(f"HTTP {status} ({code})" if code else f"HTTP {status}", said=said)


def _refused_key(status: int, settings: Endpoint) -> ModelError:
    variable = settings.api_key_env
    if variable is None:
        mend = "name the environment variable that holds a key as teacher.endpoint.api_key_env"
        return ModelError(f"the endpoint asks for a key (HTTP {status})", where=settings.url, mend=mend)
    what = f"the endpoint refuses the key in the environment variable {variable} (HTTP {status})"
    return ModelError(what, where=settings.url, mend=f"see that {variable} holds a key that may use {settings.model!r}")


def _said(body: bytes) -> tuple[str, str]:
    """The code of an error, if it has one that can be counted, and its message."""
    try:
        error = json.loads(body)["error"]
        code, message = error.get("code") or error.get("type"), error.get("message")
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return "", " ".join(body.decode(errors="replace").split())[:_LONGEST_SAYING]
    named = code if isinstance(code, str) and _CODE.fullmatch(code) else ""
    return named, " ".join(str(message).split())[:_LONGEST_SAYING]
