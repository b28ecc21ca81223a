"""Telling others of a change of aliases."""

from __future__ import annotations

from bioner.tracking.ledger import Entry
from bioner.tracking.webhook import post


def notify(entry: Entry) -> None:
    """Send an entry to the webhook, if there is one (see `webhook.post`)."""
    post(entry.to_record(), "this is in the ledger")
