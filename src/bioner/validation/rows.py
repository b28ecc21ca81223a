"""Rows: every annotated document as one row of figures, which the rules of the suites judge."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from bioner.config import Identifier
from bioner.documents import Document, Span
from bioner.errors import DataError
from bioner.free_labels import LONGEST, TASK, is_free, negatives_of
from bioner.progress import track
from bioner.validation.identifiers import find_identifiers
from bioner.words import Words

if TYPE_CHECKING:
    import pandas as pd

INVALID = "invalid_spans"  # in `meta`: the spans of a record that no document could hold, with what is wrong

_CJK_LETTER = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]")
_CJK_LANGUAGES = frozenset({"zh", "ja", "ko"})


def parse_leniently(record: Mapping[str, Any]) -> Document:
    """Parse a record whose spans may be invalid: those are set aside in `meta`, for the rule on offsets to find.

    Raises:
        DataError: the record is no document even without its spans.
    """
    try:
        return Document.from_record(record)
    except DataError:
        bare = Document.from_record({**record, "spans": []} if isinstance(record, Mapping) else record)
    if not isinstance(record["spans"], list):
        raise DataError("'spans' is not a list")
    kept: list[Span] = []
    invalid: list[dict[str, Any]] = []
    for item in record["spans"]:
        try:
            kept += Document.from_record({**record, "spans": [item]}).spans
        except DataError as error:
            invalid.append({"span": item, "problem": error.what})
    return Document(bare.id, bare.text, bare.language, tuple(kept), bare.source, {**bare.meta, INVALID: invalid})


def frame(documents: Sequence[Document], labels: Iterable[str], kinds: Collection[Identifier]) -> pd.DataFrame:
    """One row a document, in the same order; the index is its position.

    Columns:
        id, text, language, source: as the document has them.
        words, spans: how many the text has.
        invalid_spans: spans that the text cannot hold (offsets, order of fragments, score).
        off_words: spans with a fragment that does not begin and end at words: blank, untrimmed, or within a word.
        without_letters: spans whose mention has neither a letter nor a digit.
        repeated: spans whose fragments and label an earlier span of the document has too.
        crossing: pairs of spans of one label of which each begins or ends within the other; discontinuous spans do not
            count.
        longest: words of the longest span.
        unknown_labels: spans whose label is none of `labels`; of an example of a task, those whose label is also said
            not to be in the text, or too long to be asked for.
        density: spans per word.
        mean_score: of the spans, one without a score counting as 0; missing where there is no span.
        earlier_copies: documents before this one with the same text, but for case and white space; as an example of
            several tasks, a text may occur once for each.
        script_share: of the words with letters, those in the script of the document's language.
        identifiers: what may identify a person, of these `kinds`.
    """
    import pandas as pd

    known, wanted = frozenset(labels), frozenset(kinds)
    copies: Counter[str] = Counter()
    rows = []
    for document in track(documents, "validate", len(documents)):
        key = " ".join([str(document.meta[TASK]) if is_free(document) else "", *document.text.casefold().split()])
        rows.append(_row(document, known, wanted) | {"earlier_copies": copies[key]})
        copies[key] += 1
    empty = Document("", "", "")
    return pd.DataFrame(rows, columns=[*_row(empty, known, wanted), "earlier_copies"])


def _row(document: Document, labels: frozenset[str], kinds: frozenset[Identifier]) -> dict[str, Any]:
    words, spans, text = Words.of(document.text), document.spans, document.text
    return {
        "id": document.id,
        "text": text,
        "language": document.language,
        "source": document.source,
        "words": len(words),
        "spans": len(spans),
        "invalid_spans": len(document.meta.get(INVALID, ())),
        "off_words": _off_words(spans, words),
        "without_letters": sum(not any(c.isalnum() for c in span.mention(text)) for span in spans),
        "repeated": len(spans) - len({(span.fragments, span.label) for span in spans}),
        "crossing": sum(_cross(one, other) for one, other in combinations(spans, 2)),
        "longest": max(span_words(spans, words), default=0),
        "unknown_labels": sum(not _may(span.label, document, labels) for span in spans),
        "density": len(spans) / max(len(words), 1),
        "mean_score": sum(span.score or 0.0 for span in spans) / len(spans) if spans else math.nan,
        "script_share": _script_share(words.texts(text), document.language),
        "identifiers": len(find_identifiers(text, kinds)),
    }


def _may(label: str, document: Document, labels: frozenset[str]) -> bool:
    """Whether a span of a document may have a label."""
    if not is_free(document):
        return label in labels
    return label not in negatives_of(document) and len(label) <= LONGEST


def span_words(spans: Iterable[Span], words: Words) -> list[int]:
    """How many words lie in each span, from its begin to its end, those that it cuts included."""
    starts, ends = [start for start, _ in words.offsets], [end for _, end in words.offsets]
    return [bisect_left(starts, span.end) - bisect_right(ends, span.start) for span in spans]


def _cross(one: Span, other: Span) -> bool:
    if one.label != other.label or not (one.contiguous and other.contiguous):
        return False
    first, second = sorted((one, other), key=lambda span: (span.start, -span.end))
    return first.start < second.start < first.end < second.end


def _off_words(spans: Iterable[Span], words: Words) -> int:
    starts, ends = {start for start, _ in words.offsets}, {end for _, end in words.offsets}
    return sum(not all(start in starts and end in ends for start, end in span.fragments) for span in spans)


def _script_share(words: Iterable[str], language: str) -> float:
    """Words count, not letters: a Chinese character is a word, and so is a Latin drug name beside it."""
    lettered = [word for word in words if any(c.isalpha() for c in word)]
    cjk = sum(bool(_CJK_LETTER.match(word)) for word in lettered)
    own = cjk if language in _CJK_LANGUAGES else len(lettered) - cjk
    return own / len(lettered) if lettered else 0.0
