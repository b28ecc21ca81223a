"""The text a model was trained on: by the hashes that a registered version kept, else of the workspace."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from bioner.audit.subject import find
from bioner.documents import Document, read_documents
from bioner.errors import DataError
from bioner.lineage.objects import Storage, open_storage
from bioner.stages import layout
from bioner.stages.context import HELD_OUT
from bioner.tracking.provenance import dvc_hash

Against = Literal["train", "unlabelled"]
Files = Mapping[str, str | None]
"""Path in the workspace -> hash of its content; `None`: as it is."""

_PLACES = {"train": layout.split("train"), "unlabelled": layout.CURATED}  # a folder of files, or a file
_REGISTERED = "mlflow:"


@dataclass(frozen=True, slots=True)
class Reference:
    """Text to compare with; it is read anew whenever it is asked for.

    Attributes:
        described: what it is, in words.
        text: the files of what the model learnt from.
        held_out: those of what is like it, and the model has not learnt from, if there are any.
        workspace: where the files lie, as long as they are the same.
        language: of the documents that are meant; `None` for all.
    """

    described: str
    text: Files
    held_out: Files
    workspace: Path
    language: str | None = None

    def documents(self, files: Files) -> Iterator[Document]:
        """The documents of these files that a stage may learn from: from the workspace, else DVC's cache or remote.

        Raises:
            DataError: a file is nowhere.
        """
        for document in self._read(files):
            if self.language in {None, document.language} and not document.meta.get(HELD_OUT):
                yield document

    def _read(self, files: Files) -> Iterator[Document]:
        with ExitStack() as stack:
            storage: Storage | None = None
            for path, value in sorted(files.items()):
                file = self.workspace / path
                if value is None or (file.is_file() and dvc_hash(file) == value):
                    yield from read_documents(file)
                    continue
                storage = storage or stack.enter_context(open_storage(self.workspace))
                yield from _stored(storage, path, value)


def find_reference(model: str, against: Against, workspace: Path, language: str | None = None) -> Reference:
    """What a model was trained on.

    Args:
        model: its reference; of one that is not registered, the data of the workspace are meant.
        against: the gold documents that it was fine-tuned on, or the curated ones that the teacher annotated.
        workspace: where to look, and whose registry is asked.
        language: of the documents that are meant; `None` for all.

    Raises:
        ModelError: the registry has no such version.
        DataError: there is no such text.
    """
    if model.startswith(_REGISTERED):
        subject = find(model, workspace)
        files: Files = subject.outputs
        described, place = subject.name, subject.workspace
    else:
        paths = (*(workspace / "data").glob("*/*.jsonl"), *(workspace / "data").glob("*.jsonl"))
        files = {path.relative_to(workspace).as_posix(): None for path in paths}
        described, place = f"the workspace {workspace.name}", workspace
    text = _below(files, _PLACES[against])
    if not text:
        mend = "run the pipeline first: bioner run; or name a registered version with --model"
        raise DataError(f"the {against} text of {described} is not known", where=str(place), mend=mend)
    held_out = _below(files, layout.split("dev")) if against == "train" else {}
    which = f"{language} {against}" if language else against
    return Reference(f"the {which} text of {described}", text, held_out, place, language)


def _below(files: Files, place: Path) -> Files:
    return {path: value for path, value in files.items() if PurePosixPath(path).is_relative_to(place)}


def _stored(storage: Storage | None, path: str, value: str) -> Iterator[Document]:
    if storage is not None:
        with storage.opened(value) as source:
            if source is not None:
                with tempfile.TemporaryDirectory() as place:
                    copy = Path(place) / Path(path).name
                    with copy.open("wb") as out:
                        shutil.copyfileobj(source, out)
                    yield from read_documents(copy)
                return
    mend = "fetch it from the DVC remote, or compare with another version: --model"
    what = f"the text with the hash {value} is neither in the workspace nor in DVC's stores"
    raise DataError(what, where=path, mend=mend)
