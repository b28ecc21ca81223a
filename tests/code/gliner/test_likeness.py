"""Types are alike whose mentions share words or stand between the same words; the measure needs no seed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.gliner.examples import Example
from bioner.gliner.likeness import likeness

VOCABULARY = [
    "the",
    "was",
    "given",
    "caused",
    "by",
    "acute",
    "renal",
    "failure",
    "injury",
    "aspirin",
    "heparin",
    "gene",
]


def example(text: str, *spans: tuple[int, int, str]) -> Example:
    """A piece of text; each word is one token."""
    return Example(tuple((VOCABULARY.index(word),) for word in text.split()), spans)


EXAMPLES = [
    example("acute renal failure caused by aspirin", (0, 2, "disease"), (5, 5, "drug")),
    example("renal injury was caused by the gene", (0, 1, "injury"), (6, 6, "gene")),
    example("acute renal injury", (0, 2, "injury")),
    example("heparin was given", (0, 0, "drug")),
]


def test_shared_words_make_types_alike_and_rare_ones_more_so() -> None:
    alike = likeness(EXAMPLES)
    assert max(alike["disease"], key=alike["disease"].__getitem__) == "injury"
    assert alike["injury"]["disease"] > alike["injury"].get("drug", 0.0)
    assert alike["drug"].get("gene", 0.0) < alike["disease"]["injury"]


def test_the_words_beside_a_mention_count() -> None:
    apart = [example("aspirin was given", (0, 0, "a")), example("heparin was given", (0, 0, "b"))]
    assert likeness([*apart, example("renal failure", (0, 0, "c"))])["a"].keys() == {"b"}
    assert not likeness([example("aspirin", (0, 0, "a")), example("heparin", (0, 0, "b"))])["a"]


def test_of_many_types_only_the_nearest_are_kept() -> None:
    crowd = [example("aspirin was given", (0, 0, f"type {number}")) for number in range(60)]
    assert {len(others) for others in likeness(crowd).values()} <= {20, 21}


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda words, key, place: Example(
                tuple((word,) for word in words), ((place % len(words), place % len(words), key),)
            ),
            st.lists(st.integers(0, 8), min_size=1, max_size=5),
            st.sampled_from("abcde"),
            st.integers(0, 4),
        ),
        max_size=12,
    )
)
def test_likeness_is_mutual_at_most_one_and_never_of_a_type_to_itself(examples: list[Example]) -> None:
    alike = likeness(examples)
    assert alike == likeness(examples)
    assert set(alike) == {key for one in examples for _, _, key in one.spans}
    for key, others in alike.items():
        assert key not in others
        for other, value in others.items():
            assert 0 < value <= 1 + 1e-9
            assert abs(alike[other][key] - value) < 1e-9
