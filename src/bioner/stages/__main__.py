"""`python -m bioner.stages STAGE [ITEM]`: what `dvc.yaml` calls, in the folder of the workspace."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from bioner.config import load_params
from bioner.errors import BionerError, full_disk_told
from bioner.events import configure
from bioner.stages import layout
from bioner.stages.context import Context
from bioner.stages.guard import die_with_owner
from bioner.stages.outcome import told
from bioner.telemetry import silence

STAGES = (
    "ingest",
    "curate",
    "tagger",
    "selector",
    "teacher",
    "distill",
    "validate",
    "pretrain",
    "finetune",
    "evaluate",
    "protocol",
    "suite",
    "report",
)


def main(arguments: Sequence[str]) -> int:
    """Run one stage and return its exit code."""
    if not 1 <= len(arguments) <= 2 or arguments[0] not in STAGES:
        print(f"usage: python -m bioner.stages {{{'|'.join(STAGES)}}} [ITEM]", file=sys.stderr)  # noqa: T201
        return 2
    die_with_owner()
    silence()
    stage, item = arguments[0], arguments[1] if len(arguments) == 2 else None
    try:
        configure(stage=stage, item=item, workspace=str(Path.cwd()))
        with told(), full_disk_told():
            importlib.import_module(f"bioner.stages.{stage}").run(Context(stage, item, load_params(layout.PARAMS)))
    except BionerError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
