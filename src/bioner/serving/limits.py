"""What the service takes at most: of one request, at one time, and into one batch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the service.

    Attributes:
        body: most bytes of a request.
        documents: most documents of a request.
        characters: most characters of a document.
        labels: most labels of a request.
        requests: most requests that are read, waiting or being answered at a time; more are refused.
        seconds: longest time to read a request, and again to answer it.
        batch_documents: a batch with this many documents waits for no further request.
        batch_characters: likewise in characters.
        wait: seconds that a batch with room waits for further requests.
    """

    body: int = 4 << 20
    documents: int = 64
    characters: int = 200_000
    labels: int = 100
    requests: int = 256
    seconds: float = 60.0
    batch_documents: int = 64
    batch_characters: int = 100_000
    wait: float = 0.005
