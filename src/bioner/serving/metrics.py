"""What the service counts and times, in the text format of Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The figures of one service, in a registry of its own."""

    def __init__(self) -> None:
        """Begin at zero."""
        self._registry = registry = CollectorRegistry()
        self.requests = Counter("bioner_requests", "Requests to predict, by status", ["status"], registry=registry)
        self.seconds = Histogram(
            "bioner_request_seconds", "Time to answer a request to predict", registry=registry, buckets=_SECONDS
        )
        self.in_flight = Gauge("bioner_requests_in_flight", "Requests that are not answered yet", registry=registry)
        self.documents = Counter("bioner_documents", "Documents that were annotated", registry=registry)
        self.characters = Counter("bioner_characters", "Characters that were annotated", registry=registry)
        self.batches = Histogram(
            "bioner_batch_requests", "Requests that were answered together", registry=registry, buckets=_SIZES
        )

    def text(self) -> bytes:
        """All figures as they are now."""
        return generate_latest(self._registry)
