"""What a model of the pipeline has learnt from, and whether the protocol that a set claims of it is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bioner.config import SuiteSet
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError
from bioner.evaluation.facets import Shown, shown_in
from bioner.protocols.seen import learnt_types, seen_as

Sets = Mapping[str, Sequence[Document]]


@dataclass(frozen=True, slots=True)
class Training:
    """What a model has learnt from, or was chosen by.

    Attributes:
        corpora: the gold corpora.
        languages: of all documents.
        types: those that occur in them, and those that its encoder had seen before.
        mentions: type -> how often it was annotated.
        shown: the mentions that it was trained on; those of dev only chose a threshold.
    """

    corpora: tuple[str, ...]
    languages: tuple[str, ...]
    types: EntityTypes
    mentions: Mapping[str, int]
    shown: frozenset[Shown]

    @classmethod
    def of(
        cls, train: Sets, dev: Sets, synthetic: Sequence[Document], types: EntityTypes, before: EntityTypes
    ) -> Training:
        """What the documents of the pipeline teach.

        Args:
            train: corpus -> the gold documents that it learns from.
            dev: likewise those by which thresholds are chosen.
            synthetic: what the teacher annotated; empty for a model that does not read it.
            types: of the params.
            before: those that the encoder had seen.
        """
        gold = [document for part in (train, dev) for documents in part.values() for document in documents]
        learnt = [document for documents in train.values() for document in documents] + list(synthetic)
        everything = [*gold, *synthetic]
        return cls(
            corpora=tuple(sorted({*train, *dev})),
            languages=tuple(sorted({document.language for document in everything})),
            types=EntityTypes({**learnt_types(everything, types).types, **before.types}),
            mentions=Counter(span.label for document in learnt for span in document.spans),
            shown=frozenset(shown_in(learnt)),
        )

    def to_record(self) -> dict[str, Any]:
        """What was learnt from, as a JSON object."""
        return {
            "corpora": list(self.corpora),
            "languages": list(self.languages),
            "types": {key: self.mentions.get(key, 0) for key in self.types.keys},
        }


def check_claim(part: SuiteSet, name: str, model: str, training: Training, types: EntityTypes) -> None:
    """Hold what a set claims of a model against what the model was trained on.

    `zero-shot-type`: no judged type was seen, by key or by the words of its names. `zero-shot-language`: no document
    was in the language. Of both, the corpus was not in training either. `few-shot`: every judged type was annotated, at
    most k times. `supervised`: every judged type and the language were seen, in this corpus or in another one.

    Args:
        name: of the set.
        model: likewise.
        types: the types of the params and of the set.

    Raises:
        ConfigError: the claim is wrong; the message names what was seen, or what was not.
    """
    wrong = list(_objections(part, training, types.only(part.labels.types)))
    if wrong:
        raise ConfigError(
            f"the set {name!r} claims {part.protocol} of the model {model!r}, but {'; '.join(wrong)}",
            where=f"suite.{name}.protocol",
            mend="say what is true of every model, or judge the model in a workspace where it was trained without that",
        )


def _objections(part: SuiteSet, training: Training, judged: EntityTypes) -> list[str]:
    seen = seen_as(judged, training.types)
    counts = {key: training.mentions.get(key, 0) for key in judged.keys}
    trained = [f"the corpus {part.corpus!r} was in training"] if part.corpus in training.corpora else []
    heard = part.language in training.languages
    match part.protocol:
        case "zero-shot-type":
            return [*trained, *(f"the type {key!r} was in training, as {', '.join(seen[key])}" for key in seen)]
        case "zero-shot-language":
            return [*trained, *([f"the language {part.language!r} was in training"] if heard else [])]
        case "few-shot":
            limit = part.k or 0
            over = [f"the type {key!r} was annotated {n} times, not 1 to {limit}" for key, n in counts.items()]
            return [what for what, n in zip(over, counts.values(), strict=True) if not 1 <= n <= limit]
        case "supervised":
            missing = [f"the type {key!r} was not in training" for key in judged.keys if key not in seen]
            return [*missing, *([] if heard else [f"the language {part.language!r} was not in training"])]
