"""Whatever is chosen, a line that obeys the rules ends, parses, and holds nested mentions only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bioner.tagger.cursor import CHOICES, Cursor
from bioner.tagger.symbols import CLOSE, DEEPEST, END, OPEN, encode, parse


@given(st.integers(1, 6), st.randoms(use_true_random=False))
def test_any_walk_by_the_rules_is_a_line(length: int, random: object) -> None:
    cursor, items = Cursor(length), []
    while not items or items[-1] != END:
        choices = [choice for choice, allowed in zip(CHOICES, cursor.allowed(), strict=True) if allowed]
        assert choices
        choice = random.choice(choices)  # type: ignore[attr-defined]
        items.append(cursor.word if choice == 0 else choice)
        if choice != END:
            cursor = cursor.after(items[-1])
    found = parse(items)
    assert [item for item in items if item >= 0] == list(range(sum(item >= 0 for item in items)))
    assert items.count(OPEN) == items.count(CLOSE)
    assert all(0 <= first <= last < length for first, last in found)
    assert set(parse(encode(found))) == set(found)  # would fail if any two crossed


@given(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda pair: pair[0] <= pair[1]), max_size=6))
def test_the_right_line_obeys_the_rules(pairs: set[tuple[int, int]]) -> None:
    mentions = {p for p in pairs if not any(a < p[0] <= b < p[1] or p[0] < a <= p[1] < b for a, b in pairs)}
    cursor = Cursor(5)
    for item in encode(mentions):
        assert cursor.allowed()[CHOICES.index(min(item, 0))]
        if item != END:
            cursor = cursor.after(item)


def test_no_two_mentions_of_one_extent_within_a_text() -> None:
    cursor = Cursor(2).after(OPEN).after(OPEN).after(0).after(CLOSE)
    assert cursor.allowed() == (True, True, False, False)


def test_a_line_ends_only_at_its_beginning_and_after_a_mention() -> None:
    assert Cursor(2).allowed()[3]
    assert not Cursor(2).after(0).allowed()[3]
    assert Cursor(2).after(OPEN).after(0).after(CLOSE).allowed()[3]
    assert not Cursor(2).after(OPEN).after(0).after(CLOSE).after(1).after(OPEN).allowed()[3]


def test_depth_is_bounded() -> None:
    cursor = Cursor(3)
    for _ in range(DEEPEST):
        cursor = cursor.after(OPEN)
    assert cursor.allowed() == (True, False, False, False)
