"""Documents survive the disk unchanged, and a bad record is an error that says where it is and how to mend it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.documents import Document, Span, read_documents, write_documents
from bioner.errors import DataError

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def spans(draw: st.DrawFn, length: int) -> Span:
    cuts = sorted(draw(st.sets(st.integers(0, length), min_size=2, max_size=6)))
    fragments = tuple(zip(cuts[::2], cuts[1::2], strict=False))
    return Span(fragments, draw(st.text(min_size=1)), draw(st.none() | st.floats(0, 1)))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = draw(st.text(max_size=40))
    return Document(
        id=draw(st.text()),
        text=text,
        language=draw(st.sampled_from(["en", "zh"])),
        spans=tuple(draw(st.lists(spans(len(text)), max_size=4))) if text else (),
        source=draw(st.text()),
        meta=draw(st.dictionaries(st.text(), _JSON, max_size=3)),
    )


@given(documents())
def test_a_record_holds_the_whole_document(document: Document) -> None:
    assert Document.from_record(json.loads(json.dumps(document.to_record()))) == document


@settings(max_examples=25)
@given(st.lists(documents(), max_size=5, unique_by=lambda document: document.id))
def test_reading_gives_what_was_written(tmp_path_factory: pytest.TempPathFactory, written: list[Document]) -> None:
    file = tmp_path_factory.mktemp("documents") / "file.jsonl"
    assert write_documents(file, written) == len(written)
    assert list(read_documents(file)) == written


@given(documents())
def test_mentions_are_the_characters_at_the_offsets(document: Document) -> None:
    for span in document.spans:
        assert "".join(document.text[a:b] for a, b in span.fragments) == "".join(
            part for part in _pieces(span.mention(document.text), span)
        )
        assert (span.start, span.end) == (span.fragments[0][0], span.fragments[-1][1])
        assert span.contiguous == (len(span.fragments) == 1)


def _pieces(mention: str, span: Span) -> list[str]:
    pieces, at = [], 0
    for start, end in span.fragments:
        pieces.append(mention[at : at + end - start])
        at += end - start + 1
    return pieces


@given(st.lists(st.tuples(st.integers(-2, 8), st.integers(-2, 8)), max_size=3), st.integers(0, 6))
def test_a_span_is_valid_just_when_its_fragments_ascend_within_the_text(
    fragments: list[tuple[int, int]], length: int
) -> None:
    covered = [place for start, end in fragments for place in range(start, end)]
    valid = (
        bool(fragments)
        and all(start < end for start, end in fragments)
        and covered == sorted(set(covered))
        and set(covered) <= set(range(length))
    )
    assert (Span(tuple(fragments), "x").problem(length) is None) == valid


def test_new_annotations_leave_the_rest_alone() -> None:
    document = Document("1", "aspirin", "en", (Span.of(0, 7, "drug"),), "corpus", {"page": 3})
    bare = document.with_spans([])
    assert bare.spans == ()
    assert bare.with_spans(document.spans) == document


GOOD: dict[str, Any] = {"id": "d1", "text": "aspirin", "language": "en"}


@pytest.mark.parametrize(
    ("record", "what"),
    [
        ({**GOOD, "txet": "x"}, "unknown keys: txet"),
        ({"id": "d1", "language": "en"}, "'text' is missing"),
        ({**GOOD, "text": 5}, "'text' is missing or not a string"),
        ({**GOOD, "source": None}, "'source' is missing or not a string"),
        ({**GOOD, "spans": {}}, "'spans' is not a list"),
        ({**GOOD, "meta": []}, "'meta' is not an object"),
        ({**GOOD, "text": "\ud800"}, "surrogate"),
        ({**GOOD, "spans": [{"label": "drug"}]}, "a span needs 'fragments' and 'label'"),
        ({**GOOD, "spans": [{"fragments": [[0, 7]], "label": "drug", "start": 0}]}, "may have 'score'"),
        ({**GOOD, "spans": [{"fragments": [[0, 7, 9]], "label": "drug"}]}, "pairs of integers"),
        ({**GOOD, "spans": [{"fragments": [[False, 7]], "label": "drug"}]}, "pairs of integers"),
        ({**GOOD, "spans": [{"fragments": [[0, 7.0]], "label": "drug"}]}, "pairs of integers"),
        ({**GOOD, "spans": [{"fragments": [], "label": "drug"}]}, "no fragment"),
        ({**GOOD, "spans": [{"fragments": [[0, 7]], "label": ""}]}, "no label"),
        ({**GOOD, "spans": [{"fragments": [[0, 7]], "label": 1}]}, "not a string"),
        ({**GOOD, "spans": [{"fragments": [[0, 8]], "label": "drug"}]}, "outside the text of 7 characters"),
        ({**GOOD, "spans": [{"fragments": [[3, 3]], "label": "drug"}]}, "is empty"),
        ({**GOOD, "spans": [{"fragments": [[3, 5], [0, 2]], "label": "drug"}]}, "precedes the one before"),
        ({**GOOD, "spans": [{"fragments": [[0, 7]], "label": "drug", "score": 1.5}]}, "not between 0 and 1"),
        ({**GOOD, "spans": [{"fragments": [[0, 7]], "label": "drug", "score": "1"}]}, "not a number"),
        ({**GOOD, "spans": [{"fragments": [[0, 7]], "label": "drug", "score": True}]}, "not a number"),
    ],
)
def test_a_bad_record_names_file_line_id_and_mend(tmp_path: Path, record: dict[str, Any], what: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(json.dumps({**GOOD, "id": "first"}) + "\n\n" + json.dumps(record) + "\n", encoding="utf-8")
    reader = read_documents(file)
    assert next(reader).id == "first"
    with pytest.raises(DataError) as caught:
        next(reader)
    assert what in caught.value.what
    assert caught.value.where == f"{file}:3, record d1"
    assert caught.value.mend


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"id": "d1", "text": "aspi', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"id": ' + "1" * 5000 + "}", "not JSON"),
        ('{"id": "d1", "text": "a", "language": "en", "meta": {"x": NaN}}', "NaN is no JSON number"),
        ("[1, 2]", "not a JSON object"),
        ('"text"', "not a JSON object"),
    ],
)
def test_a_line_that_is_no_object_names_file_line_and_mend(tmp_path: Path, line: str, what: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(json.dumps(GOOD) + "\n" + line + "\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        list(read_documents(file))
    assert what in caught.value.what
    assert caught.value.where.startswith(f"{file}:2")
    assert caught.value.mend


def test_an_id_may_occur_once(tmp_path: Path) -> None:
    file = tmp_path / "twice.jsonl"
    file.write_text((json.dumps(GOOD) + "\n") * 2, encoding="utf-8")
    with pytest.raises(DataError, match="'d1' was already used on line 1") as caught:
        list(read_documents(file))
    assert caught.value.where == f"{file}:2"


def test_a_missing_file_and_another_encoding_are_data_errors(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        list(read_documents(tmp_path / "none.jsonl"))
    file = tmp_path / "gbk.jsonl"
    file.write_bytes(json.dumps({**GOOD, "text": "患者"}, ensure_ascii=False).encode("gbk"))
    with pytest.raises(DataError, match="not UTF-8"):
        list(read_documents(file))


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "file.jsonl"
    write_documents(file, [Document.from_record(GOOD)])
    before = file.read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        write_documents(file, [Document.from_record(GOOD), Document("2", "x", "en", meta={"x": float("nan")})])
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]
