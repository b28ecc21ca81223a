"""Reading `params.yaml`: every error names the key and its mend; and merging a profile over it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from bioner.config.params import Params
from bioner.errors import ConfigError


def load_params(path: Path) -> Params:
    """Read and check a params file.

    Raises:
        ConfigError: the file is missing, is not YAML, or does not fit; every problem is listed with its key.
    """
    return parse_params(read_yaml(path), str(path))


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping.

    Raises:
        ConfigError: the file is missing or is not a YAML mapping.
    """
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        mend = "run in the project's folder, or restore the file"
        raise ConfigError(f"the file cannot be read: {error.strerror}", where=str(path), mend=mend) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"not YAML: {error}", where=str(path), mend="correct the syntax") from error
    if not isinstance(value, dict):
        raise ConfigError("not a mapping of keys to values", where=str(path))
    return value


def parse_params(value: Mapping[str, Any], where: str) -> Params:
    """Check a params mapping; `where` names its origin in errors."""
    try:
        return Params.model_validate(value)
    except ValidationError as error:
        problems = [_problem(dict(item)) for item in error.errors()]
        raise ConfigError("; ".join(problems), where=where, mend="correct the keys named above") from error


def _problem(item: Mapping[str, Any]) -> str:
    path = [part for part in item["loc"] if part != "[key]"]
    key = ".".join(str(part) for part in path)
    if item["type"] == "extra_forbidden":
        return f"unknown key {key}{_suggestion([str(part) for part in path])}"
    if item["type"] == "missing":
        return f"the key {key} is missing"
    found = f", found {item['input']!r}" if key and not isinstance(item["input"], Mapping) else ""
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{key}: {message}{found}" if key else message


def _suggestion(path: list[str]) -> str:
    """Which known key of the same section the unknown one resembles."""
    section: Any = Params
    for part in path[:-1]:
        section = _fields(section)[part] if _fields(section) else get_args(section)[-1]
    known = list(_fields(section))
    close = difflib.get_close_matches(path[-1], known, 1)
    return f" (did you mean {close[0]}?)" if close else f" (known: {', '.join(known)})"


def _fields(section: Any) -> dict[str, Any]:
    """Key -> type of the value; empty for what is no section, such as a mapping with names of the user's own."""
    if isinstance(section, UnionType):  # `Section | None`
        section = get_args(section)[0]
    if not (isinstance(section, type) and issubclass(section, BaseModel)):
        return {}
    return {field.alias or name: field.annotation for name, field in section.model_fields.items()}


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the keys of `over`: mappings are merged, anything else replaces; a null removes the key."""
    merged = dict(base)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            under = merged.get(key)
            merged[key] = merge(under if isinstance(under, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged
