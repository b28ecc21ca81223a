"""How Prefect runs where nobody has set up a server: a temporary one, with its state in the project."""

from __future__ import annotations

import os
from pathlib import Path


def settle(project: Path) -> None:
    """Set Prefect's environment before it is imported; what the user has set (a server's address, say) stays."""
    home = project / ".bioner" / "prefect"
    home.mkdir(parents=True, exist_ok=True)  # Prefect makes no parents, and its server would hang
    for name, value in {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",  # the first start on a busy machine is slow
        "PREFECT_CLIENT_RETRY_EXTRA_CODES": "500",  # what the server says while its database restarts
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",  # the board shows progress; errors are raised, once
    }.items():
        os.environ.setdefault(name, value)
