"""Workspaces whose teacher is behind an endpoint, and a server that answers the task about drugs."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from misbehaving import MODEL

from bioner.config import Params, parse_params
from bioner.documents import Document, read_documents, write_documents
from bioner.files import read_json
from bioner.stages import distill, layout, teacher
from bioner.stages.context import Context

DRUGS = ("aspirin", "ibuprofen")
ABSENT_DRUG = "colchicine"
LIMITS: dict[str, Any] = {"timeout": 60, "wait": 0.01, "longest_wait": 0.1, "probe_every": 0.05, "concurrency": 16}


def patients(count: int) -> list[str]:
    """Texts; two of three have a drug."""
    return [f"Patient {n} took {(*DRUGS, 'nothing')[n % 3]} and went home." for n in range(count)]


def right(text: str) -> list[str]:
    """The drugs of a text."""
    return [drug for drug in DRUGS if drug in text]


def number_of(text: str) -> int:
    """The number of a patient."""
    return int(text.split()[1])


def text_of(turn: str) -> str:
    """The text that a turn asks about: what stands between the lines of its fence."""
    found = re.search(r"<(text-\w+)>\n(.*)\n</\1>", turn, re.DOTALL)
    assert found, turn
    return found[2]


def answer(turn: str) -> str:
    """The drug of the text; every seventh text gets one that is not there, too."""
    text = text_of(turn)
    said = right(text) + ([ABSENT_DRUG] if number_of(text) % 7 == 0 else [])
    return json.dumps({"entities": [{"id": n, "text": drug, "type": "drug"} for n, drug in enumerate(said)]})


class EndpointProject:
    """A workspace, which is the current folder, with curated texts.

    Attributes:
        endpoint: the section of the params.
        more: what stands beside it.
    """

    def __init__(self, repository: Path, url: str, texts: Sequence[str], **endpoint: Any) -> None:
        self.base: dict[str, Any] = yaml.safe_load((repository / "params.yaml").read_text(encoding="utf-8"))
        self.endpoint: dict[str, Any] = {"url": url, "model": MODEL, "limits": LIMITS, **endpoint}
        self.more: dict[str, Any] = {}
        write_documents(layout.CURATED, [Document(f"d{n}", text, "en", source="s") for n, text in enumerate(texts)])

    @property
    def params(self) -> Params:
        """The params, which are written for stages in processes of their own as well."""
        section = {"backend": "endpoint", "min_score": 0.5, **self.more, "endpoint": self.endpoint}
        values = {**self.base, "teacher": section, "distill": {"batch_size": 1, "chunk": 16}}
        layout.PARAMS.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
        return parse_params(values, "params.yaml")

    def describe(self) -> None:
        """Run the stage that writes the teacher's manifest."""
        teacher.run(Context("teacher", None, self.params))

    def distill(self) -> dict[str, Any]:
        """The metrics of the stage."""
        distill.run(Context("distill", None, self.params))
        return metrics()


def metrics() -> dict[str, Any]:
    """What the stage wrote last."""
    written: dict[str, Any] = read_json(layout.metrics("distill"))
    return written


def found() -> dict[str, list[str]]:
    """Text -> the mentions that were distilled."""
    return {d.text: [span.mention(d.text) for span in d.spans] for d in read_documents(layout.DISTILLED)}


def lost() -> list[dict[str, str]]:
    """What could not be used."""
    return [json.loads(line) for line in layout.UNGROUNDED.read_text(encoding="utf-8").splitlines()]
