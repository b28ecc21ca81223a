"""The review queue: texts as people corrected them in the playground, one document a line, with model and change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bioner.documents import Document, Span, read_documents
from bioner.files import atomic_path, hash_value, one_at_a_time
from bioner.project import STATE

SOURCE = "playground"
ASKED, MODEL, REMOVED, ADDED, SENT = "asked", "model", "removed", "added", "sent"  # in the meta of a document
_FILE = Path("reviews") / "playground.jsonl"  # of the workspace
_LOCK = Path(STATE) / "review-queue.lock"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person made of a prediction.

    Attributes:
        predicted: the text as the model annotated it.
        spans: as the person left them.
        asked: the types that were asked for, in words or as keys. The person looked at no others, so that nothing is
            known of them.
        model: what the model is: reference, version, SHA-256.
        sent: when, as ISO 8601.
    """

    predicted: Document
    spans: tuple[Span, ...]
    asked: tuple[str, ...]
    model: Mapping[str, Any]
    sent: str

    def to_document(self) -> Document:
        """The corrected text; its spans are gold, so that they have no score. The same correction has the same id."""
        before = {(span.fragments, span.label): span for span in self.predicted.spans}
        after = {(span.fragments, span.label): replace(span, score=None) for span in self.spans}
        changes = {
            REMOVED: [span for key, span in before.items() if key not in after],
            ADDED: [span for key, span in after.items() if key not in before],
        }
        records = {name: self.predicted.with_spans(spans).to_record()["spans"] for name, spans in changes.items()}
        corrected = self.predicted.with_spans(after[key] for key in sorted(after))
        meta = {ASKED: list(self.asked), MODEL: dict(self.model)} | records
        name = hash_value([corrected.to_record() | {"id": ""}, meta])[:16]
        return replace(corrected, id=name, source=SOURCE, meta=meta | {"document": corrected.id, SENT: self.sent})


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue of a workspace.

    Attributes:
        root: the workspace's folder.
    """

    root: Path

    @property
    def file(self) -> Path:
        """Documents as JSON Lines; like everything in `reviews`, it is for git."""
        return self.root / _FILE

    def read(self) -> list[Document]:
        """What is in it, the oldest first.

        Raises:
            DataError: the file is damaged.
        """
        return list(read_documents(self.file)) if self.file.is_file() else []

    def append(self, correction: Correction) -> tuple[int, bool]:
        """Add a correction, unless it is there already; killed at any moment, the file is the old or the new one.

        Lines that are there are not read, so that one that somebody damaged keeps no correction out.

        Returns:
            How many are in the queue, and whether this one is new.
        """
        document = correction.to_document()
        with one_at_a_time(self.root / _LOCK):
            known = self.file.read_bytes() if self.file.is_file() else b""
            if f'"id": "{document.id}"'.encode() in known:  # quotes within a text are escaped
                return known.count(b"\n"), False
            line = json.dumps(document.to_record(), ensure_ascii=False, allow_nan=False)
            ended = b"" if not known or known.endswith(b"\n") else b"\n"
            content = known + ended + line.encode() + b"\n"
            with atomic_path(self.file) as aside:
                aside.write_bytes(content)
            return content.count(b"\n"), True


def asked_of(document: Document) -> Sequence[str]:
    """The types that a document of the queue was asked for."""
    return tuple(map(str, document.meta.get(ASKED, ())))
