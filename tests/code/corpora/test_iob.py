"""Tests of the readers and writers of token columns: CoNLL files of one layer and of several."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.config import OnError
from bioner.corpora import conll, conll_layers
from bioner.corpora.losses import ACROSS, CROSSING, ID, NESTED, OFF_TOKENS, SPACING
from bioner.corpora.reading import Reading
from bioner.corpora.tokens import TOKENS
from bioner.documents import Document, Span
from bioner.errors import DataError

LABELS = ("DNA", "cell-type", "病")


def _mentions(document: Document) -> list[tuple[str, str]]:
    return [(span.label, document.text[span.start : span.end]) for span in document.spans]


def _write(folder: Path, text: str) -> Path:
    file = folder / "file.tsv"
    file.write_text(text, encoding="utf-8")
    return file


def _read(folder: Path, text: str, on_error: OnError = "fail", language: str = "en") -> tuple[list[Document], Reading]:
    reading = Reading(_write(folder, text), language, "mine", on_error)
    return list(conll.read(reading)), reading


def test_one_document_a_sentence_with_exact_offsets(tmp_path: Path) -> None:
    rows = "Wilson\tB-Disease\n'\tI-Disease\ns\tI-Disease\ndisease\tI-Disease\n,\tO\nMenkes\tB-Disease\n"
    rows += "\n\nNone\tO\n.\tO\n"
    first, second = conll.read(Reading(_write(tmp_path, rows), "en", "mine"))
    assert (first.text, second.text) == ("Wilson's disease, Menkes", "None.")
    assert _mentions(first) == [("Disease", "Wilson's disease"), ("Disease", "Menkes")]
    assert (first.id, second.id, first.source, first.language) == ("file.tsv:1", "file.tsv:9", "mine", "en")
    assert second.meta[TOKENS] == [[0, 4], [4, 5]]


def test_docstart_makes_one_document_of_its_sentences(tmp_path: Path) -> None:
    rows = "-DOCSTART-\tO\n\na\tO\nb\tB-x\n\nc\tB-x\n\n-DOCSTART-\tO\n\nd\tB-y\n"
    first, second = conll.read(Reading(_write(tmp_path, rows), "en", "mine"))
    assert (first.text, second.text) == ("a b\nc", "d")
    assert _mentions(first) == [("x", "b"), ("x", "c")]
    assert (first.id, second.id) == ("file.tsv:3", "file.tsv:10")
    assert [first.text[start:end] for start, end in first.meta[TOKENS]] == ["a", "b", "c"]


def test_docstart_may_have_any_columns_and_no_blank_line_beside_it(tmp_path: Path) -> None:
    rows = "-DOCSTART- -X- O O\n-DOCSTART-\na NN O\nb NN B-x\n-DOCSTART-\t9\nc NN I-x\n\n-DOCSTART-\n"
    documents, _ = _read(tmp_path, rows, "repair")
    assert [(document.text, _mentions(document)) for document in documents] == [
        ("a b", [("x", "b")]),
        ("c", [("x", "c")]),
    ]


def test_columns_are_separated_by_tabs_or_by_blanks_and_the_last_one_is_the_tag(tmp_path: Path) -> None:
    (document,), _ = _read(tmp_path, "ER- cells\tNN\tB-x\nin\tIN\tO \nvivo   RB  S_cell_line\n")
    assert document.text == "ER- cells in vivo"
    assert _mentions(document) == [("x", "ER- cells"), ("cell_line", "vivo")]


def test_several_labels_of_a_token_are_nested_entities(tmp_path: Path) -> None:
    rows = "human B-protein\nIL I-protein|B-DNA\n- I-protein|I-DNA\n2 E-protein|I-DNA\ngene I-DNA\n"
    (document,), _ = _read(tmp_path, rows)
    assert _mentions(document) == [("protein", "human IL-2"), ("DNA", "IL-2 gene")]


def test_chinese_of_one_character_a_line_has_no_blanks(tmp_path: Path) -> None:
    rows = "乙 B-dis\n肝 E-dis\n， O\nH B-mic\nB M-mic\nV E-mic\nD S-x\n"
    (document,), _ = _read(tmp_path, rows, language="zh")
    assert document.text == "乙肝，HBVD"
    assert _mentions(document) == [("dis", "乙肝"), ("mic", "HBV"), ("x", "D")]


def test_under_repair_missing_tags_are_outside_and_rows_without_a_token_are_left_out(tmp_path: Path) -> None:
    rows = "a\tB-x\nb\n \tO\nc\tI-x\n\nd\tO\ne\tO\tO\n\nf\tX-x\n\ng\n\n\u3000\tO\n"
    documents, reading = _read(tmp_path, rows, "repair")
    assert [(document.text, _mentions(document)) for document in documents] == [
        ("a b c", [("x", "a"), ("x", "c")]),
        ("g", []),
    ]
    file = reading.path
    assert [(touched.where, touched.done) for touched in reading.touched] == [
        (f"{file}:2", "took the missing tags as O"),
        (f"{file}:3", "left out the row"),
        (f"{file}:4", "began an entity with it"),
        (f"{file}:7", "skipped the record"),
        (f"{file}:9", "skipped the record"),
        (f"{file}:11", "took the missing tags as O"),
        (f"{file}:13", "skipped the record"),
    ]


def test_iob1_is_read_under_repair_and_counted(tmp_path: Path) -> None:
    (document,), reading = _read(tmp_path, "a I-x\nb I-x\nc B-x\nd O\ne I-y\n", "repair")
    assert _mentions(document) == [("x", "a b"), ("x", "c"), ("y", "e")]
    assert [touched.where for touched in reading.touched] == [f"{reading.path}:1", f"{reading.path}:5"]


def test_layers_hold_nested_entities(tmp_path: Path) -> None:
    rows = "human\tO\tB-protein\nIL\tB-DNA\tI-protein\n-\tI-DNA\tI-protein\n2\tI-DNA\tI-protein\ngene\tI-DNA\tO\n"
    (document,) = conll_layers.read(Reading(_write(tmp_path, rows), "en", "mine"))
    assert document.text == "human IL-2 gene"
    assert _mentions(document) == [("DNA", "IL-2 gene"), ("protein", "human IL-2")]


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ("a\tO\nb\n", 2, "found 1"),
        ("a\tO\nb\tO\tO\n", 2, "found 3"),
        ("a\n", 1, "found 1"),
        ("a O\n O\n", 2, "the token is blank"),
        ("a\tO\nb\tI-x\n", 2, "does not follow"),
        ("a\tB-x\nb\tI-y\n", 2, "does not follow"),
        ("a\tO\n\nb\tO\nc\tE-x\n", 4, "does not follow"),
        ("a\tO\n\nb\tO\nc\tX-x\n", 4, "is no tag"),
        ("a\tB-\n", 1, "is no tag"),
        (" \tO\na\tO\n", 1, "the token is blank"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, rows: str, line: int, words: str) -> None:
    file = _write(tmp_path, rows)
    with pytest.raises(DataError) as caught:
        list(conll.read(Reading(file, "en", "mine")))
    assert caught.value.where == f"{file}:{line}"
    assert words in caught.value.what
    assert caught.value.mend


@st.composite
def _tags(draw: st.DrawFn) -> tuple[list[str], list[tuple[int, int, str]]]:
    """Tags, and the entities they were made from."""
    tags: list[str] = []
    expected: list[tuple[int, int, str]] = []
    for width, label in draw(st.lists(st.tuples(st.integers(1, 4), st.sampled_from([None, *LABELS])), max_size=8)):
        if label is None:
            tags += ["O"] * width
        else:
            expected.append((len(tags), len(tags) + width - 1, label))
            tags += [f"B-{label}"] + [f"I-{label}"] * (width - 1)
    return tags, expected


@given(st.lists(_tags().filter(lambda case: bool(case[0])), max_size=4), st.randoms())
@settings(deadline=None, max_examples=40)
def test_reading_gives_back_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, cases: list[tuple[list[str], list[tuple[int, int, str]]]], random: object
) -> None:
    alphabet = ["IL", "-", "2", "(", ")", "gene", "'", "s", ".", "05", "肺"]
    sentences = [[alphabet[random.randrange(len(alphabet))] for _ in tags] for tags, _ in cases]  # type: ignore[attr-defined]
    blocks = (
        "".join(f"{token}\t{tag}\n" for token, tag in zip(tokens, tags, strict=True))
        for tokens, (tags, _) in zip(sentences, cases, strict=True)
    )
    documents = list(conll.read(Reading(_write(tmp_path_factory.mktemp("conll"), "\n".join(blocks)), "en", "mine")))
    assert len(documents) == len(cases)
    for document, tokens, (_, expected) in zip(documents, sentences, cases, strict=True):
        assert "".join(document.text.split()) == "".join(tokens)
        found = [(label, "".join(mention.split())) for label, mention in _mentions(document)]
        assert found == [(label, "".join(tokens[first : last + 1])) for first, last, label in expected]


NESTED_TEXT = "human IL-2 gene in T cells"
NESTED_SPANS = (Span.of(0, 10, "protein"), Span.of(6, 15, "DNA"), Span.of(6, 10, "protein"), Span.of(19, 26, "cell"))


def test_conll_keeps_the_first_of_overlapping_entities_and_counts_the_others(tmp_path: Path) -> None:
    document = Document("1", NESTED_TEXT, "en", (*NESTED_SPANS, Span.of(1, 5, "x")))
    lost = conll.write(tmp_path / "file", [document])
    assert lost == {ID: 1, CROSSING: 1, NESTED: 1, OFF_TOKENS: 1}
    (found,) = conll.read(Reading(tmp_path / "file", "en", "mine"))
    assert (found.text, found.spans) == (NESTED_TEXT, (NESTED_SPANS[0], NESTED_SPANS[3]))
    assert (tmp_path / "file").read_text(encoding="utf-8").startswith("human\tB-protein\nIL\tI-protein\n-\tI-")


def test_layers_are_as_many_as_are_needed(tmp_path: Path) -> None:
    documents = [Document("1", NESTED_TEXT, "en", NESTED_SPANS), Document("2", "none", "en")]
    assert conll_layers.write(tmp_path / "file", documents) == {ID: 2}
    first, second = conll_layers.read(Reading(tmp_path / "file", "en", "mine"))
    assert (first.text, set(first.spans), second.text) == (NESTED_TEXT, set(NESTED_SPANS), "none")
    assert "IL\tI-protein\tB-DNA\tB-protein\n" in (tmp_path / "file").read_text(encoding="utf-8")


def test_documents_of_several_sentences_are_marked_and_what_cannot_be_held_is_counted(tmp_path: Path) -> None:
    spans = (Span.of(2, 3, "x"), Span.of(2, 5, "y"))
    documents = [Document("1", "one", "en"), Document("2", "a b\nc", "en", spans), Document("3", "d  e", "en")]
    assert conll.write(tmp_path / "file", documents) == {ID: 3, ACROSS: 1, SPACING: 1}
    found = list(conll.read(Reading(tmp_path / "file", "en", "mine")))
    assert [document.text for document in found] == ["one", "a b\nc", "d e"]
    assert found[1].spans == spans[:1]
    assert (tmp_path / "file").read_text(encoding="utf-8").count("-DOCSTART-\tO\n\n") == 2


def test_the_tokens_of_the_source_are_written_again(tmp_path: Path) -> None:
    file = _write(tmp_path, "ER- cells\tB-x\nof 2.5\tO\n\n")
    lost = conll.write(tmp_path / "again", conll.read(Reading(file, "en", "mine")))
    assert lost == {ID: 1}
    assert (tmp_path / "again").read_bytes() == file.read_bytes()
