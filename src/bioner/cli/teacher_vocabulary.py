"""`bioner teacher vocabulary`: the labels that teachers used, as a map to normal ones that people review."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from bioner.cli.options import AsJson, Profile, print_json
from bioner.files import hash_file
from bioner.pipeline.workspace import open_workspace


def vocabulary(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Annotated documents, or caches of a teacher's answers.")
    ],
    out: Annotated[Path, typer.Option(help="The map; what it says already stays.")] = Path("vocabulary.yaml"),
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Map every label to a type of the params, or to its commonest spelling; look at the file before it is used."""
    from bioner.teacher.vocabulary import vocabulary as map_of
    from bioner.teacher.vocabulary_file import labels_in, read_vocabulary, write_vocabulary

    types = open_workspace(Path.cwd(), profile).params.entity_types
    counts = sum((labels_in(file) for file in files), Counter[str]())
    entries = map_of(counts, types, read_vocabulary(out) if out.is_file() else None)
    write_vocabulary(out, entries)
    reasons = Counter(entry.reason for entry in entries.values())
    unknown = sum(entry.normal is not None and entry.normal not in types.types for entry in entries.values())
    record = {"labels": len(entries), "reasons": dict(reasons), "no_type": unknown, "sha256": hash_file(out)}
    if as_json:
        print_json(record)
        return
    told = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
    typer.echo(f"{out}: {len(entries)} labels ({told}); {unknown} mean no type of the params")
    if unknown < len(entries):
        typer.echo(f"once it is right, for an endpoint whose task is not copies:\n{_setting(out)}")


def _setting(file: Path) -> str:
    return f"teacher:\n  endpoint:\n    vocabulary:\n      path: {file.as_posix()}\n      sha256: {hash_file(file)}"
