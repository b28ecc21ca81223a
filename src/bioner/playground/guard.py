"""Who may ask: only pages that we served. Other sites can neither read our pages nor send us anything."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from bioner.serving.refusal import RefusedError
from bioner.serving.server import is_loopback

TOKEN_HEADER = "X-Playground-Token"  # noqa: S105 (the name of the header)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def check_host(headers: Mapping[str, str]) -> None:
    """The name that the browser went to has to be loopback's: one of a foreign site that leads here is refused.

    That is how a page elsewhere would get around the browser's rule of origins (DNS rebinding).

    Raises:
        RefusedError: it is another one.
    """
    try:
        name = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        name = ""
    if not is_loopback(name):
        raise RefusedError(421, "this host is not served: open the page as http://127.0.0.1, or see docs/playground.md")


def check_token(headers: Mapping[str, str], token: str) -> None:
    """Whoever asks for something has read our page, which has the token.

    Raises:
        RefusedError: the token is missing or another.
    """
    if not hmac.compare_digest(headers.get(TOKEN_HEADER, "").encode(), token.encode()):
        raise RefusedError(403, "the page is not of this server, or older than its start: load it again")
