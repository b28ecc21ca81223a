"""`bioner review`: synthetic documents to Label Studio and back, and the queue of the playground."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bioner.cli.options import AsJson, Profile, print_json
from bioner.cli.review_queue import queue
from bioner.documents import Document, read_documents
from bioner.errors import ConfigError, DataError
from bioner.files import atomic_write, write_json
from bioner.pipeline.workspace import Workspace, open_workspace
from bioner.stages import layout

_FOLDER = "reviews"  # of the project: what was imported, named after its content


def build() -> typer.Typer:
    """The group of verbs."""
    group = typer.Typer(help="Let people review, in Label Studio or in the playground.", no_args_is_help=True)
    group.command("export")(export_tasks)
    group.command("import")(import_review)
    group.command("queue")(queue)
    return group


def export_tasks(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where the files go.")] = Path("review"),
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Write the documents that `review` in the params asks for: tasks and a labelling configuration a language."""
    from bioner.review.choose import choose
    from bioner.review.label_studio import can_show, config, label_names, task

    workspace = open_workspace(Path.cwd(), profile)
    params = workspace.params
    documents = _distilled(workspace)
    chosen = choose(documents, random=params.review.random, least_certain=params.review.least_certain, seed=params.seed)
    if not chosen:
        raise ConfigError("there is no document to review", mend="set review.random or review.least_certain higher")
    by_id = {document.id: document for document in documents}
    picked = [by_id[key] for key in chosen]
    written: dict[str, int] = {}
    for language in sorted({document.language for document in picked}):
        names = label_names(params.entity_types, language)
        tasks = [task(document, chosen[document.id], names) for document in picked if document.language == language]
        with atomic_write(folder / f"config-{language}.xml") as out:
            out.write(config(params.entity_types, language))
        write_json(folder / f"tasks-{language}.json", tasks)
        written[language] = len(tasks)
    unshown = sum(not can_show(span, params.types) for document in picked for span in document.spans)
    samples = dict(Counter(sample for found in chosen.values() for sample in found))
    if as_json:
        print_json({"folder": folder.as_posix(), "tasks": written, "samples": samples, "spans_not_shown": unshown})
        return
    for language, count in written.items():
        typer.echo(f"{folder / f'tasks-{language}.json'}: {count} tasks, labels in config-{language}.xml")
    if unshown:
        typer.echo(f"{unshown} spans are discontinuous or of no known type: they are not shown, and stay as they are")


def import_review(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Exports of Label Studio, as JSON.")],
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Check what came back against the synthetic documents, keep it, and say what the params have to name."""
    from bioner.review.acceptance import figures
    from bioner.review.corrections import correct
    from bioner.review.exported import parse_tasks, read_tasks

    workspace = open_workspace(Path.cwd(), profile)
    types = workspace.params.entity_types
    tasks = [task for file in files for task in read_tasks(file)]
    corrections = correct(_distilled(workspace), parse_tasks(tasks, ", ".join(map(str, files))), types)
    if not corrections.documents:
        mend = "let somebody finish a task, then export again"
        raise DataError("nobody has finished a task", where=", ".join(map(str, files)), mend=mend)
    record = figures(corrections, types.keys) | {"file": _keep(workspace.project, tasks)}
    if as_json:
        print_json(record)
        return
    out = Console()
    out.print(_table(record["acceptance"]))
    out.print(", ".join(f"{name.replace('_', ' ')} {count}" for name, count in record["documents"].items()))
    where = "params.yaml" if profile is None else f"profiles/{profile}.yaml"
    typer.echo(f"\nTo use it, set this in {where} and run: {workspace.run_command()}\n")
    path, sha256 = record["file"]["path"], record["file"]["sha256"]
    typer.echo(f"review:\n  file:\n    path: {path}\n    sha256: {sha256}")


def _distilled(workspace: Workspace) -> list[Document]:
    file = workspace.root / layout.DISTILLED
    if not file.is_file():
        mend = f"run: {workspace.run_command()}"
        raise DataError("there are no synthetic documents to review yet", where=str(file), mend=mend)
    return list(read_documents(file))


def _keep(project: Path, tasks: list[dict[str, Any]]) -> dict[str, str]:
    """Write the tasks where they stay, without the annotators' names."""
    text = json.dumps(tasks, indent=1) + "\n"  # in ASCII: words of a region may hold half of a character
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    path = Path(_FOLDER) / f"{sha256[:12]}.json"
    with atomic_write(project / path) as out:
        out.write(text)
    return {"path": path.as_posix(), "sha256": sha256}


def _table(acceptance: dict[str, dict[str, Any]]) -> Table:
    table = Table("type", "shown", "accepted", "rate", "95 %", "added", box=None, title="random sample")
    for name, found in acceptance.items():
        rate, between = ("-", "-")
        if found["rate"] is not None:
            low, high = found["interval"]
            rate, between = f"{found['rate']:.1%}", f"{low:.1%} to {high:.1%}"
        table.add_row(name, str(found["shown"]), str(found["accepted"]), rate, between, str(found["added"]))
    return table
