"""Defects that tests plant in a good batch, and the rules that have to catch each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bioner.documents import Document, Span
from bioner.validation.rows import parse_leniently
from bioner.words import Words

Batch = list[Document]


def first(document: Document, **changes: Any) -> Document:
    """The document with its first span changed."""
    return document.with_spans([replace(document.spans[0], **changes), *document.spans[1:]])


def _also(document: Document, tail: str, *places: tuple[int, int]) -> Document:
    """The document with more text, and more spans of one type in it."""
    at = len(document.text)
    longer = replace(document, text=document.text + tail)
    return longer.with_spans([*document.spans, *(Span.of(at + start, at + end, "gene", 0.9) for start, end in places)])


def _outside(document: Document) -> Document:
    record = document.to_record()
    record["spans"][0]["fragments"] = [[0, len(document.text) + 1]]
    return parse_leniently(record)


def _everything(document: Document) -> Document:
    return document.with_spans(Span.of(start, end, "drug", 0.9) for start, end in Words.of(document.text).offsets)


def _in_another_language(document: Document) -> Document:
    return replace(document, language="zh" if document.language == "en" else "en")


def _saying(tail: str) -> Callable[[Document], Document]:
    return lambda document: replace(document, text=document.text + tail)


def _another(text: str, language: str) -> Callable[[Document], Document]:
    return lambda document: replace(document, text=text, language=language, spans=())


# what is planted -> how, in one document, and the rules that have to catch it: the first one is meant for it, others
# follow from it (a blank text is in no script)
ROW_DEFECTS: dict[str, tuple[Callable[[Document], Document], tuple[str, ...]]] = {
    "a document without an id": (lambda d: replace(d, id=" "), ("id",)),
    "a blank text": (_another(" \n\u3000", "en"), ("text", "language")),
    "a language without types": (_another("Der Patient ist wieder gesund", "de"), ("language_code",)),
    "a text from nowhere": (lambda d: replace(d, source=""), ("source",)),
    "a text in another language": (_in_another_language, ("language",)),
    "a text of the test set": (
        _another("Both sisters had SARCOIDOSIS of the lung that was found years before the fever came back.", "en"),
        ("leakage",),
    ),
    "a text nearly of the dev set": (
        _another("两姐妹均在发热复发数年之前被发现患有肺部结节病并接受长期随访", "zh"),
        ("leakage",),
    ),
    "a run of words of the test set": (
        _another("We say that was found years before the fever came down to them", "en"),
        ("leakage",),
    ),
    "a phone number": (_saying(", call (212) 555-0147"), ("identifier",)),
    "a Chinese resident id": (_saying("，身份证11010519491231002X"), ("identifier",)),
    "a record number": (_saying(", MRN 1234567"), ("identifier",)),
    "offsets outside the text": (_outside, ("offsets",)),
    "a mention cut within a word": (lambda d: _also(d, " tablets", (1, 7)), ("boundaries",)),
    "a mention of symbols": (lambda d: _also(d, " ...", (1, 4)), ("mention",)),
    "a span twice": (lambda d: d.with_spans([*d.spans, replace(d.spans[0], score=0.8)]), ("repeated",)),
    "spans of one type that cross": (lambda d: _also(d, " acid beta amine", (1, 10), (6, 16)), ("crossing",)),
    "a span that is too long": (lambda d: _also(d, " a b c d e f g", (1, 14)), ("length",)),
    "a label of no type": (lambda d: first(d, label="Drug"), ("label",)),
    "everything annotated": (_everything, ("density",)),
    "a teacher unsure of it": (lambda d: d.with_spans(replace(s, score=0.55) for s in d.spans), ("agreement",)),
}


def _again(batch: Batch) -> Batch:
    return [replace(d, id=f"{d.id}-b", text=f"{d.text} 9{n}") for n, d in enumerate(batch)]


def _spoilt(batch: Batch) -> Batch:
    return [first(d, label="Drug") if n % 3 == 0 else d for n, d in enumerate([*batch, *_again(batch)])]


def _sparse(batch: Batch) -> Batch:
    return [d if d.language == "zh" or n % 4 == 0 else d.with_spans(()) for n, d in enumerate(batch)]


def _dense(batch: Batch) -> Batch:
    return [d.with_spans([*d.spans, *(replace(s, label="gene") for s in d.spans)]) for d in batch]


def _labelled(old: str, new: str) -> Callable[[Batch], Batch]:
    return lambda batch: [d.with_spans(replace(s, label=new) if s.label == old else s for s in d.spans) for d in batch]


def _longer(batch: Batch) -> Batch:
    """Every span reaches two words further, as far as the text does."""

    def widened(span: Span, words: Words) -> Span:
        ends = [end for _, end in words.offsets if end >= span.end]
        return Span.of(span.start, ends[: 2 + 1][-1], span.label, span.score)

    return [d.with_spans(widened(span, Words.of(d.text)) for span in d.spans) for d in batch]


@dataclass(frozen=True)
class BatchDefect:
    """How a batch is spoilt, the limits that are changed so that nothing else strikes, and what the gate has to say."""

    plant: Callable[[Batch], Batch]
    failures: tuple[str, ...]
    changes: dict[str, Any]


BATCH_DEFECTS: dict[str, BatchDefect] = {
    "too few rows": BatchDefect(lambda b: b[:19], ("accepted_rows is 19 (at least 20)",), {"min_answered": 0.5}),
    "too many bad rows": BatchDefect(_spoilt, ("quarantined_share is 0.333333 (at most 0.25)",), {}),
    "texts that are missing": BatchDefect(lambda b: b[4:], ("answered_share is 0.833333 (at least 0.9)",), {}),
    "too few texts with entities": BatchDefect(
        lambda b: [d if n % 3 == n // 3 % 3 else d.with_spans(()) for n, d in enumerate(b)],
        ("texts_with_entities is 0.333333 (at least 0.4)",),
        {"density_ratio": (0.1, 2.0)},
    ),
    "too few entities": BatchDefect(_sparse, ("density_ratio_en is 0.333333 (0.5 to 2)",), {}),
    "too many entities": BatchDefect(
        _dense,
        ("density_ratio_en is 2.66667 (0.5 to 2)", "density_ratio_zh is 2.7037 (0.5 to 2)"),
        {"max_spans_per_word": 1.0},
    ),
    "too few types": BatchDefect(
        _labelled("disease", "drug"), ("types_occurring is 0.333333 (at least 0.6)",), {"max_label_drift": 0.6}
    ),
    "another mix of types": BatchDefect(
        _labelled("drug", "gene"), ("label_drift_en is 0.", "label_drift_zh is 0."), {"max_label_drift": 0.4}
    ),
    "longer entities": BatchDefect(_longer, ("length_drift_en is 0.", "length_drift_zh is 0."), {}),
}
