"""`bioner corpora add`: bring a corpus into the project under DVC, read it all, and name it in the params."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from rich.console import Console
from rich.text import Text

from bioner.cli.corpora.show import plain, print_touched, touched_records
from bioner.cli.corpora.source import ColumnOption, FormatOption, How, LanguageOption, OnErrorOption, Source
from bioner.cli.options import AsJson, Profile, print_json
from bioner.config import Split
from bioner.errors import ConfigError, DataError

if TYPE_CHECKING:
    from bioner.cli.corpora.data import Arrived
    from bioner.corpora.statistics import Statistics

Read = dict[Split, tuple[Source, "Statistics"]]
_NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class _Added:
    """What was added: the entry in `file`, the hash of the data, and what each split holds."""

    name: str
    entry: Mapping[str, Any]
    digest: str
    file: Path
    read: Read
    types: frozenset[str]
    notes: tuple[str, ...]

    @property
    def without_type(self) -> Counter[str]:
        """How many entities of training and tests have a label that is no entity type."""
        found: Counter[str] = Counter()
        known = self.entry.get("labels") or self.types
        for split, (_, statistics) in self.read.items():
            if split != "unlabelled":
                found.update({label: count for label, count in statistics.types.items() if label not in known})
        return found

    def to_record(self) -> dict[str, Any]:
        """The addition as a JSON object."""
        return {
            "name": self.name,
            "entry": dict(self.entry),
            "hash": self.digest,
            "file": str(self.file),
            "splits": {split: statistics.to_record() for split, (_, statistics) in self.read.items()},
            "labels_without_type": dict(self.without_type),
            "notes": list(self.notes),
            "touched": touched_records([item for source, _ in self.read.values() for item in source.reading.touched]),
        }


def add(  # noqa: PLR0917 (options of a command are named, never positional)
    source: Annotated[
        str, typer.Argument(metavar="PATH|URL", help="A file, a folder, a zip or tar archive, or a URL.")
    ],
    name: Annotated[str, typer.Option(help="The name of the corpus: letters, digits, _ and -.")],
    split: Annotated[
        list[str] | None,
        typer.Option(help="train, dev, test or unlabelled; SPLIT=FILE names a file in a folder or archive. Repeat it."),
    ] = None,
    form: FormatOption = None,
    column: ColumnOption = None,
    language: LanguageOption = None,
    label: Annotated[
        list[str] | None, typer.Option(help="LABEL=TYPE: a label of the file is this entity type.")
    ] = None,
    licence: Annotated[str, typer.Option(help="Under which terms it may be used.")] = _NOT_STATED,
    citation: Annotated[str, typer.Option(help="What to cite.")] = _NOT_STATED,
    origin: Annotated[str, typer.Option("--source", help="Where it comes from; a URL states itself.")] = _NOT_STATED,
    on_error: OnErrorOption = "fail",
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Copy or import a corpus to data/corpora/NAME, read it all, then write its entry into the params or a profile.

    A profile that does not exist is made. All or nothing: whatever goes wrong, no entry is left without its data.
    """
    from bioner.cli.corpora.data import arriving, finish, forget, is_url
    from bioner.cli.corpora.entry import Book
    from bioner.pipeline.exclusive import exclusive
    from bioner.pipeline.workspace import Workspace, find_project

    project = find_project(Path.cwd())
    workspace = Workspace(project, profile)
    if is_url(source) and origin == _NOT_STATED:
        origin = source
    with exclusive(workspace) if workspace.root.is_dir() else nullcontext():
        book = Book.open(project, profile)
        book.check_name(name)
        with arriving(project, name, source) as arrived:
            read = _read(arrived, _splits(split, arrived), name, How(form, column, language, on_error))
            stated = {"licence": licence, "source": origin, "citation": citation}
            entry = _entry(read, arrived, book.path_to(arrived.final), stated, _labels(label))
            text = book.with_entry(name, entry)
        try:
            file, notes = book.file.relative_to(project), book.notes(name, text)
            added = _Added(name, entry, arrived.track(), file, read, book.types, notes)
            book.write(text)
        except BaseException:
            forget(project, name)
            raise
        finish(project, name)
    if as_json:
        print_json(added.to_record())
    else:
        _show(Console(), added)


def _splits(given: list[str] | None, arrived: Arrived) -> dict[Split, Path]:
    """The file of each split, where it lies now."""
    from bioner.corpora.detect import parts

    files = list(parts(arrived.at))
    known = {name: name for name in get_args(Split)}
    example = f"--split train={files[0].relative_to(arrived.at) if files and arrived.at.is_dir() else ''}"
    found: dict[Split, Path] = {}
    for item in given or []:
        name, _, part = item.partition("=")
        if name not in known or known[name] in found:
            what = f"{item!r} names no split, or one that was named before"
            raise ConfigError(what, mend=f"splits are {', '.join(known)}; for example {example}")
        if not part and len(files) != 1:
            what = f"{item!r} names no file, and there are {len(files):,}"
            raise ConfigError(what, where=arrived.origin, mend=f"name one, for example {example}")
        file = files[0] if not part else arrived.at if arrived.at.is_file() else arrived.at / part
        if not file.resolve().is_relative_to(arrived.at.resolve()) or not file.exists():
            there = ", ".join(str(path.relative_to(arrived.at)) for path in files[:10])
            raise ConfigError(f"there is no {part!r} in it", where=arrived.origin, mend=f"name one of: {there}")
        found[known[name]] = file
    if not found:
        raise ConfigError("no split was named", where=arrived.origin, mend=f"say what is for what, such as {example}")
    return found


def _read(arrived: Arrived, splits: Mapping[Split, Path], name: str, how: How) -> Read:
    """Read every split to its end; the others have the format and the language of the first."""
    from bioner.corpora.statistics import Statistics

    read: Read = {}
    try:
        for split, file in splits.items():
            source = how.open(file, name)
            found = source.detection
            how = replace(how, form=found.format, column=found.column, language=source.reading.language)
            read[split] = (source, _not_empty(Statistics.of(source.documents()), split, file))
    except DataError as error:
        where = error.where.replace(str(arrived.at), arrived.origin)
        raise DataError(error.what, where=where, mend=error.mend) from error
    return read


def _not_empty(statistics: Statistics, split: Split, file: Path) -> Statistics:
    if not statistics.documents:
        raise DataError(f"the split {split} has no document", where=str(file), mend="check --format and --column")
    return statistics


def _entry(
    read: Read, arrived: Arrived, path: str, stated: Mapping[str, str], labels: Mapping[str, str]
) -> dict[str, Any]:
    """The entry; what is not stated is left out, but for the licence."""
    found = next(iter(read.values()))[0]
    parts = {split: source.reading.path.relative_to(arrived.at).as_posix() for split, (source, _) in read.items()}
    entry: dict[str, Any] = {"path": path, "format": found.detection.format}
    if found.detection.column is not None:
        entry["column"] = found.detection.column
    entry["language"] = found.reading.language
    entry |= {key: value for key, value in stated.items() if value != _NOT_STATED or key == "licence"}
    if found.reading.on_error != "fail":
        entry["on_error"] = found.reading.on_error
    entry["splits"] = parts
    return entry | ({"labels": dict(labels)} if labels else {})


def _labels(given: list[str] | None) -> dict[str, str]:
    pairs = [item.rpartition("=") for item in given or []]
    wrong = [item for item, (label, _, kind) in zip(given or [], pairs, strict=True) if not label or not kind]
    if wrong:
        raise ConfigError(f"{wrong[0]!r} is no LABEL=TYPE", mend="for example --label Chemical=drug")
    return {label: kind for label, _, kind in pairs}


def _show(out: Console, added: _Added) -> None:
    for split, (source, statistics) in added.read.items():
        figures = f"{statistics.documents:,} documents, {statistics.entities:,} entities"
        out.print(f"{split}: {figures}, {source.reading.language}, {source.detection.format}", highlight=False)
        print_touched(out, source.reading.touched)
    out.print(f"added {added.name} to {added.file}, its data to data/corpora ({added.digest})", soft_wrap=True)
    if added.entry["licence"] == _NOT_STATED:
        out.print("its licence is not stated: state it in the entry", style="yellow")
    unknown, named = added.without_type, bool(added.entry.get("labels"))
    if unknown:
        listed = ", ".join(f"{label} ({count:,})" for label, count in unknown.items())
        done = "left out and counted" if named else "an error when they are ingested"
        out.print(Text(plain(f"labels that are no entity type, {done}: {listed}"), "yellow"), soft_wrap=True)
    if unknown and not named:
        mend = f"add them to `types` in {added.file}, or say there in `labels` which label is which type"
        out.print(mend, soft_wrap=True, highlight=False)
    for note in added.notes:
        out.print(Text(note, "yellow"), soft_wrap=True)
    commands = (f"git add {added.file} data/corpora && git commit", "bioner run")
    out.print("\n  ".join(("\nNext:", *commands)), highlight=False, markup=False)
