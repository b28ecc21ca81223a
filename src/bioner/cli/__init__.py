"""`bioner`: the command line, one verb a module."""

from __future__ import annotations

import sys

from bioner.dvc_state import keep_dvc_state_private
from bioner.errors import BionerError, full_disk_told
from bioner.events import configure, failed
from bioner.importing import first_import


def main() -> None:
    """Run the command line; a mistake the user can mend ends with its own exit code and no traceback."""
    with first_import("bioner.cli.app"):
        from bioner.cli.app import build
    from bioner.progress import console
    from bioner.telemetry import silence

    silence()
    keep_dvc_state_private()
    try:
        configure()
        with full_disk_told():
            build()()
    except BionerError as error:
        failed(error)
        console().print(f"[bold red]error:[/] {_escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
