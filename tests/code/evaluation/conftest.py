"""Property tests without a deadline, since any example may be slow on a shared machine, and not too many of them."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("metric", deadline=None, max_examples=30)
settings.load_profile("metric")
