"""`bioner teacher agree`: several teachers' annotations of the same documents, joined by votes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bioner.cli.options import AsJson, print_json
from bioner.documents import read_documents, write_documents
from bioner.errors import ConfigError

if TYPE_CHECKING:
    from bioner.teacher.agreement import Agreed
    from bioner.teacher.agreement_figures import Pair


def agree(
    files: Annotated[list[Path], typer.Argument(metavar="A B...", help="A file of annotated documents a teacher.")],
    out: Annotated[
        Path | None, typer.Option(help="Documents to write: each span with the share of the teachers that hold it.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--vocabulary", help="A map of labels (`bioner teacher vocabulary`) to apply first.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare teachers that annotated the same documents, and let them vote on each span."""
    from bioner.evaluation.score import strict_f1
    from bioner.teacher.agreement import agree as agree_on
    from bioner.teacher.agreement_figures import pairwise
    from bioner.teacher.vocabulary import normalised
    from bioner.teacher.vocabulary_file import read_vocabulary

    if len(files) < 2 or len(set(files)) < len(files):
        raise ConfigError("it takes two teachers or more to agree", mend="give a file for each, and each once")
    known = read_vocabulary(labels) if labels else {}
    said = {file.as_posix(): [normalised(document, known) for document in read_documents(file)] for file in files}
    agreed = agree_on(said)
    pairs = pairwise(agreed.aligned, strict_f1)
    if out is not None:
        write_documents(out, agreed.documents)
    if as_json:
        print_json(_record(agreed, len(files)) | {"pairs": [pair.to_record() for pair in pairs]})
        return
    screen = Console()
    screen.print(_table(pairs))
    for name, value in _record(agreed, len(files)).items():
        typer.echo(f"{name.replace('_', ' ')}: {value}")


def _record(agreed: Agreed, teachers: int) -> dict[str, Any]:
    """How many documents there are, and how many spans have how many votes."""
    held = Counter(round((span.score or 0.0) * teachers) for document in agreed.documents for span in document.spans)
    return {
        "documents": len(agreed.documents),
        "without_all_teachers": agreed.partial,
        "spans_by_votes": {str(number): held[number] for number in range(1, teachers + 1)},
    }


def _table(pairs: list[Pair]) -> Table:
    table = Table("one", "other", "strict F1", "kappa of words", "per type", box=None)
    for pair in pairs:
        per_type = ", ".join(f"{key} {_figure(value)}" for key, value in pair.kappa_per_type.items())
        table.add_row(pair.one, pair.other, _figure(pair.f1), _figure(pair.kappa), per_type)
    return table


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
