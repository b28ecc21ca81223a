"""`bioner corpora compare`: what two corpora have in common."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from bioner.cli.corpora.show import print_touched, touched_records
from bioner.cli.corpora.source import ColumnOption, FormatOption, How, LanguageOption, OnErrorOption, Source
from bioner.cli.options import AsJson, print_json
from bioner.documents import Document

if TYPE_CHECKING:
    from bioner.inspection.overlap import Overlap, Part, Unit

_NAMES: dict[Unit, str] = {
    "ids": "document ids",
    "texts": "texts of documents",
    "sentences": "sentences",
    "mentions": "mentions, of any type",
    "entities": "entities (mention and type)",
}
_TEXTS: tuple[Unit, ...] = ("ids", "texts", "sentences")  # which show that documents are on both sides


def compare(  # noqa: PLR0917 (options of a command are named, never positional)
    left: Annotated[Path, typer.Argument(metavar="A", help="A file, or a folder with all its files.")],
    right: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    form: FormatOption = None,
    column: ColumnOption = None,
    language: LanguageOption = None,
    on_error: OnErrorOption = "fail",
    as_json: AsJson = False,
) -> None:
    """Count the documents, sentences and entities of each that are in the other, exactly or nearly.

    Texts are the same if they differ in case, blanks and tokenisation only; near if their word 3-grams (2-grams of
    characters in Chinese) have a Jaccard similarity of 0.8. An id that was made from a file's name is no id.
    """
    from bioner.corpora.detect import parts
    from bioner.inspection.overlap import compare as overlap_of
    from bioner.inspection.overlap import side_of

    how = How(form, column, language, on_error)
    sides = [[how.open(part) for part in ([path] if form else parts(path))] for path in (left, right)]
    overlap = overlap_of(*(side_of(_documents(sources)) for sources in sides))
    touched = [item for sources in sides for source in sources for item in source.reading.touched]
    if as_json:
        files = {name: [s.to_record() for s in side] for name, side in zip(("a", "b"), sides, strict=True)}
        print_json(files | overlap.to_record() | {"touched": touched_records(touched)})
        return
    out = Console()
    out.print(_table(overlap))
    for line in _words(overlap):
        out.print(line, highlight=False)
    print_touched(out, touched)


def _documents(sources: list[Source]) -> Iterator[tuple[Document, bool]]:
    return ((document, source.own_id(document)) for source in sources for document in source.documents())


def _table(overlap: Overlap) -> Table:
    table = Table("", "in A", "of these in B", "near, too", "in B", "of these in A", "near, too", box=None)
    for unit, name in _NAMES.items():
        table.add_row(name, *_cells(unit, overlap.left[unit]), *_cells(unit, overlap.right[unit]))
    return table


def _cells(unit: Unit, part: Part) -> tuple[str, str, str]:
    if not part.different:
        return "-", "-", "-"
    near = f"{part.near:,}" if unit in ("texts", "sentences") else ""
    return f"{part.different:,}", f"{part.shared:,} ({part.shared / part.different:.1%})", near


def _words(overlap: Overlap) -> Iterator[str]:
    """What the figures mean, where they mean something."""
    for unit in _TEXTS:
        a, b = overlap.left[unit], overlap.right[unit]
        for mine, theirs, one, other in ((a, b, "A", "B"), (b, a, "B", "A")):
            if 0 < mine.shared == mine.different < theirs.different:
                yield f"All {_NAMES[unit]} of {one} are in {other}: {other} contains {one}."
        if 0 < a.shared == a.different == b.different:
            yield f"A and B have the same {_NAMES[unit]}."
    texts, entities = overlap.left["texts"], overlap.left["entities"]
    if texts.shared:
        yield f"Of the {texts.shared:,} shared texts, {overlap.same_entities:,} have the same entities in both."
    if entities.total:
        share = entities.covered / entities.total
        yield f"{share:.1%} of all {entities.total:,} entities of A have a mention and type that B has."
    if any(overlap.left[unit].shared or overlap.left[unit].near for unit in _TEXTS):
        yield "Do not train on one and test on the other."
