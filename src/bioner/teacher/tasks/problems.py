"""Problems: the reasons for which an answer, or a part of it, is not taken as it is."""

from __future__ import annotations

from typing import NamedTuple

# the whole answer: nothing of it can be read
EMPTY = "answer empty"
NOT_JSON = "answer not JSON"
ECHO = "answer copied from the text"
SHAPE = "answer of another shape"
UNREADABLE = frozenset({EMPTY, NOT_JSON, ECHO, SHAPE})

# the whole answer: what can be read is taken
BREAKS_OFF = "answer breaks off"
NO_LIST = "answer without a list that was asked for"
NO_PROMPT = "answer without a prompt"
AROUND = "words around the JSON"

# an item of it, which is left out
ITEM_SHAPE = "item of another shape"
EMPTY_FIELD = "item with an empty field"
UNKNOWN_LABEL = "label not asked for"
REPEATED = "item repeated"
UNKNOWN_ID = "relation of an unknown id"
SHARED_ID = "relation of an id that several entities have"
UNGROUNDED_END = "relation of a mention not in the text"
SELF = "relation of a mention with itself"

PARTIAL = frozenset({BREAKS_OFF, NO_LIST, ITEM_SHAPE, EMPTY_FIELD, UNKNOWN_LABEL})  # an entity may be missing

# an item of it, which is taken all the same
MORE_FIELDS = "item with fields not asked for"
REPEATED_ID = "id repeated"

_KEPT = 300  # characters of an answer that are kept for inspection


class Problem(NamedTuple):
    """What was wrong with an answer.

    Attributes:
        reason: one of the reasons of this module, or of the grounding.
        what: the beginning of the part that was wrong, for inspection.
    """

    reason: str
    what: str

    @classmethod
    def of(cls, reason: str, what: object) -> Problem:
        """A problem with any part of an answer."""
        text = what if isinstance(what, str) else repr(what)
        return cls(reason, tidy(text[:_KEPT]))


def tidy(text: str) -> str:
    """A string of an answer as it can be written to a file: halves of surrogate pairs are no characters."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
