"""The suite as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bioner.evaluation.scores import Scores
from bioner.evaluation.table import ends, number
from bioner.evaluation.table import render as render_scores
from bioner.suite.rows import Mean, Row, cross_corpus_means, rows


def render(records: Mapping[str, Mapping[str, Any]]) -> RenderableType:
    """All rows, the means over the cross-corpus sets, and what is to be known of the sets.

    Args:
        records: set -> what its metrics file holds.
    """
    return Group(*_tables(rows(records)), _means(cross_corpus_means(records)), Text(), *_remarks(records))


def render_set(name: str, record: Mapping[str, Any]) -> RenderableType:
    """Every system on one set: all schemes, and the first one by type, language, shape, length and familiarity."""
    parts: list[RenderableType] = []
    for system, facts in record["systems"].items():
        parts += [
            Text(f"{name}: {system}", style="bold"),
            Text(),
            render_scores(Scores.from_record(facts["scores"])),
            Text(),
        ]
    return Group(*parts, *_remarks({name: record}))


def _tables(found: Sequence[Row]) -> Iterator[RenderableType]:
    """A table for each set, below a line of what it is: as columns, that would leave no room for the figures."""
    widest = max((len(_name(row)) for row in found), default=0)
    for _, group in groupby(found, lambda row: row.name):
        some = list(group)
        first = some[0]
        cross = ", cross-corpus" if all(row.cross_corpus for row in some if not row.other) else ""
        sizes = f"{first.documents} documents, {first.strict.gold} mentions"
        yield Text(f"{first.name}: {first.protocol}{cross}, {first.language}, {sizes}", style="bold")
        table = Table(box=None, padding=(0, 1), pad_edge=False)
        table.add_column("", min_width=widest, overflow="fold")
        for column in ("strict F1", "interval", "overlap F1", "seen", "unseen"):
            table.add_column(column, justify="right", no_wrap=True)
        for row in some:
            figures = (number(row.strict.f1), ends(row.strict.interval), number(row.overlap.f1))
            table.add_row(Text(_name(row)), *figures, number(row.seen), number(row.unseen))
        yield from (table, Text())


def _name(row: Row) -> str:
    return f"{row.system} (another system)" if row.other else row.system


def _means(found: Sequence[Mean]) -> Table | Text:
    if not found:
        return Text("No set is cross-corpus: the models were trained on the corpora of all of them.")
    table = Table("mean over cross-corpus sets and types", "cells", "strict F1", "overlap F1", box=None, pad_edge=False)
    for mean in found:
        table.add_row(Text(mean.system), str(mean.cells), number(mean.strict), number(mean.overlap))
    return table


def _remarks(records: Mapping[str, Mapping[str, Any]]) -> Iterator[Text]:
    for name, record in records.items():
        labels = record["label_map"]
        parts = [f"labels by {labels['name']} ({labels['sha256'][:12]})"]
        if left := record["labels_left_out"]:
            parts.append(f"left out: {', '.join(f'{count} {label}' for label, count in left.items())}")
        if record["in_training"]["documents"]:
            parts.append("{documents} documents are in training, {left_out} left out".format(**record["in_training"]))
        for system, facts in record["systems"].items():
            if facts.get("missing"):
                parts.append(f"{system} lacks {facts['missing']} documents")
            if facts["labels_left_out"]:
                parts.append(f"{system}: {sum(facts['labels_left_out'].values())} predictions of other types left out")
        yield Text(f"{name}: {'; '.join(parts)}")
