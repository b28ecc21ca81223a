"""`bioner drift`: whether new text is still like the text a model was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bioner.cli.corpora.source import ColumnOption, FormatOption, How, LanguageOption, OnErrorOption
from bioner.cli.options import AsJson, Profile, print_json
from bioner.documents import Document
from bioner.errors import GateError
from bioner.files import atomic_write
from bioner.pipeline.workspace import open_workspace
from bioner.progress import console

if TYPE_CHECKING:
    from bioner.drift.check import Check


def drift(  # noqa: PLR0917 (options of a command are named, never positional)
    new: Annotated[Path, typer.Argument(metavar="NEW", help="A file of text or documents, or a folder of them.")],
    against: Annotated[
        Literal["train", "unlabelled"],
        typer.Option(help="The gold text the model was fine-tuned on, or what the teacher annotated."),
    ] = "train",
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Model reference; the champion of the GLiNER if absent.")
    ] = None,
    text_only: Annotated[bool, typer.Option(help="Compare only what needs no model to read the text.")] = False,
    reference_language: Annotated[
        str | None, typer.Option(help="Compare only with the training text of this language.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as a page here.")] = None,
    record: Annotated[bool, typer.Option(help="Keep the check as a run in MLflow.")] = False,
    form: FormatOption = None,
    column: ColumnOption = None,
    language: LanguageOption = None,
    on_error: OnErrorOption = "fail",
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Compare new text with the text that a model was trained on; exits with 6 if it has drifted.

    Language, length, unknown words, and as the model reads both: mix of entity types, density and confidence.
    """
    from bioner.drift.page import render_page
    from bioner.drift.record import record as keep
    from bioner.drift.reference import find_reference
    from bioner.drift.run import check

    workspace = open_workspace(Path.cwd(), profile)
    name = model or f"mlflow:models:/{workspace.params.registry.gliner.name}@champion"
    documents = _documents(new, How(form, column, language, on_error))
    reference = find_reference(name, against, workspace.root, reference_language)
    found = check(documents, str(new), reference, workspace.params, None if text_only else name)
    if html is not None:
        with atomic_write(html) as out:
            out.write(render_page(found))
    if record:
        run = keep(found, workspace.root)
        console().print(f"kept as the MLflow run {run}", highlight=False)
    if as_json:
        print_json(found.to_record())
    else:
        _show(found)
    _raise_alarm(found)


def _documents(new: Path, how: How) -> Iterator[Document]:
    """The documents of a file, or of everything in a folder."""
    from bioner.corpora.detect import parts

    for part in [new] if how.form or not new.is_dir() else parts(new):
        yield from how.open(part).documents()


def _raise_alarm(found: Check) -> None:
    """Tell what has drifted by an error, so that a script can go by the exit code.

    Raises:
        GateError: anything has.
    """
    if found.alarms:
        what = ", ".join(f"{one.name.replace('_', ' ')} ({one.effect:.2f})" for one in found.alarms)
        mend = "look at the new text; if it is what the model is to read from now on, add it as a corpus and retrain"
        raise GateError(f"the text has drifted from {found.reference}: {what}", where=found.new, mend=mend)


def _show(found: Check) -> None:
    from bioner.drift.page import TITLES

    out = Console()
    title = f"{found.documents:,} documents against {found.reference}"
    table = Table("measure", "reference", "new", "effect", "threshold", "p", "", title=title, box=None)
    for one in found.measures:
        before, after = (f"{mean:.3g}" for mean in one.means) if one.means else ("", "")
        result = "[red]drift" if one.alarm else "[green]as before"
        figures = f"{one.effect:.3f}", f"{one.threshold:.3g}", f"{one.corrected:.4f}"
        table.add_row(TITLES[one.name], before, after, *figures, result)
    out.print(table)
    for name, why in sorted(found.left_out.items()):
        out.print(Text(f"{name.replace('_', ' ')}: not compared, since {why}", style="dim"), soft_wrap=True)
    if found.unknown:
        words = ", ".join(f"{word} ({count})" for word, count in found.unknown.items())
        out.print(Text(f"words that the reference lacks: {words}", style="dim"), soft_wrap=True)
