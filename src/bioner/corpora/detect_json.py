"""Which format of JSON a file has, by the keys of its first record."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bioner.corpora.head import Finding, Head, longest_column

_KEYED = re.compile(r'\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*(?=\{)')  # an object whose first value is an object
_KEY = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:')
_DOCUMENT = frozenset({"id", "text", "language", "spans", "source", "meta"})
_ENTITIES = frozenset({"entities", "spans"})  # keys whose list is one of entities, even if it is empty
# Keys that a record has in one format only -> the format; the first that fits counts.
_SIGNS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"protocolSection"}), "clinical_trials"),
    (frozenset({"passages"}), "bioc_json"),
    (frozenset({"tokenized_text", "ner"}), "gliner"),
    (frozenset({"tokens", "entity_mentions"}), "token_spans"),
    (frozenset({"instruction", "input", "output"}), "llmner"),
    (frozenset({"input", "drug_code"}), "llmner"),
)
_NESTED = {"documents": "bioc_json", "studies": "clinical_trials"}  # key of a file that is one object -> format


def keys(head: Head) -> list[str]:
    """The keys of the first record; where it is longer than the head, all keys that can be seen."""
    record = _first(head.text)
    return list(record) if isinstance(record, dict) else list(dict.fromkeys(_KEY.findall(head.text)))


def find(head: Head) -> Finding | None:
    """The format, or `None` if the records have the keys of none."""
    found, record = keys(head), _first(head.text)
    for signs, form in _SIGNS:
        if signs <= set(found):
            return Finding(form, f"its JSON records have {_named(signs)}")
    for key, form in _NESTED.items():
        if key in found[:6] and any(signs <= set(_KEY.findall(head.text)) for signs, name in _SIGNS if name == form):
            return Finding(form, f"it is a JSON object with {_named((key,))}")
    return _unsigned(head, record)


def _unsigned(head: Head, record: Any) -> Finding | None:
    """Records whose keys are no sign of a format."""
    keyed = _KEYED.match(head.text)
    if keyed:
        return _table([_first(head.text[keyed.end() :])], "json", "it is a JSON object of objects")
    if not isinstance(record, dict):
        return None
    lines = _is_lines(head)
    if lines and {"id", "text", "language"} <= set(record) <= _DOCUMENT:
        why = "its lines are JSON objects with the keys of a document (id, text, language)"
        return Finding("documents", why, language=str(record["language"]))
    if lines:
        records = [_first(line) for line in head.lines if line.strip()]
        return _spans(head, record) or _table(records, "jsonl", "its lines are JSON objects without entities")
    return _spans(head, record) or _table([record], "json", "it is JSON objects without entities")


def _spans(head: Head, record: Mapping[str, Any]) -> Finding | None:
    """Records of a text and of entities as offsets into it."""
    if not isinstance(record.get("text"), str):
        return None
    if '"start_idx"' in head.text or (head.text.lstrip()[0] == "[" and record.get("entities") == []):
        others = () if '"start_idx"' in head.text else ("character_spans",)
        return Finding("cmeee_v2", "it is a JSON list of texts with `entities` (start_idx, end_idx)", others=others)
    for key, value in record.items():
        if isinstance(value, list) and all(_is_entity(item) for item in value) and key != "text":
            return Finding(
                "character_spans", f"its JSON records have a `text`, and under `{key}` entities with offsets"
            )
    return None


def _is_entity(item: Any) -> bool:
    if isinstance(item, dict):
        return any("start" in key.lower() for key in item) and any("end" in key.lower() for key in item)
    return isinstance(item, list) and len(item) >= 3 and all(isinstance(offset, int) for offset in item[:2])


def _table(records: Sequence[Any], form: str, why: str) -> Finding | None:
    """Records without entities, if any of their values is text."""
    texts: dict[str, list[str]] = {}
    for record in records:
        for name, value in record.items() if isinstance(record, dict) else ():
            parts = value if isinstance(value, list) else [value]
            if parts and all(isinstance(part, str) for part in parts):
                texts.setdefault(name, []).append("\n".join(parts))
    column = longest_column(texts)
    return None if column is None else Finding(form, f"{why}; the longest text is in {column!r}", column)


def _is_lines(head: Head) -> bool:
    """Whether the first line is a whole object, and so is the next one."""
    found = [line for line in head.lines if line.strip()][:2]
    return all(line.lstrip().startswith("{") and isinstance(_first(line), dict) for line in found)


def _first(text: str) -> Any:
    """The first object, `None` if it is not whole or not JSON."""
    start = re.compile(r"[\s\[]*").match(text)
    try:
        return json.JSONDecoder().raw_decode(text, start.end() if start else 0)[0]
    except (ValueError, RecursionError):
        return None


def _named(names: frozenset[str] | tuple[str, ...]) -> str:
    return " and ".join(f"`{name}`" for name in sorted(names))
