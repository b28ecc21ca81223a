"""Fields: the items of an answer, as the schema that asks for them and as the check that reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bioner.teacher.tasks.problems import (
    BREAKS_OFF,
    EMPTY_FIELD,
    ITEM_SHAPE,
    MORE_FIELDS,
    NO_LIST,
    UNREADABLE,
    Problem,
    tidy,
)

Fields = Mapping[str, type]  # name -> `str` or `int`
Item = dict[str, Any]
_TYPES = {str: "string", int: "integer"}


def schema_object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of an object that has these properties and no other."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def schema_list(fields: Fields, choices: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """The JSON Schema of a list of objects; `choices` are the values that a field may have."""
    properties: dict[str, dict[str, Any]] = {name: {"type": _TYPES[kind]} for name, kind in fields.items()}
    for name, values in (choices or {}).items():
        properties[name]["enum"] = list(values)
    return {"type": "array", "items": schema_object(properties)}


def items(
    value: Mapping[str, Any], name: str, fields: Fields, problems: list[Problem], optional: Sequence[str] = ()
) -> Iterator[Item]:
    """The items of a list of an answer that have all fields; what is wrong with the others is added to `problems`.

    Args:
        value: the answer.
        name: of the list.
        fields: of its items; strings come without blanks around them.
        problems: is added to.
        optional: fields that may be empty.
    """
    kinds, needed = list(fields.values()), [field for field in fields if field not in optional]
    for item in _listed(value, name, problems):
        if not isinstance(item, dict) or [type(item.get(field)) for field in fields] != kinds:
            problems.append(Problem.of(ITEM_SHAPE, item))
            continue
        if item.keys() - fields.keys():
            problems.append(Problem.of(MORE_FIELDS, item))
        read = {field: tidy(item[field]).strip() if kind is str else item[field] for field, kind in fields.items()}
        if "" in [read[field] for field in needed]:
            problems.append(Problem.of(EMPTY_FIELD, item))
        else:
            yield read


def strings(value: Mapping[str, Any], name: str, problems: list[Problem]) -> Iterator[str]:
    """The strings of a list of an answer, as `items` has its items."""
    for item in _listed(value, name, problems):
        if not isinstance(item, str):
            problems.append(Problem.of(ITEM_SHAPE, item))
        elif not item.strip():
            problems.append(Problem.of(EMPTY_FIELD, item))
        else:
            yield tidy(item).strip()


def _listed(value: Mapping[str, Any], name: str, problems: list[Problem]) -> Sequence[Any]:
    found = value.get(name)
    if isinstance(found, list):
        return found
    if ({BREAKS_OFF} | UNREADABLE).isdisjoint(problem.reason for problem in problems):  # else that is why
        problems.append(Problem.of(NO_LIST, value))
    return ()
