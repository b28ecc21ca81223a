"""The errors a user sees: one form, and an exit code of its own for each kind."""

from __future__ import annotations

import errno
import os
import pickle

import pytest

from bioner import errors
from bioner.errors import BionerError, DataError, full_disk_told

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


def test_a_full_disk_is_told_and_other_errors_of_the_system_stay_what_they_are() -> None:
    with pytest.raises(BionerError, match="the disk is full: No space left on device") as caught, full_disk_told():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "models/x")
    assert caught.value.where == "models/x"
    with pytest.raises(FileNotFoundError), full_disk_told():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "models/x")
