"""The verbs of the command line, put together."""

from __future__ import annotations

import typer

from bioner import __version__
from bioner.cli import corpora, evaluate, export, lineage, predict, protocol, run, serve, status, ui


def build() -> typer.Typer:
    """The command line application."""
    app = typer.Typer(
        help="From biomedical text and a list of entity types to a registered, promoted, auditable NER model.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for verb in (
        run.run,
        status.status,
        predict.predict,
        serve.serve,
        evaluate.evaluate,
        protocol.protocol,
        export.export,
        lineage.lineage,
        ui.ui,
        version,
    ):
        app.command()(verb)
    app.add_typer(corpora.build(), name="corpora")
    return app


def version() -> None:
    """Print the version."""
    typer.echo(__version__)
