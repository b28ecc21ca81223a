"""Tests that hold for every writer of a format: nothing is lost in silence, and what was written can be read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.config import Format
from bioner.corpora import losses
from bioner.corpora.reading import Reading
from bioner.corpora.registry import FORMATS
from bioner.corpora.tokens import kept
from bioner.documents import Document, Span
from bioner.words import Words

WRITERS: list[Format] = [
    "documents",
    "text",
    "conll",
    "conll_layers",
    "pubtator",
    "cmeee_v1",
    "cmeee_v2",
    "token_spans",
    "character_spans",
    "gliner",
    "llmner",
]
OF_SPANS = (
    losses.ANNOTATION,
    losses.LABEL,
    losses.DISCONTINUOUS,
    losses.NESTED,
    losses.CROSSING,
    losses.OFF_TOKENS,
    losses.ACROSS,
    losses.BRACKETS,
)
OF_TEXT = (losses.SPACING, losses.BLANKED, losses.EMPTY_TEXT)
WITHOUT_EMPTY = ("text", "conll", "conll_layers")  # have no place for a document without characters

CHARACTERS = "ab1 \n\t\r\0[]|:.-,肺β𠮷\u00a0\u3000\u2028\"'"
LABELS = ["DNA", "cell type", "cell_line", "病", "a|b", "a\tb", "a:b", " x", "O"]


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document whose text, labels and spans are as awkward as they may be."""
    text = draw(st.text(CHARACTERS, max_size=24))
    bounds = st.lists(st.integers(0, len(text)), min_size=2, max_size=4, unique=True).map(sorted)
    spans = []
    if len(text) > 3:
        for points in draw(st.lists(bounds, max_size=5)):
            fragments = tuple(zip(points[::2], points[1::2], strict=False))
            score = draw(st.sampled_from([None, 0.5]))
            spans.append(Span(fragments, draw(st.sampled_from(LABELS)), score))
    metas: list[dict[str, Any]] = [{}, {"page": 3}, {"dropped": {"relation": 1}}, {"tokens": [[0, 99]]}, {"id": 1}]
    meta = draw(st.sampled_from(metas))
    if draw(st.booleans()):
        meta = meta | kept(Words.of(text).offsets)
    return Document(
        draw(st.sampled_from(["1", "b", "x|y", "a b"])),
        text,
        draw(st.sampled_from(["en", "zh"])),
        tuple(spans),
        "",
        meta,
    )


def _spans(document: Document, scores: bool) -> Counter[Span]:
    return Counter(span if scores else Span(span.fragments, span.label) for span in document.spans)


@pytest.mark.parametrize("name", WRITERS)
@given(given=st.lists(documents(), max_size=4))
@settings(deadline=None, max_examples=60)
def test_what_is_written_is_read_again_or_counted(
    tmp_path_factory: pytest.TempPathFactory, name: Format, given: list[Document]
) -> None:
    file = tmp_path_factory.mktemp(name) / "file"
    write, language = FORMATS[name].write, given[0].language if given else "en"
    assert write is not None
    originals = [Document(d.id, d.text, language, d.spans, d.source, d.meta) for d in given]
    lost = write(file, iter(originals))
    found = list(FORMATS[name].read(Reading(file, language, "mine")))

    assert 0 not in lost.values()
    empty = lost[losses.EMPTY_TEXT]
    assert bool(empty) <= (name in WITHOUT_EMPTY)
    assert len(found) + empty == len(originals)
    spans = sum(len(document.spans) for document in originals)
    assert sum(len(document.spans) for document in found) + sum(lost[reason] for reason in OF_SPANS) == spans
    if not lost[losses.META]:
        pages = [document.meta.get("page") for document in originals]
        assert [document.meta.get("page") for document in found] == pages or not any(pages)
    if not any(lost[reason] for reason in OF_TEXT):
        assert [document.text for document in found] == [document.text for document in originals]
    if not any(lost[reason] for reason in (*OF_TEXT, *OF_SPANS)):
        scores = not lost[losses.SCORE]
        for before, after in zip(originals, found, strict=True):
            assert _spans(after, scores) == _spans(before, scores)
    if not lost[losses.ID]:
        assert [document.id for document in found] == [document.id for document in originals]


@pytest.mark.parametrize("name", WRITERS)
def test_writing_again_what_was_read_gives_the_same_file(tmp_path: Path, name: Format) -> None:
    text = "Nuclear factor (NF)-kappa B, in T cells."
    spans = (Span.of(0, 27, "protein"), Span.of(16, 18, "protein"), Span.of(32, 39, "cell_type"))
    write, read = FORMATS[name].write, FORMATS[name].read
    assert write is not None
    write(tmp_path / "one", [Document("1", text, "en", spans)])
    lost = write(tmp_path / "two", read(Reading(tmp_path / "one", "en", "mine")))
    assert not set(lost) - {losses.ID}
    if name != "documents":  # which name their source
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("name", WRITERS)
def test_a_writer_that_fails_leaves_what_was_there(tmp_path: Path, name: Format) -> None:
    file = tmp_path / "file"
    file.write_text("as before", encoding="utf-8")
    write = FORMATS[name].write
    assert write is not None

    def failing() -> object:
        yield Document("1", "text", "en")
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        write(file, failing())  # type: ignore[arg-type]
    assert file.read_text(encoding="utf-8") == "as before"
    assert list(tmp_path.iterdir()) == [file]
