"""The ledger's chain: what is written is read, and any entry that is altered, left out or put in is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.tracking.ledger import LEASE, Action, Author, Change, Entry, Kind, Move, faults
from bioner.tracking.ledger_state import aliases, champions, last_move, pending, withdrawn

ME = Author("anna", "host", "1:2.00")
HERE = Author.here()


def chain(*steps: tuple[Kind, Action, str | None, str | None]) -> list[Entry]:
    """Entries that move `champion` of one model; an end belongs to the intent before it."""
    entries: list[Entry] = []
    for kind, action, before, after in steps:
        change = Change("m", (Move("champion", before, after),), action, "说明", "why")
        intents = [entry.number for entry in entries if entry.kind == "intended"]
        of = intents[-1] if kind in {"done", "void", "resumed"} else None
        entries.append(Entry.make(entries, kind, ME, change, of))
    return entries


def written(entries: list[Entry]) -> dict[int, str]:
    return {entry.number: json.dumps(entry.to_record(), ensure_ascii=False) for entry in entries}


def promotions(*versions: str) -> list[tuple[Kind, Action, str | None, str | None]]:
    steps: list[tuple[Kind, Action, str | None, str | None]] = []
    for before, after in zip((None, *versions), versions, strict=False):
        steps += [("intended", "promoted", before, after), ("done", "promoted", before, after)]
    return steps


ENTRIES = chain(*promotions("1", "2", "3"))


def test_entries_are_read_as_they_were_written() -> None:
    assert [Entry.parse(text) for text in written(ENTRIES).values()] == ENTRIES
    assert faults(written(ENTRIES)) == []
    assert faults({}) == []


@given(number=st.integers(1, 6), place=st.integers(0, 10_000), byte=st.characters(codec="utf-8"))
def test_any_other_character_anywhere_is_found_and_its_entry_named(number: int, place: int, byte: str) -> None:
    texts = written(ENTRIES)
    text = texts[number]
    place %= len(text)
    texts[number] = f"{text[:place]}{byte}{text[place + 1 :]}"
    try:
        same = json.loads(texts[number]) == json.loads(text)
    except ValueError:
        same = False
    found = faults(texts)
    assert bool(found) is not same
    assert same or found[0].startswith((f"entry {number} ", f"entry {number + 1} "))


@pytest.mark.parametrize("number", [1, 3, 5])
def test_entry_that_is_left_out_is_named(number: int) -> None:
    texts = written(ENTRIES)
    del texts[number]
    assert faults(texts) == [f"entry {number} is missing"]


def test_entry_that_was_made_anew_with_its_hash_does_not_fit_the_next() -> None:
    texts, forged = written(ENTRIES), replace(ENTRIES[2], by=replace(ME, user="bert"))
    texts[3] = json.dumps(replace(forged, hash=forged.digest()).to_record(), ensure_ascii=False)
    assert faults(texts) == ["entry 4 does not follow entry 3: that one was another when it was written"]


def test_entry_at_another_place_and_one_far_away_are_found() -> None:
    texts = written(ENTRIES)
    texts[3], texts[5] = texts[5], texts[3]
    assert faults(texts)[0].startswith("entry 3 is not what was written")
    assert faults(written(ENTRIES) | {10**12: "{}"}) == ["entry 7 is missing", "entry 1000000000000 cannot be read"]


@pytest.mark.parametrize("text", ["", "[]", "7", '{"number": 1}', '{"change": 3}', '{"change": {"moves": [1]}}'])
def test_what_is_no_entry_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Entry.parse(text)
    assert faults({1: text}) == ["entry 1 cannot be read"]


def test_aliases_follow_what_was_done_and_not_what_was_begun() -> None:
    entries = chain(*promotions("1", "2"), ("intended", "promoted", "2", "3"))
    assert aliases(entries, "m") == {"champion": "2"}
    assert aliases(entries, "other") == {}
    assert [entry.number for entry in pending(entries)] == [5]
    resumed = chain(*promotions("1", "2"), ("intended", "promoted", "2", "3"), ("resumed", "promoted", "2", "3"))
    assert [entry.number for entry in pending(resumed)] == [6]
    void = chain(*promotions("1"), ("intended", "promoted", "1", "2"), ("void", "promoted", "1", "2"))
    assert pending(void) == []
    assert aliases(void, "m") == {"champion": "1"}
    last = last_move(void, "m", "champion")
    assert last is not None
    assert last.number == 2


def test_line_of_champions_goes_back_with_each_rollback() -> None:
    back: list[tuple[Kind, Action, str | None, str | None]] = [
        ("intended", "rolled back", "3", "2"),
        ("done", "rolled back", "3", "2"),
    ]
    entries = chain(*promotions("1", "2", "3"), *back)
    assert champions(ENTRIES, "m") == ["1", "2", "3"]
    assert champions(entries, "m") == ["1", "2"]
    gone = withdrawn(entries, "m", "3")
    assert gone is not None
    assert gone.number == 8
    assert withdrawn(entries, "m", "2") is None
    again = chain(*promotions("1", "2", "3"), *back, ("outside", "found", "2", "3"))
    assert withdrawn(again, "m", "3") is None
    assert champions(again, "m") == ["1", "2", "3"]


def test_entry_is_abandoned_when_its_process_is_gone_or_had_its_time() -> None:
    entry = replace(ENTRIES[0], at=datetime.now(UTC).isoformat())  # the others were made when this file was read
    assert not replace(entry, by=HERE).abandoned
    assert replace(entry, by=replace(HERE, process="1:99999999.00")).abandoned
    assert not entry.abandoned  # another host's, and young
    assert replace(entry, at="2020-01-01T00:00:00.000+00:00").abandoned
    assert 0 <= entry.age < LEASE
