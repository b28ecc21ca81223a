"""The params of what people decide: files of theirs, named with their hash, and which documents they review."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from bioner.config.section import Natural, Section
from bioner.errors import DataError
from bioner.files import hash_file


class Pinned(Section):
    """A file that a person made, below the project's folder, and its SHA-256.

    The hash is what makes DVC run a stage again after the file has changed: a dependency cannot be optional.
    """

    path: str = Field(min_length=1)
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    def locate(self, project: Path, key: str) -> Path:
        """The file, if it is the one that is meant; `key` is where the params name it.

        Raises:
            DataError: it is missing, or its content is another.
        """
        path = project / self.path
        try:
            found = hash_file(path)
        except OSError as error:
            mend = f"restore the file, or set {key} to null"
            raise DataError(f"the file cannot be read: {error.strerror}", where=str(path), mend=mend) from error
        if found != self.sha256:
            mend = f"restore the file, or set {key}.sha256 to {found}"
            raise DataError(
                "the file is not the one that the params name: its SHA-256 differs", where=str(path), mend=mend
            )
        return path


class Review(Section):
    """Which synthetic documents people review, and what they said."""

    file: Pinned | None = None  # written by `bioner review import`
    random: Natural = 50  # documents of the random sample, which measures the teacher
    least_certain: Natural = 50  # documents that the teacher is least sure of
