"""The verbs of the command line, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from bioner import __version__
from bioner.cli import (
    audit,
    card,
    compare,
    corpora,
    doctor,
    drift,
    evaluate,
    export,
    ledger,
    lineage,
    metrics,
    playground,
    predict,
    promote,
    protocol,
    rebuild,
    review,
    rollback,
    run,
    serve,
    status,
    suite,
    teacher,
    ui,
)


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
        metrics.metrics,
        playground.playground,
        evaluate.evaluate,
        protocol.protocol,
        suite.suite,
        export.export,
        promote.promote,
        rollback.rollback,
        compare.compare,
        lineage.lineage,
        audit.audit,
        rebuild.rebuild,
        card.card,
        drift.drift,
        ui.ui,
        doctor.doctor,
    ):
        app.command()(verb)
    app.callback()(_top)
    app.add_typer(corpora.build(), name="corpora")
    app.add_typer(ledger.build(), name="ledger")
    app.add_typer(teacher.build(), name="teacher")
    app.add_typer(review.build(), name="review")
    return app


def _top(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What stands before a verb; the application has a help of its own."""


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit
