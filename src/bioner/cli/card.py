"""`bioner card`: the model card of a registered version."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bioner.cli.options import AsJson, print_json
from bioner.errors import ConfigError
from bioner.files import atomic_write


def card(
    reference: Annotated[str, typer.Argument(metavar="REF", help="bioner-gliner@champion, bioner-tagger/2, ...")],
    *,
    out: Annotated[Path | None, typer.Option(help="Write it to this file instead of printing it.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep it with the version, as `bioner run` does.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the card of a model: use, data with licences, scores, limits, decision and lineage, from its evidence."""
    from bioner.cards.card import render
    from bioner.cards.keeping import facts_of, keep_cards

    if out is not None and as_json:
        raise ConfigError("--out writes the card, --json prints its facts", mend="give one of them")
    facts = facts_of(reference)
    if keep:
        keep_cards([f"{facts.name}/{facts.number}"], Path.cwd())
        facts = facts_of(f"{facts.name}/{facts.number}")
    if as_json:
        print_json(facts.to_record())
    elif out is None:
        typer.echo(render(facts), nl=False)
    else:
        with atomic_write(out) as file:
            file.write(render(facts))
