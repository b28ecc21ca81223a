"""The instruction files of LLMNER, written: an object of `instruction`, `input` and `output` for each document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bioner.corpora import bracketed
from bioner.corpora.llmner import TYPES
from bioner.corpora.losses import BRACKETS, CROSSING, OFF_TOKENS, contiguous, count_unheld, named, one_line
from bioner.corpora.object_records import write_list
from bioner.documents import Document, Fragment, Span

_BAD_LABEL = re.compile(r"[:：\r\n\0]|^\s|\s$")
_ASKED = {
    "en": ("Find the named entities in the text, and say of which type each is.", "Put brackets around the entities:"),
    "zh": ("请找出文本中的命名实体，并说明每个实体的类型。", "请用方括号标出文本中的实体："),
}
_BETWEEN = {"en": ", ", "zh": "，"}


def write(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write a JSON list; every object asks for all types that occur in any document, so all are held in memory.

    Newlines of a text become blanks. Of two mentions of one type that cross, the shorter is lost, as is one whose
    brackets could not be told from those that the text has beside it.

    Returns:
        what was lost, by reason.
    """
    lost: Counter[str] = Counter()
    listed = list(documents)
    types = sorted({span.label for document in listed for span in document.spans if not _BAD_LABEL.search(span.label)})
    write_list(path, [_record(document, types, lost) for document in listed])
    return named(lost)


def _record(document: Document, types: Sequence[str], lost: Counter[str]) -> dict[str, Any]:
    count_unheld(document, lost, identity=True, meta=())
    text = one_line(document.text, lost)
    language = "zh" if document.language == "zh" else "en"
    instruction, request = _ASKED[language]
    lines = []
    spans = contiguous(document, lost, _BAD_LABEL)
    for label in types:
        extents = _held(text, [span for span in spans if span.label == label], lost)
        if extents:
            lines.append(f"{label}:  {bracketed.encode(text, extents).strip()}")
    prompt = f"{request}\n{text}\n{TYPES[language]}{_BETWEEN[language].join(types)}"
    return {"id": document.id, "instruction": instruction, "input": prompt, "output": "  \n".join(lines)}


def _held(text: str, spans: Iterable[Span], lost: Counter[str]) -> list[Fragment]:
    """The extents that are read back as they are; the others are counted."""
    begin, end = len(text) - len(text.lstrip()), len(text.rstrip())
    kept: list[Fragment] = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        extent = span.start, span.end
        if span.start < begin or end < span.end:
            lost[OFF_TOKENS] += 1
        elif any(_cross(extent, other) for other in kept):
            lost[CROSSING] += 1
        else:
            kept.append(extent)
    told = bracketed.recovered(text, kept)
    lost[BRACKETS] += len(kept) - len(told)
    return told


def _cross(one: Fragment, other: Fragment) -> bool:
    first, second = min(one, other), max(one, other)
    return first[0] < second[0] < first[1] < second[1]
