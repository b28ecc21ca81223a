"""Inputs enumerate exactly the spans that can be entities, and label the right ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bioner.gliner.inputs import Row, enumerate_spans, make_batch


@given(st.lists(st.lists(st.integers(1, 6), min_size=1, max_size=4), min_size=1, max_size=4), st.integers(1, 5))
def test_spans_are_all_those_of_the_width_within_one_segment(segments, width) -> None:
    spans = enumerate_spans(segments, width)
    expected = []
    for row, lengths in enumerate(segments):
        segment = [number for number, length in enumerate(lengths) for _ in range(length)]
        words = range(len(segment))
        expected += [(row, s, e) for s in words for e in words if 0 <= e - s < width and segment[s] == segment[e]]
    rows = [row for row, count in enumerate(spans.counts) for _ in range(count)]
    assert list(zip(rows, spans.first.tolist(), spans.last.tolist(), strict=True)) == expected
    begins = [begin for row in spans.begins for begin in row.tolist()]
    firsts = [place for row in range(len(segments)) for place, (r, s, e) in enumerate(_of(row, expected)) if s == e]
    assert begins == firsts
    assert spans.counts == [sum(row == number for row, _, _ in expected) for number in range(len(segments))]


def _of(row: int, spans: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    return [span for span in spans if span[0] == row]


def test_words_stand_at_their_tokens(encoding) -> None:
    short, long = encoding.words([["HER2", "positive"], ["metastatic", "carcinoma", "of", "lung"]])
    prompts = encoding.prompts(["gene", "disease"])
    batch = make_batch([Row(prompts[:1], short, [2]), Row(prompts, long, [2, 2])], encoding, max_width=3)
    assert (batch.lengths, batch.types) == ([2, 4], [1, 2])
    for row, words in enumerate((short, long)):
        marked = [(place, token) for place, token in enumerate(batch.words_mask[row].tolist()) if token]
        assert [token for _, token in marked] == list(range(1, len(words) + 1))
        assert [batch.input_ids[row, place].item() for place, _ in marked] == [word[0] for word in words]
    assert batch.attention_mask.sum(1).tolist()[1] == batch.input_ids.shape[1]
