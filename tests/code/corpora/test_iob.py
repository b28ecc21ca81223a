"""Tests of the readers of token columns: CoNLL files of one layer and of several."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.corpora import conll, conll_layers
from bioner.corpora.iob import entities
from bioner.corpora.reading import Reading
from bioner.documents import Document
from bioner.errors import DataError

LABELS = ("DNA", "cell-type", "病")


def _mentions(document: Document) -> list[tuple[str, str]]:
    return [(span.label, document.text[span.start : span.end]) for span in document.spans]


def _write(folder: Path, text: str) -> Path:
    file = folder / "file.tsv"
    file.write_text(text, encoding="utf-8")
    return file


def test_one_document_a_sentence_with_exact_offsets(tmp_path: Path) -> None:
    rows = "Wilson\tB-Disease\n'\tI-Disease\ns\tI-Disease\ndisease\tI-Disease\n,\tO\nMenkes\tB-Disease\n"
    rows += "\n\nNone\tO\n.\tO\n"
    first, second = conll.read(Reading(_write(tmp_path, rows), "en", "mine"))
    assert (first.text, second.text) == ("Wilson's disease, Menkes", "None.")
    assert _mentions(first) == [("Disease", "Wilson's disease"), ("Disease", "Menkes")]
    assert (first.id, second.id, first.source, first.language) == ("file.tsv:1", "file.tsv:9", "mine", "en")


def test_docstart_makes_one_document_of_its_sentences(tmp_path: Path) -> None:
    rows = "-DOCSTART-\tO\n\na\tO\nb\tB-x\n\nc\tB-x\n\n-DOCSTART-\tO\n\nd\tB-y\n"
    first, second = conll.read(Reading(_write(tmp_path, rows), "en", "mine"))
    assert (first.text, second.text) == ("a b\nc", "d")
    assert _mentions(first) == [("x", "b"), ("x", "c")]
    assert (first.id, second.id) == ("file.tsv:3", "file.tsv:10")


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
        ("a O\n", 1, "found 1"),
        ("a\tO\nb\tI-x\n", 2, "does not follow"),
        ("a\tB-x\nb\tI-y\n", 2, "does not follow"),
        ("a\tO\n\nb\tO\nc\tS-x\n", 4, "not of IOB2"),
        ("a\tB-\n", 1, "not of IOB2"),
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


@given(_tags())
def test_the_entities_of_a_layer_are_those_it_was_written_from(
    case: tuple[list[str], list[tuple[int, int, str]]],
) -> None:
    tags, expected = case
    assert list(entities(tags, "file", 1)) == expected


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
