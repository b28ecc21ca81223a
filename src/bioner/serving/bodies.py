"""Bodies of HTTP: one that comes in is read within bounds; documents and refusals go out as JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bioner.documents import Document
from bioner.serving.limits import Limits
from bioner.serving.refusal import RefusedError

_GONE = 499  # the client closed the connection: a status for the metrics, nobody reads it


async def read_body(request: Request, limits: Limits) -> bytes:
    """The body, never more of it in memory than is allowed.

    Raises:
        RefusedError: it is too large, does not arrive in time, or the client is gone.
    """
    most, raw = limits.body, bytearray()
    try:
        async with asyncio.timeout(limits.seconds):
            async for part in request.stream():
                raw += part
                if len(raw) > most:
                    raise RefusedError(413, f"the body is too large; at most {most} bytes are taken")
    except TimeoutError:
        raise RefusedError(408, f"the request did not arrive within {limits.seconds:g} seconds") from None
    except ClientDisconnect:
        raise RefusedError(_GONE, "the client is gone") from None
    return bytes(raw)


def document_record(document: Document) -> dict[str, Any]:
    """An annotated document as clients get it: its spans in the order of the text, without the text."""
    spans = sorted(document.spans, key=lambda span: (span.start, -span.end, span.label))
    return {
        "id": document.id,
        "spans": [
            {"start": s.start, "end": s.end, "label": s.label, "score": s.score, "text": s.mention(document.text)}
            for s in spans
        ],
    }


def handlers() -> dict[Any, Callable[..., Any]]:
    """What an application answers to errors: every one is JSON with its reason."""
    return {RefusedError: _refused, HTTPException: _refused, 500: _bug}


async def _refused(_: Request, error: Exception) -> Response:
    """A refusal of ours, or Starlette's own for an unknown path or a wrong method."""
    if isinstance(error, RefusedError):
        return _reason(error.status, error.reason, error.headers)
    assert isinstance(error, HTTPException)  # noqa: S101 (the only other kind this handler is registered for)
    return _reason(error.status_code, error.detail.lower(), dict(error.headers or {}))


async def _bug(_: Request, __: Exception) -> Response:
    return _reason(500, "a bug in the service; its log has the place")


def _reason(status: int, reason: str, headers: dict[str, str] | None = None) -> Response:
    """In ASCII, because a reason may quote what is no text."""
    return Response(json.dumps({"error": reason}), status, headers, media_type="application/json")
