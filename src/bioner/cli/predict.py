"""`bioner predict`: annotate a text, a file, a folder of files or standard input with any model."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bioner.cli.options import CHAMPION, AsJson, print_json, print_json_list
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError, DataError
from bioner.progress import console
from bioner.serving.files import Annotation, plan, read
from bioner.words import language_of


def predict(  # noqa: PLR0917 (options of a command are named, never positional)
    text: Annotated[str | None, typer.Argument(help="The text; without it and --file, standard input is read.")] = None,
    model: Annotated[str, typer.Option("--model", "-m", help="Model reference.")] = CHAMPION,
    labels: Annotated[
        str | None, typer.Option("--labels", "-l", help="Entity types in words, separated by commas.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Text file, or documents as .jsonl; with --out also a folder.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write documents as .jsonl here; of a folder, a folder.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Replace what is at --out.")] = False,
    language: Annotated[str | None, typer.Option(help="Language of a text; guessed from the script if absent.")] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Score from which an entity is found; the model's own if absent.")
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Windows of text that are read at a time.")] = 16,
    as_json: AsJson = False,
) -> None:
    """Find entities; offsets are characters of the given text."""
    from bioner.predictors import at_threshold, load_predictor

    types = EntityTypes.of_words(labels.split(",")) if labels else None
    if text is not None and file is not None:
        raise DataError("both a text and a file were given", mend="give one of them")
    if out is not None:
        if file is None:
            raise ConfigError("--out is given, but no file", where="--out", mend="give --file, or leave --out out")
        planned = plan(file, out, language, force=force)
        totals = [one.count() for one in planned]
        predictor = at_threshold(load_predictor(model), threshold)
        console().print(f"{out} is written when it is done; if this is stopped, run the same again", highlight=False)
        done = [one.run(predictor, types, batch_size, total) for one, total in zip(planned, totals, strict=True)]
        _tell(planned, done, as_json)
        return
    documents = _documents(text, file, language)
    predictor = at_threshold(load_predictor(model), threshold)
    _print(predictor.predict(documents, types, batch_size=batch_size), as_json)


def _documents(text: str | None, file: Path | None, language: str | None) -> Iterable[Document]:
    """What is printed; a mistake in a file is told before the model is loaded."""
    if file is not None:
        if not sum(len(document.text.strip()) for document in read(file, language)):  # which reads it to its end
            raise DataError("there is no text", where=str(file), mend="give a text, --file or a pipe")
        return read(file, language)
    content = text if text is not None else _standard_input()
    if not content.strip():
        raise DataError("there is no text", where="standard input", mend="give a text, --file or a pipe")
    return [Document("1", content, language or language_of(content))]


def _standard_input() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        mend = "convert it to UTF-8"
        raise DataError(f"not UTF-8: {error.reason}", where="standard input", mend=mend) from error


def _tell(planned: list[Annotation], done: list[int], as_json: bool) -> None:
    pairs = list(zip(planned, done, strict=True))
    if as_json:
        print_json([{"file": str(one.source), "out": str(one.target), "documents": count} for one, count in pairs])
        return
    for one, count in pairs:
        console().print(f"{one.target}: {count} documents", highlight=False, markup=False)


def _print(predicted: Iterator[Document], as_json: bool) -> None:
    if as_json:
        print_json_list(_record(document) for document in predicted)
        return
    out = Console()
    for document in predicted:
        out.print(_marked(document))
        out.print(_table(document))


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
