"""`bioner review queue`: what people corrected in the playground, and training data made of it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bioner.cli.options import AsJson, Profile, print_json
from bioner.documents import Document, write_documents
from bioner.errors import DataError
from bioner.files import hash_value
from bioner.pipeline.workspace import open_workspace

_SHOWN = 50  # characters of a text in the table
_NAMED = 3  # types up to which a file is named after them
_PLAIN = re.compile(r"[\w-]+")


def queue(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Write training data here; without it the queue is shown.")
    ] = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Show the corrections of the playground, or write them as annotated documents that `corpora add` takes."""
    from bioner.review.gathered import gather
    from bioner.review.queue import SOURCE, Queue

    workspace = open_workspace(Path.cwd(), profile)
    waiting = Queue(workspace.root)
    documents = waiting.read()
    if folder is None:
        _show(documents, as_json)
        return
    if not documents:
        mend = f"correct texts with: bioner playground{workspace.option}"
        raise DataError("the review queue is empty", where=str(waiting.file), mend=mend)
    gathered = gather(documents, workspace.params.entity_types)
    files: list[dict[str, Any]] = []
    for (language, keys), found in gathered.groups.items():
        name = f"{SOURCE}-{language}-{_short(keys)}"
        path = folder / f"{name}.jsonl"
        write_documents(path, found)
        command = f"bioner corpora add {shlex.quote(path.as_posix())} --name {name}{workspace.option} --split train"
        command += f" --language {language} --licence LICENCE"
        files.append({"file": path.as_posix(), "documents": len(found), "types": list(keys), "command": command})
    if as_json:
        print_json({"files": files, "unknown_labels": gathered.unknown, "unused": gathered.unused})
        return
    for file in files:
        typer.echo(f"{file['file']}: {file['documents']} documents, complete in {', '.join(file['types'])}")
        typer.echo(f"  {file['command']}")
    if gathered.unknown:
        labels = ", ".join(f"{label} ({count})" for label, count in gathered.unknown.most_common())
        typer.echo(f"of no type in the params, left out: {labels}; documents of no other type: {gathered.unused}")


def _short(keys: tuple[str, ...]) -> str:
    """The types as a part of a name."""
    readable = len(keys) <= _NAMED and all(_PLAIN.fullmatch(key) for key in keys)
    return "-".join(keys) if readable else f"{len(keys)}-types-{hash_value(list(keys))[:6]}"


def _show(documents: list[Document], as_json: bool) -> None:
    from bioner.review.queue import ADDED, MODEL, REMOVED, SENT, asked_of

    if as_json:
        print_json([document.to_record() for document in documents])
        return
    table = Table("sent", "model", "asked for", "kept", "removed", "added", "text", box=None)
    for document in documents:
        meta = document.meta
        added, removed = len(meta.get(ADDED, ())), len(meta.get(REMOVED, ()))
        text = document.text[:_SHOWN].replace("\n", " ")
        counts = (str(len(document.spans) - added), str(removed), str(added))
        model = str(meta.get(MODEL, {}).get("reference", ""))
        row = (str(meta.get(SENT, "")), model, ", ".join(asked_of(document)), *counts, text)
        table.add_row(*map(Text, row))  # which reads no markup in them
    Console().print(table)
