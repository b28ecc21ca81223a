"""A line drafts its source, goes on as far as it is agreed to, and parts into several where samples differ."""

from __future__ import annotations

from bioner.tagger.cursor import CHOICES, Cursor
from bioner.tagger.drafts import Source
from bioner.tagger.lines import Line
from bioner.tagger.pacing import Place
from bioner.tagger.symbols import CLOSE, END, OPEN

WORDS = [(11, 12), (13,), (14, 15, 16)]
SYMBOLS = {OPEN: 1, CLOSE: 2, END: 3}
WORD, BEGIN, FINISH, STOP = range(len(CHOICES))
EVEN = [0.25] * len(CHOICES)


def new(copies: int = 1) -> Line:
    source = Source(WORDS)
    return Line(source, SYMBOLS, Cursor(len(source)), (100, 101), (7, 8), copies=tuple(range(copies)))


def test_a_source_is_one_run_of_tokens() -> None:
    source = Source(WORDS)
    assert source.between(1, 3) == (13, 14, 15, 16)
    assert [source.next_token(word) for word in range(4)] == [11, 13, 14, 14]


def test_a_draft_is_the_pending_tokens_and_words() -> None:
    draft = new().draft(2)
    assert draft.tokens == (7, 8, 11, 12, 13)
    assert [(point.read, point.cursor.word, point.place) for point in draft.points] == [
        (1, 0, Place.BEGUN),
        (3, 1, Place.OUTSIDE),
        (4, 2, Place.OUTSIDE),
    ]
    assert new().draft(0).tokens == (7, 8)
    assert new().draft(99).tokens == (7, 8, 11, 12, 13, 14, 15, 16)


def test_a_draft_that_is_agreed_to_is_read_on_from_its_end() -> None:
    line = new()
    assert line.accept(line.draft(1), (102, 103, 104, 105), [[WORD], [WORD]], [EVEN, EVEN]) == [line]
    assert (line.items, line.slots, line.pending) == ([0], (100, 101, 102, 103, 104, 105), ())
    assert line.draft(0).tokens == (13,)  # which is certain


def test_a_symbol_ends_the_draft() -> None:
    line = new()
    (following,) = line.accept(line.draft(2), tuple(range(102, 107)), [[WORD], [BEGIN], [STOP]], [EVEN, EVEN, EVEN])
    assert following.items == [0, OPEN]
    assert following.probabilities == [1.0, 0.25]
    assert following.slots == (100, 101, 102, 103, 104, 105)
    assert (following.pending, following.place, following.cursor.opened) == ((1,), Place.OPENED, (1,))


def test_what_can_only_follow_needs_no_model() -> None:
    (line,) = new().accept(new().draft(0), (102, 103), [[BEGIN]], [EVEN])
    draft = line.draft(3)
    (ended,) = line.accept(draft, tuple(range(104, 111)), [[WORD], [WORD], [WORD], [FINISH]], [EVEN] * 4)
    assert ended.items == [OPEN, 0, 1, 2, CLOSE, END]
    assert ended.finished
    assert ended.tagged().copies == 1


def test_samples_that_choose_alike_stay_together() -> None:
    line = new(copies=4)
    chosen = [[WORD, STOP, WORD, STOP], [WORD, BEGIN, BEGIN, WORD]]  # the second says nothing about samples 1 and 3
    lines = line.accept(line.draft(1), (102, 103, 104, 105), chosen, [EVEN, EVEN])
    assert {following.copies: following.items for following in lines} == {(1, 3): [END], (2,): [0, OPEN], (0,): [0]}
