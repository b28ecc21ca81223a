"""The errors a user sees: one form, and an exit code of its own for each kind."""

from __future__ import annotations

import pickle

from bioner import errors
from bioner.errors import BionerError, DataError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, BionerError)]


def test_the_message_says_what_where_and_how_to_mend() -> None:
    assert str(DataError("no text", where="a.jsonl:3", mend="add one")) == "no text\n  at:   a.jsonl:3\n  mend: add one"
    assert str(DataError("no text")) == "no text"


def test_every_kind_has_its_own_exit_code() -> None:
    codes = [kind.exit_code for kind in KINDS]
    assert len(set(codes)) == len(KINDS) >= 7
    assert 0 not in codes


def test_errors_cross_processes() -> None:
    for kind in KINDS:
        error = kind("what", where="where", mend="mend")
        error.exit_code = 99
        again = pickle.loads(pickle.dumps(error))  # noqa: S301
        assert (type(again), str(again), again.exit_code) == (kind, str(error), 99)
