"""The vocabulary on disk: YAML that people read and change, one label a line; and the labels of a record cache."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import yaml

from bioner.config.teacher import Endpoint
from bioner.documents import read_documents
from bioner.entity_types import EntityTypes
from bioner.errors import DataError
from bioner.files import atomic_write
from bioner.project import project_root
from bioner.teacher.cache_file import cache_error
from bioner.teacher.cache_rows import unpack_answers
from bioner.teacher.tasks.answers import read_answer
from bioner.teacher.vocabulary import REASONS, Entry, Vocabulary, labels_of, understood

_CACHE = ".sqlite"
_HEADER = """\
# Labels that a teacher used -> the label that stands for each (normal; null: none, its spans are dropped).
# Change `normal` where it is wrong; what this file says stays when it is written again.
"""


def write_vocabulary(path: Path, vocabulary: Vocabulary) -> None:
    """Write a map atomically."""
    value = {label: entry._asdict() for label, entry in vocabulary.items()}
    with atomic_write(path) as out:
        out.write(_HEADER)
        # the collections that hold no other stand on one line
        yaml.safe_dump(value, out, sort_keys=False, allow_unicode=True, default_flow_style=None, width=1000)


def read_vocabulary(path: Path) -> dict[str, Entry]:
    """Read a map. A label alone before its normal form will do: the rest is for the reader.

    Raises:
        DataError: the file is missing or is no such map.
    """
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror}", where=str(path), mend="check the path") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"not YAML: {error}", where=str(path), mend="correct the syntax") from error
    if not isinstance(value, Mapping):
        mend = "let `bioner teacher vocabulary` write it"
        raise DataError("not a map of labels", where=str(path), mend=mend)
    return {str(label): _entry(item, f"{path}, label {label}") for label, item in value.items()}


def _entry(item: Any, where: str) -> Entry:
    parts = item if isinstance(item, Mapping) else {"normal": item}
    normal, times, reason = parts.get("normal"), parts.get("times", 0), parts.get("reason", "by hand")
    fits = "normal" in parts and not set(parts) - set(Entry._fields) and type(times) is int and reason in REASONS
    if not fits or not (normal is None or (isinstance(normal, str) and normal.strip())):
        mend = f"write {{normal: LABEL or null, times: NUMBER, reason: one of {', '.join(REASONS)}}}"
        raise DataError("an entry of the map that cannot be read", where=where, mend=mend)
    return Entry(normal, times, reason)


def heard(endpoint: Endpoint, types: EntityTypes) -> EntityTypes:
    """The types as answers are read: what the map of the params says that means a type is one more synonym of it.

    Nothing else is asked for, so that answers which were paid for are only read anew when the map has changed.

    Raises:
        DataError: the file of the params is missing, is another one, or is no map of labels.
    """
    if endpoint.vocabulary is None:
        return types
    file = endpoint.vocabulary.locate(project_root(Path.cwd()), "teacher.endpoint.vocabulary")
    return understood(types, read_vocabulary(file))


def labels_in(path: Path) -> Counter[str]:
    """How often each label occurs in a file: of documents, or a record cache, whose answers count as they were given.

    Raises:
        DataError: the file cannot be read.
    """
    if path.suffix != _CACHE:
        return labels_of(read_documents(path))
    if not path.is_file():
        raise DataError("there is no cache of annotations", where=str(path), mend="let a teacher annotate: bioner run")
    found: Counter[str] = Counter()
    try:
        with closing(sqlite3.connect(path)) as connection:
            for (packed,) in connection.execute("SELECT answers FROM records ORDER BY key"):
                for said, _ in unpack_answers(packed):
                    found.update(_labels(read_answer(said, "").value.get("entities")))
    except sqlite3.Error as error:
        raise cache_error(path, error) from error
    return found


def _labels(entities: Any) -> list[str]:
    """The types of entities, as far as an answer has them."""
    named = [item.get("type") for item in entities if isinstance(item, Mapping)] if isinstance(entities, list) else []
    return [" ".join(name.split()) for name in named if isinstance(name, str) and name.strip()]
