"""Telling others of a change of aliases: one message to a webhook, which can neither undo nor hold up the change."""

from __future__ import annotations

import json
import os
import threading
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import Request, urlopen

from bioner.progress import console
from bioner.tracking.ledger import Entry

WEBHOOK = "BIONER_WEBHOOK"  # environment variable; an address often holds a secret, so it is shown nowhere
_PATIENCE = 3.0  # seconds in all


def notify(entry: Entry) -> None:
    """Send an entry as JSON to the address in `BIONER_WEBHOOK`, if it is set; what goes wrong is said, never raised."""
    url = os.environ.get(WEBHOOK)
    if not url:
        return
    if not url.startswith(("http://", "https://")):
        _complain("it is no address that begins with http:// or https://")
        return
    body = json.dumps(entry.to_record(), ensure_ascii=False).encode()
    answers: list[str] = []
    # In a thread, since no timeout of a client covers a slow name server or an answer that trickles.
    sender = threading.Thread(target=_send, args=(url, body, answers), daemon=True)
    sender.start()
    sender.join(_PATIENCE)
    if sender.is_alive():
        _complain(f"no answer within {_PATIENCE:.0f} seconds")
    elif answers:
        _complain(answers[0])


def _send(url: str, body: bytes, problems: list[str]) -> None:
    try:
        request = Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  # the scheme was looked at
        with urlopen(request, timeout=2 * _PATIENCE):  # noqa: S310
            pass
    except URLError as error:  # HTTPError is one
        problems.append(f"{getattr(error, 'code', '') or error.reason}")
    except (OSError, ValueError, HTTPException) as error:
        problems.append(type(error).__name__)


def _complain(what: str) -> None:
    console().print(f"this is in the ledger, but the webhook ({WEBHOOK}) was not told: {what}", highlight=False)
