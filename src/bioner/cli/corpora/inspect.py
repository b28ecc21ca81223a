"""`bioner corpora inspect`: what a file holds, in which format, and what is odd about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bioner.cli.corpora.show import colours_of, counts, marked, plain, print_touched, touched_records
from bioner.cli.corpora.source import ColumnOption, FormatOption, How, LanguageOption, OnErrorOption, Source
from bioner.cli.options import AsJson, print_json
from bioner.errors import DataError

if TYPE_CHECKING:
    from bioner.inspection.inspect import Inspection, Lengths

Result = tuple[Source, "Inspection"]


def inspect(  # noqa: PLR0917 (options of a command are named, never positional)
    path: Annotated[Path, typer.Argument(help="A file, or a folder, whose files are then looked at one by one.")],
    form: FormatOption = None,
    column: ColumnOption = None,
    language: LanguageOption = None,
    on_error: OnErrorOption = "fail",
    as_json: AsJson = False,
) -> None:
    """Tell the format and why, then documents, sentences, entities of each type, anomalies, and a few examples."""
    from bioner.corpora.detect import parts

    how = How(form, column, language, on_error)
    found = [path] if form or not path.is_dir() else list(parts(path)) or [path]
    records: list[dict[str, Any]] = []
    failed: list[DataError] = []
    for part in found:
        try:
            source, inspection = _inspect(how.open(part))
        except DataError as error:
            if len(found) == 1:
                raise
            failed.append(error)
            records.append({"path": str(part), "error": str(error)})
            if not as_json:
                _show_error(part, error)
            continue
        records.append(_record(source, inspection))
        if not as_json:
            _show(Console(), source, inspection)
    if as_json:
        print_json(records)
    if failed:
        what = f"{len(failed):,} of {len(found):,} files could not be read; the first: {failed[0].what}"
        raise DataError(what, where=failed[0].where, mend=failed[0].mend)


def _inspect(source: Source) -> Result:
    from bioner.inspection.inspect import inspect as look

    inspection = look(source.documents(), source.reading)
    if not inspection.statistics.documents:
        mend = "check --format; --on-error fail tells what is wrong"
        raise DataError("there is no document", where=str(source.reading.path), mend=mend)
    return source, inspection


def _record(source: Source, inspection: Inspection) -> dict[str, Any]:
    touched = {"touched": touched_records(source.reading.touched)}
    return source.to_record() | inspection.to_record() | touched


def _show_error(part: Path, error: DataError) -> None:
    out = Console()
    out.rule(Text(str(part)), align="left")
    out.print(Text(f"not read: {plain(str(error))}", "red"))


def _show(out: Console, source: Source, inspection: Inspection) -> None:
    found, path = source.detection, source.reading.path
    out.rule(Text(str(path)), align="left")
    column = f", the text in column {found.column!r}" if found.column is not None else ""
    out.print(Text(plain(f"format {found.format}{column}: {found.why}")))
    if found.others:
        out.print(Text(f"it could also be read as {', '.join(found.others)} (--format)", "yellow"))
    guessed = ", guessed from the script" if source.guessed else ""
    out.print(f"language {source.reading.language}{guessed}\n", highlight=False)
    out.print(_figures(inspection))
    colours = colours_of(inspection.statistics.types)
    if inspection.statistics.types:
        out.print(counts("entities by type", inspection.statistics.types, colours))
    if inspection.dropped:
        out.print(counts("without a place in a document", inspection.dropped))
    _show_anomalies(out, inspection)
    print_touched(out, source.reading.touched)
    out.print("\nexamples", style="bold")
    for document in inspection.examples:
        out.print(Text(f"{plain(document.id)}  ", "dim"), marked(document, colours), sep="")


def _figures(inspection: Inspection) -> Table:
    of = inspection.statistics
    table = Table("figures", "", box=None)
    for name, value in (
        ("documents", f"{of.documents:,}, of which {inspection.unannotated:,} have no entity"),
        ("sentences", f"{inspection.sentences:,}"),
        ("words", f"{of.words:,}; {_lengths(inspection.document_words)} a document"),
        ("entities", f"{of.entities:,}; {_lengths(inspection.entity_words)} words each"),
        ("nested", f"{of.nested:,}"),
        ("discontinuous", f"{of.discontinuous:,}"),
    ):
        table.add_row(name, value)
    return table


def _lengths(lengths: Lengths) -> str:
    return f"{lengths.least:,} to {lengths.most:,} (median {lengths.median:,})"


def _show_anomalies(out: Console, inspection: Inspection) -> None:
    if not inspection.anomalies:
        out.print("anomalies: none", highlight=False)
        return
    table = Table("anomalies", "", "the first of them", box=None)
    for anomaly in inspection.anomalies:
        places = Text("\n".join(plain(place) for place in anomaly.places))
        table.add_row(Text(anomaly.kind, "yellow"), f"{anomaly.count:,}", places)
    out.print(table)
