"""Answers: the JSON object in what a teacher wrote, whatever else it wrote, or as much of it as there is."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from bioner.teacher.chat import without_thoughts
from bioner.teacher.tasks.problems import AROUND, BREAKS_OFF, ECHO, EMPTY, NOT_JSON, SHAPE, Problem

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|["{}\[\]:]', re.DOTALL)  # a quotation mark alone: a string that breaks off
_CLOSING = {"{": "}", "[": "]"}
_DEEPEST = 8  # brackets within each other: answers have three
_TRIES = 20  # braces that may begin the object: words before it may hold some


class Answer(NamedTuple):
    """An answer as JSON.

    Attributes:
        value: the object; empty if there is none.
        problems: what is wrong with it.
    """

    value: dict[str, Any]
    problems: list[Problem]


def read_answer(answer: str, text: str) -> Answer:
    """Read an answer; nothing in it is an error.

    An answer that is itself a part of the text is none: the text may hold an instruction to say it. What stands around
    the object (thoughts, fences, words) is ignored, and of an object that breaks off, everything up to its last
    complete item is read.

    Args:
        answer: what the teacher wrote.
        text: the text that it was asked about.
    """
    stripped = answer.strip()
    if not stripped:
        return Answer({}, [Problem.of(EMPTY, answer)])
    said = without_thoughts(stripped).strip()
    value, part, reason = _object(said)
    if "".join(part.split()) in "".join(text.split()):
        return Answer({}, [Problem.of(ECHO, part)])
    if value is not None and not isinstance(value, dict):
        return Answer({}, [Problem.of(SHAPE, said)])
    if not reason and part != stripped:
        reason = AROUND
    return Answer(value or {}, [Problem.of(reason, said)] if reason else [])


def _object(said: str) -> tuple[Any, str, str]:
    """The value that can be read, the part of the answer that it stands in, and what is wrong, if anything is."""
    value = _loads(said)
    if value is not None:
        return value, said, ""
    for brace in islice(re.finditer("{", said), _TRIES):
        part = said[brace.start() :]
        try:
            value, end = json.JSONDecoder().raw_decode(part)
        except (ValueError, RecursionError):
            value = _salvaged(part)
            if value is not None:
                return value, part, BREAKS_OFF
        else:
            return value, part[:end], ""
    return None, said, NOT_JSON


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _salvaged(text: str) -> Any:
    """The object that a text begins with and that breaks off, up to the last item where it can be read."""
    safe = list(_complete(text))
    # where the object can be read up to a place, it can up to any one before
    readable = bisect_left(safe, True, key=lambda place: _loads(text[: place[0]] + place[1]) is None)
    if not readable:
        return None
    end, closing = safe[readable - 1]
    return _loads(text[:end] + closing)


def _complete(text: str) -> Iterator[tuple[int, str]]:
    """The places behind complete items of a list, or fields of the outermost object, and the brackets open there.

    An item that has lost a field is lost, so that there is no place within it.
    """
    opened: list[str] = []
    value_next = False  # in an object: whether its next string is a value
    for token in _TOKEN.finditer(text):
        mark = token[0][0]
        if token[0] == '"' or len(opened) > _DEEPEST:
            return
        if mark == ":" or mark in _CLOSING:
            opened += mark.strip(":")
            value_next = mark == ":"
            continue
        if mark in "}]":
            if not opened or _CLOSING[opened.pop()] != mark:
                return
        elif opened[-1:] == ["{"] and not value_next:
            continue  # a key
        value_next = False
        if opened == ["{"] or opened[-1:] == ["["]:
            yield token.end(), "".join(_CLOSING[bracket] for bracket in reversed(opened))
