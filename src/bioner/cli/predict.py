"""`bioner predict`: annotate a text, a file or standard input with any model."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bioner.cli.options import AsJson, print_json
from bioner.documents import Document, read_documents
from bioner.entity_types import EntityTypes
from bioner.errors import DataError
from bioner.words import language_of

_DEFAULT = "mlflow:models:/bioner-gliner@champion"


def predict(  # noqa: PLR0917 (options of a command are named, never positional)
    text: Annotated[str | None, typer.Argument(help="The text; without it and --file, standard input is read.")] = None,
    model: Annotated[str, typer.Option("--model", "-m", help="Model reference.")] = _DEFAULT,
    labels: Annotated[
        str | None, typer.Option("--labels", "-l", help="Entity types in words, separated by commas.")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Text file, or documents as .jsonl.")] = None,
    language: Annotated[str | None, typer.Option(help="Language; guessed from the script if absent.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find entities; offsets are characters of the given text."""
    from bioner.predictors import load_predictor

    documents = _documents(text, file, language)
    predictor = load_predictor(model)
    types = EntityTypes.of_words(labels.split(",")) if labels else predictor.types
    predicted = list(predictor.predict(documents, types))
    if as_json:
        print_json([_record(document) for document in predicted])
        return
    out = Console()
    for document in predicted:
        out.print(_marked(document))
        out.print(_table(document))


def _documents(text: str | None, file: Path | None, language: str | None) -> list[Document]:
    if text is not None and file is not None:
        raise DataError("both a text and a file were given", mend="give one of them")
    if file is not None and file.suffix == ".jsonl":
        return list(read_documents(file))
    content = text if text is not None else _read(file)
    if not content.strip():
        raise DataError("there is no text", where=str(file or "standard input"), mend="give a text, --file or a pipe")
    return [Document("1", content, language or language_of(content))]


def _read(file: Path | None) -> str:
    try:
        return file.read_bytes().decode("utf-8") if file else sys.stdin.read()
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror}", where=str(file), mend="check the path") from error
    except UnicodeDecodeError as error:
        where = str(file or "standard input")
        raise DataError(f"not UTF-8: {error.reason}", where=where, mend="convert it to UTF-8") from error


def _record(document: Document) -> dict[str, object]:
    record = document.to_record()
    for span, item in zip(document.spans, record["spans"], strict=True):
        item["text"] = span.mention(document.text)
    return {key: record[key] for key in ("id", "text", "language", "spans")}


def _marked(document: Document) -> Text:
    marked = Text(document.text)
    for start, end in (fragment for span in document.spans for fragment in span.fragments):
        marked.stylize("bold underline", start, end)
    return marked


def _table(document: Document) -> Table:
    table = Table("start", "end", "type", "mention", "score", box=None)
    for row in _rows(document):
        table.add_row(*row)
    return table


def _rows(document: Document) -> Iterator[tuple[str, ...]]:
    for span in sorted(document.spans, key=lambda s: (s.start, -s.end, s.label)):
        score = "" if span.score is None else f"{span.score:.2f}"
        yield str(span.start), str(span.end), span.label, span.mention(document.text), score
