"""Telling others of what happened: one message to a webhook, which can neither undo nor hold up what it tells of."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from bioner.progress import console

WEBHOOK = "BIONER_WEBHOOK"  # environment variable; an address often holds a secret, so it is shown nowhere
_PATIENCE = 3.0  # seconds in all


def post(message: Mapping[str, Any], kept: str) -> None:
    """Send a message as JSON to the address in `BIONER_WEBHOOK`, if it is set; what goes wrong is said, never raised.

    Args:
        kept: where the message stands for whoever did not get it, in words.
    """
    url = os.environ.get(WEBHOOK)
    if not url:
        return
    if not url.startswith(("http://", "https://")):
        _complain(kept, "it is no address that begins with http:// or https://")
        return
    body = json.dumps(message, ensure_ascii=False).encode()
    answers: list[str] = []
    # In a thread, since no timeout of a client covers a slow name server or an answer that trickles.
    sender = threading.Thread(target=_send, args=(url, body, answers), daemon=True)
    sender.start()
    sender.join(_PATIENCE)
    if sender.is_alive():
        _complain(kept, f"no answer within {_PATIENCE:.0f} seconds")
    elif answers:
        _complain(kept, answers[0])


def _send(url: str, body: bytes, problems: list[str]) -> None:
    try:
        request = Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  # the scheme was looked at
        with urlopen(request, timeout=2 * _PATIENCE):  # noqa: S310
            pass
    except URLError as error:  # HTTPError is one
        problems.append(f"{getattr(error, 'code', '') or error.reason}")
    except (OSError, ValueError, HTTPException) as error:
        problems.append(type(error).__name__)


def _complain(kept: str, what: str) -> None:
    console().print(f"{kept}, but the webhook ({WEBHOOK}) was not told: {what}", highlight=False)
