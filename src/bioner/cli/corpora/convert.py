"""`bioner corpora convert`: write a corpus in another format, and say what that format could not hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bioner.cli.corpora.show import counts, print_touched, touched_records
from bioner.cli.corpora.source import ColumnOption, FormatOption, How, LanguageOption, OnErrorOption
from bioner.cli.options import AsJson, print_json
from bioner.config import Format
from bioner.documents import Document
from bioner.errors import ConfigError, DataError


def convert(  # noqa: PLR0917 (options of a command are named, never positional)
    source: Annotated[Path, typer.Argument(metavar="IN", help="A file, or the folder of a format that is one.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The file or folder to write.")],
    to: Annotated[Format, typer.Option("--to", help="The format to write.")],
    form: FormatOption = None,
    column: ColumnOption = None,
    language: LanguageOption = None,
    on_error: OnErrorOption = "fail",
    force: Annotated[bool, typer.Option(help="Replace OUT if it exists.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read IN and write OUT; every annotation that cannot be kept is counted with its reason."""
    from bioner.corpora.registry import FORMATS

    write = FORMATS[to].write if to in FORMATS else None
    if write is None:
        able = ", ".join(name for name, handler in FORMATS.items() if handler.write)
        raise ConfigError(f"the format {to} cannot be written", mend=f"formats that can: {able}")
    if target.exists() and (not force or target.resolve() == source.resolve()):
        raise DataError("there is a file already", where=str(target), mend="name another one, or give --force")
    opened = How(form, column, language, on_error).open(source)
    told = _Told()
    losses = write(target, told.passing(opened.documents()))
    lost = told.dropped + losses
    if as_json:
        record = {"documents": told.documents, "entities": told.entities, "losses": dict(lost)}
        touched = {"touched": touched_records(opened.reading.touched)}
        print_json(opened.to_record() | record | touched)
        return
    out = Console()
    out.print(f"{told.documents:,} documents with {told.entities:,} entities, {opened.detection.format} -> {to}")
    out.print(counts("lost", dict(lost)) if lost else "nothing was lost")
    print_touched(out, opened.reading.touched)


class _Told:
    """What is told about the documents that pass by."""

    def __init__(self) -> None:
        self.documents = self.entities = 0
        self.dropped: Counter[str] = Counter()

    def passing(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Pass the documents on."""
        from bioner.corpora.reading import DROPPED

        for document in documents:
            self.documents += 1
            self.entities += len(document.spans)
            self.dropped.update(document.meta.get(DROPPED, {}))
            yield document
