"""The instruction files of LLMNER: JSON objects whose answer is the text once for each type, with brackets in it.

An answer is lines of `type: text`, the mentions of that type in square brackets. An object is one of three:
- `input` and `output`, an instruction: the text is what stands in `input` after its first line and before the line that
  lists the types (`Entity types include` or `实体类型包括`); an empty `output` annotates nothing.
- `answer`, an answer alone: the text is its first line without brackets.
- `input` and `drug_code`, an example of the selector: the second line of `input` is a text with one mention in
  brackets, the third says which (`...: mention, type: x`); one that is not judged `正确` (right) is counted as dropped.

A text that is tokenised by blanks stays as it is. Each object is read with its `id`, if it has one.

The layout is that of the files of github.com/dreamer-tx/LLMNER (`data`, `result`, `llm-cls/data`), the code of Lv et
al. 2025 (arXiv 2510.08902). What its script writes to `result` has typographic quotes for straight ones, and is
JSON only where the answer has no line end, quote or backslash: another line is refused, or left out, as for any file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bioner.corpora import bracketed
from bioner.corpora.object_records import parsed, read_objects
from bioner.corpora.reading import Reading
from bioner.corpora.record import strings, typed
from bioner.documents import Document, Fragment, Span
from bioner.errors import DataError

TYPES = {"en": "Entity types include: ", "zh": "实体类型包括："}  # begins the line that lists the types

_TYPES = re.compile(r"\n(?:Entity types include|实体类型包括)(.*)")
_COLON = re.compile("[:：]")
_JUDGED = re.compile(r"[^:：]*[:：](.*)[,，]\s*(?:type|类型)\s*[:：]([^:：]*)")
_RIGHT = "正确"
_WRONG = "judged wrong"
_MEND = "write `type: text`, the text unchanged but for square brackets around its mentions of the type"


def read(reading: Reading) -> Iterator[Document]:
    """One document an object.

    Raises:
        DataError: the file cannot be read, an object is malformed, or a line of an answer is not its text with
            brackets (under repair that line is left out).
    """

    def document(record: dict[str, Any], identity: str, where: str) -> Document:
        dropped: list[str] = []
        if "answer" in record:
            text, spans = _answer(typed(record, "answer", str, where), None, None, reading, where)
        elif "drug_code" in record:
            text, spans = _judged(typed(record, "input", str, where), where)
            if strings(record, "drug_code", where) != [_RIGHT]:
                spans, dropped = [], [_WRONG]
        else:
            prompt = typed(record, "input", str, where)
            begin, listed = prompt.find("\n") + 1, _TYPES.search(prompt)
            if not begin or not listed or listed.start() < begin:
                mend = f"write the text into lines of its own, and then a line {TYPES['en']!r}"
                raise DataError("the input holds no text and list of types", where=where, mend=mend)
            source = prompt[begin : listed.start()]
            text, spans = _answer(typed(record, "output", str, where), source, listed[1], reading, where)
        return reading.document(identity, text, spans, where=where, dropped=dropped)

    return read_objects(reading, document)


def _answer(answer: str, source: str | None, types: str | None, reading: Reading, where: str) -> tuple[str, list[Span]]:
    """The text and the mentions of an answer; without a source, its first line is one."""
    lines = [line for line in answer.split("\n") if line.strip()]
    text = bracketed.without(_COLON.split(lines[0], 1)[-1]).strip() if source is None and lines else source or ""

    def spans(line: str) -> list[Span]:
        label, *rest = _COLON.split(line, 1)
        label = label.strip()
        extents = mentions(rest[0], text) if rest else None
        if not label or extents is None:
            raise DataError(f"the line {line[:40]!r} ... is not its text with brackets", where=where, mend=_MEND)
        if types is not None and label not in types:
            raise DataError(f"the type {label!r} was not asked for", where=where, mend="correct the type of this line")
        return [Span.of(start, end, label) for start, end in extents]

    return text, [span for found in parsed(reading, lines, spans) for span in found]


def mentions(line: str, text: str) -> list[Fragment] | None:
    """The extents of the mentions in a line of brackets, blanks around it aside; `None` if it is not the text."""
    begin = len(text) - len(text.lstrip())
    found = bracketed.decode(line.strip(), text.strip())
    return None if found is None else [(start + begin, end + begin) for start, end in found]


def _judged(prompt: str, where: str) -> tuple[str, list[Span]]:
    """The text and the one mention of an example of the selector."""
    _, marked, question, *_ = (*prompt.split("\n"), "", "", "")
    asked = _JUDGED.fullmatch(question.rstrip(" .。"))
    mention, label = (asked[1].strip(), asked[2].strip()) if asked else ("", "")
    before, *after = marked.split(f"[{mention}]")
    if not mention or not label or len(after) != 1:
        mend = "write the text with one mention in brackets, and below it `...: mention, type: x`"
        raise DataError("the mention to be judged is not in the text once", where=where, mend=mend)
    return before + mention + after[0], [Span.of(len(before), len(before) + len(mention), label)]
