"""Sections keep their place in the text that they are joined to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bioner.corpora.sections import joined, squeezed


@given(st.lists(st.tuples(st.text(max_size=3), st.text("ab \n肝", max_size=5))))
def test_every_section_with_text_is_found_at_its_place(sections: list[tuple[str, str]]) -> None:
    text, places = joined(sections)
    found = [(place["label"], text[place["start"] : place["end"]]) for place in places]
    assert found == [(label, part) for label, part in sections if part]
    assert len(text) == sum(len(part) + 1 for _, part in found) - bool(found)


def test_blanks_are_squeezed() -> None:
    assert squeezed(" a\n\t b\u00a0c ") == "a b c"
