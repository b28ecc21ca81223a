"""What became of a stage, in the structured log: when it began, how long it took, and what went wrong."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bioner.events import event, failed

_KIBIBYTE = 1024  # in which Linux gives the peak


@contextmanager
def told() -> Iterator[None]:
    """Around a stage. One that is killed outright says nothing; the event of its submission does."""
    began = time.monotonic()
    event("stage begins", "the stage begins")
    try:
        yield
    except BaseException as error:
        failed(error, **_figures(began))
        raise
    figures = _figures(began)
    event("stage ends", f"the stage ended after {figures['seconds']:.0f} s", **figures)


def _figures(began: float) -> dict[str, Any]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE
    return {"seconds": round(time.monotonic() - began, 3), "peak_memory_bytes": peak}
