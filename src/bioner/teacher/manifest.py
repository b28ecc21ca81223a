"""The teacher's manifest: everything that decides its annotations, in one small file, so that a teacher is a hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bioner
from bioner.entity_types import EntityTypes
from bioner.errors import ModelError
from bioner.files import hash_file, hash_value, read_json, write_json

FORMAT = 1


@dataclass(frozen=True, slots=True)
class TeacherManifest:
    """Which teacher annotates, and what it is asked for.

    Attributes:
        backend: the kind of model, `tagger` or `endpoint`.
        model: its reference (see `bioner.references`), or its id at the endpoint.
        prompt: SHA-256 of its prompts.
        code: SHA-256 of the code that annotates with it.
        min_score: annotations below it are dropped.
        types: the entity types that are asked for, in this order.
        content: SHA-256 of the model's folder; empty for a model behind an endpoint.
        base: the reference of the model that it was tuned from; likewise.
        url: of the endpoint; it holds no credentials.
        sampling: whatever else decides the annotations (JSON values only).
    """

    backend: str
    model: str
    prompt: str
    code: str
    min_score: float
    types: EntityTypes
    content: str = ""
    base: str = ""
    url: str = ""
    sampling: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """SHA-256 of the whole manifest: the name of this teacher in the documents it annotated."""
        return hash_value(self.to_record())

    @property
    def annotator(self) -> str:
        """SHA-256 of what decides the annotations before any is dropped: `min_score` may change, it stays."""
        deciding = {key: value for key, value in self.to_record().items() if key != "sampling"}
        return hash_value(deciding | {"sampling": dict(self.sampling)} if self.sampling else deciding)

    def to_record(self) -> dict[str, Any]:
        """The manifest as a JSON object; the types are a list, since their order decides how they share prompts."""
        record = {
            "format": FORMAT,
            "backend": self.backend,
            "url": self.url,
            "model": self.model,
            "content": self.content,
            "base": self.base,
            "prompt": self.prompt,
            "code": self.code,
            "sampling": {"min_score": self.min_score, **self.sampling},
            "types": [{"key": key, "names": names} for key, names in self.types.to_record().items()],
        }
        return {key: value for key, value in record.items() if value != ""}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> TeacherManifest:
        """Parse what `to_record` made."""
        sampling = dict(record["sampling"])
        return cls(
            backend=record["backend"],
            model=record["model"],
            prompt=record["prompt"],
            code=record["code"],
            min_score=sampling.pop("min_score"),
            types=EntityTypes.from_record({item["key"]: item["names"] for item in record["types"]}),
            content=record.get("content", ""),
            base=record.get("base", ""),
            url=record.get("url", ""),
            sampling=sampling,
        )

    def write(self, path: Path) -> None:
        """Write the manifest; equal manifests give equal bytes."""
        write_json(path, self.to_record())

    @classmethod
    def read(cls, path: Path) -> TeacherManifest:
        """Read a manifest.

        Raises:
            ModelError: the file is missing, or is not a manifest of this format.
        """
        mend = "let the teacher stage write it: bioner run"
        try:
            record = read_json(path)
        except OSError as error:
            what = f"the teacher's manifest cannot be read: {error.strerror}"
            raise ModelError(what, where=str(path), mend=mend) from error
        except ValueError as error:
            raise ModelError(f"the teacher's manifest is not JSON: {error}", where=str(path), mend=mend) from error
        if not isinstance(record, dict) or record.get("format") != FORMAT:
            raise ModelError(f"not a teacher's manifest of format {FORMAT}", where=str(path), mend=mend)
        return cls.from_record(record)


def hash_code(names: Iterable[str]) -> str:
    """SHA-256 over Python files and folders of them, named from `src/bioner`; compiled files do not count."""
    package = Path(bioner.__file__).parent
    roots = (package / name for name in names)
    files = [file for root in roots for file in ([root] if root.is_file() else sorted(root.rglob("*.py")))]
    return hash_value([[file.relative_to(package).as_posix(), hash_file(file)] for file in files])
