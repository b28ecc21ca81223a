"""A refused request: the status and the reason that a client is told instead of an answer."""

from __future__ import annotations

_LONGEST = 300  # characters of a reason: it may quote the request


class RefusedError(Exception):
    """A request that is not answered.

    Args:
        status: the HTTP status.
        reason: why, in one sentence.
        headers: headers of the response.
    """

    def __init__(self, status: int, reason: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason[:_LONGEST]
        self.headers = headers or {}


def busy(reason: str) -> RefusedError:
    """The refusal of a request that may be sent again a little later."""
    return RefusedError(503, reason, {"Retry-After": "1"})
