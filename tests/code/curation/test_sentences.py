"""Tests of the sentence splitter."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.curation.sentences import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One ends. Two ends! (Three) ends? 4 ends.", ["One ends.", "Two ends!", "(Three) ends?", "4 ends."]),
        ("P was 0.05 for E. coli, e.g. Fig. 2 of Smith et al. Results", None),
        ("Dr. Wang saw spp. Aspergillus vs. Candida.", None),
        ('He said "no." Then (so.) Yes.', ['He said "no."', "Then (so.)", "Yes."]),
        ("Deficiency of vitamin D. The rest.", ["Deficiency of vitamin D.", "The rest."]),
        ("Title\nAbstract begins\n\n here ", ["Title", "Abstract begins", "here"]),
        ("无发热。有咳嗽！“是吗？”他说。体温38.5℃", ["无发热。", "有咳嗽！", "“是吗？”", "他说。", "体温38.5℃"]),
        ("患者口服aspirin. 疗效好。", ["患者口服aspirin.", "疗效好。"]),
        (
            "As told (S. Example, M. Nobody, and K. Else, Mol. Imag. 8: 5-7, 1988. Part II), it is. So.",
            ["As told (S. Example, M. Nobody, and K. Else, Mol. Imag. 8: 5-7, 1988. Part II), it is.", "So."],
        ),
        ("By Nobody, R. K. Jones and Else, M. A. Smith.", None),
        ("It fell (p < 0. 05) at p. 7, to 0. 3 mg.", None),
        ("[Zinc in fish] The fish [2] was fed. It ate.", ["[Zinc in fish]", "The fish [2] was fed.", "It ate."]),
        (
            "One gene. p53 and c-myc rose. mRNA fell. (ii) All rose.",
            ["One gene.", "p53 and c-myc rose.", "mRNA fell.", "(ii) All rose."],
        ),
        ("It took 3 mo. with rest.", None),
        ("An open ( bracket. It ends", ["An open ( bracket.", "It ends"]),
        ("Это да. Вот так.", ["Это да.", "Вот так."]),
        ("1. Age over 18. 2. No asthma.", ["1. Age over 18.", "2. No asthma."]),
        ("见图（一。二）后。完", ["见图（一。二）后。", "完"]),
        (" \n ", []),
    ],
)
def test_sentences_end_where_they_should(text: str, expected: list[str] | None) -> None:
    found = [text[start:end] for start, end in sentences(text)]
    assert found == ([text] if expected is None else expected)


@given(st.text(st.sampled_from("ab AB1.!?。！\n”)([] ")))
def test_nothing_but_blanks_lies_between_sentences(text: str) -> None:
    found = list(sentences(text))
    edges = [0, *(edge for pair in found for edge in pair), len(text)]
    assert edges == sorted(edges)
    between = zip(edges[::2], edges[1::2], strict=True)
    assert not any(text[start:end].strip() for start, end in between)
    for start, end in found:
        assert text[start:end] == text[start:end].strip() != ""


@pytest.mark.slow
@pytest.mark.parametrize("part", ["Fig. ", "(A] A. ", "[A] A, B. ", "(", ") ", "e.g. (S. X. "])
def test_the_time_grows_with_the_text_and_no_faster(part: str) -> None:
    started = time.process_time()
    list(sentences(part * 100_000))
    assert time.process_time() - started < 30  # a second; minutes, if it grew with the square
