"""Importing large libraries quickly."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def first_import(module: str) -> Iterator[None]:
    """Import a module without garbage collection; where it is imported already, this does nothing.

    An import makes many objects, nearly all of which stay: the collector walks through them again and again, a
    quarter of the time that MLflow takes to be imported, and finds nothing. Later collections leave them out, too.
    """
    if module in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
