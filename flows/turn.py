"""Runs of one profile on one machine take turns: what comes second waits, and then finds what the first one did."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from prefect import get_run_logger

from bioner.errors import StageError
from bioner.pipeline.checkout import Checkout, open_checkout
from bioner.pipeline.exclusive import hold
from bioner.pipeline.workspace import Workspace, find_project

_EVERY = 5.0  # seconds between two looks
_HOUR = 3600


@contextmanager
def turn(profile: str | None, branch: str, results: str, *, hours: float) -> Iterator[Checkout]:
    """The clean checkout of a profile (see `pipeline.checkout`), as soon as no other run works in it.

    Args:
        hours: how long it is waited for.

    Raises:
        StageError: the other run did not end within that time, or git refuses.
    """
    name = profile or "main"
    lock = Workspace(find_project(Path.cwd())).state / "scheduled" / f"{name}.turn"
    mend = "let the other run end or cancel it, or give the deployment more `hours`"
    until, waited = time.monotonic() + hours * _HOUR, False
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(hold(lock, f"another run has the checkout of {name}", str(lock), mend))
                break
            except StageError as error:
                if time.monotonic() >= until:
                    raise
                if not waited:
                    get_run_logger().info("%s: waiting for it", error.what)
                waited = True
                time.sleep(_EVERY)
        yield stack.enter_context(open_checkout(Path.cwd(), profile, branch, results))
