"""The page of the params: `params.yaml` with its comments, then every key with type, limits and default by section."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

_Schema = Mapping[str, Any]
_LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
_SIZES = {"minItems": "at least", "minProperties": "at least", "maxItems": "at most"}
_INTRODUCTION = """# Params

`params.yaml` holds every choice, and `profiles/NAME.yaml` lays others over it. A key that is not here is refused.

## The file
"""


def params(model: type[BaseModel], file: str) -> str:
    """The page of a model of params, in Markdown.

    Args:
        file: the params as they come with the project.
    """
    schema = model.model_json_schema()
    lines = [_INTRODUCTION, "```yaml", file.rstrip(), "```", "", *_section(model.__name__, schema)]
    for name, section in schema.get("$defs", {}).items():
        lines += _section(name, section)
    return "\n".join(lines) + "\n"


def _section(name: str, schema: _Schema) -> Iterator[str]:
    """A heading, what the section is for, and a row a key."""
    yield from (f"## {name}", "", schema.get("description", "").partition("\n\nAttributes:")[0], "")
    required = schema.get("required", ())
    if schema.get("properties"):
        yield from ("| key | what it holds | default |", "|---|---|---|")
    for key, value in schema.get("properties", {}).items():
        default = "required" if key in required else _code(value["default"]) if "default" in value else "its own"
        yield f"| `{key}` | {_kind(value)} | {default} |"
    yield ""


def _kind(schema: _Schema) -> str:
    """What a value may be, in words."""
    match schema:
        case {"$ref": str(name)}:
            name = name.rpartition("/")[2]
            return f"[{name}](#{name.lower()})"
        case {"anyOf": options} | {"oneOf": options}:
            return " or ".join(map(_kind, options))
        case {"enum": values}:
            return ", ".join(map(_code, values))
        case {"const": value}:
            return _code(value)
        case {"type": "null"}:
            return "nothing"
    return _typed(schema) + _limits(schema)


def _typed(schema: _Schema) -> str:
    match schema:
        case {"type": "array", "prefixItems": items}:
            return f"a list of {', '.join(map(_kind, items))}"
        case {"type": "array"}:
            return f"a list: {_kind(schema.get('items', {}))}"
        case {"type": "object"}:
            inner = schema.get("additionalProperties", {})
            return f"names, each with {_kind(inner if isinstance(inner, dict) else {})}"
        case {"type": str(kind)}:
            return kind
    return "anything"


def _limits(schema: _Schema) -> str:
    said = [f"{sign} {schema[key]:g}" for key, sign in _LIMITS.items() if key in schema]
    said += [
        f"{how} {schema[key]} of them" for key, how in _SIZES.items() if key in schema and "prefixItems" not in schema
    ]
    said += [f"like {_code(schema['pattern'])}"] if "pattern" in schema else []
    return f" ({', '.join(said)})" if said else ""


def _code(value: Any) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return "`" + text.replace("|", "\\|") + "`"
