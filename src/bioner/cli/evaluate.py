"""`bioner evaluate`: score any two document files with the one metric."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bioner.cli.options import AsJson, print_json


def evaluate(
    gold: Annotated[Path, typer.Option(help="Documents with gold annotations (.jsonl).")],
    pred: Annotated[Path, typer.Option(help="The same documents with predicted annotations (.jsonl).")],
    as_json: AsJson = False,
) -> None:
    """Score predictions against gold: strict first, overlap beside it, with intervals."""
    from bioner.evaluation.score import score_files
    from bioner.evaluation.table import render

    scores = score_files(gold, pred)
    if as_json:
        print_json(scores.to_record())
    else:
        Console().print(render(scores))
