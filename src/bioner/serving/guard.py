"""Who may ask: an endpoint for those who know the token."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from bioner.serving.refusal import RefusedError

Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(endpoint: Endpoint, token: str | None) -> Endpoint:
    """The endpoint for those who know the token.

    Args:
        token: what clients have to send as `Authorization: Bearer ...`; `None` asks for nothing.
    """
    expected = None if token is None else b"Bearer " + token.encode()

    async def ask(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode()
        if expected is not None and not hmac.compare_digest(given, expected):
            raise RefusedError(401, "the token is missing or wrong", {"WWW-Authenticate": "Bearer"})
        return await endpoint(request)

    return ask
