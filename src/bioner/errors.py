"""The errors a user can cause and mend: each says what is wrong, where, and what to do about it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any


class BionerError(Exception):
    """A problem that the user can mend; anything else that is raised is a bug and keeps its traceback.

    Args:
        what: what is wrong, in one sentence.
        where: the file, line, record or key it was found at.
        mend: what to do about it, as an instruction.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what = what
        self.where = where
        self.mend = mend
        super().__init__(what, where, mend)

    def __reduce__(self) -> tuple[partial[BionerError], tuple[()], dict[str, Any]]:
        """Errors cross processes: workers of a task runner send them back pickled."""
        return partial(type(self), self.what, where=self.where, mend=self.mend), (), self.__dict__

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  at:   {self.where}")
        if self.mend:
            lines.append(f"  mend: {self.mend}")
        return "\n".join(lines)


class ConfigError(BionerError):
    """`params.yaml`, a profile or a command line option is wrong."""

    exit_code = 2


class DataError(BionerError):
    """A document, corpus or annotation file is missing, malformed or empty."""

    exit_code = 3


class ModelError(BionerError):
    """A model reference cannot be resolved, or what it points at cannot be used."""

    exit_code = 4


class StageError(BionerError):
    """A pipeline stage failed; the message names its log and the command that resumes."""

    exit_code = 5


class GateError(BionerError):
    """A gate refused a data set or an export; the message holds the figures that failed."""

    exit_code = 6


class RegistryError(BionerError):
    """The model registry cannot be reached, or does not hold what was asked for."""

    exit_code = 7


@contextmanager
def full_disk_told() -> Iterator[None]:
    """Turn the system's error of a full disk, or of a quota, into one of ours.

    Raises:
        BionerError: nothing more could be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        mend = "make room, then run the same command again: what was finished is kept"
        raise BionerError(f"the disk is full: {error.strerror}", where=str(error.filename or ""), mend=mend) from error
