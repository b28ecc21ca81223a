"""The params of the suite: on which sets every model is judged, by which map of labels, and under which claim."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from pydantic import Field, model_validator

from bioner.config.review import Pinned
from bioner.config.section import Count, Name, Section
from bioner.entity_types import TypeName

Claim = Literal["supervised", "few-shot", "zero-shot-type", "zero-shot-language"]


class LabelMap(Section):
    """Which labels of a corpus stand for which type; all other types and labels are left out and counted.

    Attributes:
        name: of this version of the map, chosen by whoever writes it; its hash is recorded beside it.
        types: type that models are asked for -> the labels in the file of the corpus that are its counterparts.
    """

    name: str = Field(min_length=1)
    types: dict[str, tuple[str, ...]] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_type_a_label(self) -> LabelMap:
        labels = [label for labels in self.types.values() for label in labels]
        if empty := [key for key, own in self.types.items() if not own]:
            raise ValueError(f"types.{empty[0]}: a type without a label is left out of the map")
        for label in labels:
            if labels.count(label) > 1:
                raise ValueError(f"types: the label {label!r} stands for several types")
        return self

    @property
    def by_label(self) -> dict[str, str]:
        """Label of the corpus -> type."""
        return {label: key for key, labels in self.types.items() for label in labels}


class Other(Pinned):
    """What another system predicted: PubTator, document JSON Lines, or any format that is read here.

    Attributes:
        labels: type -> labels in the file; without them, the types and the labels of the corpus are known.
    """

    labels: dict[str, tuple[str, ...]] | None = None


class SuiteSet(Section):
    """One set of the suite.

    Attributes:
        corpus: of `corpora`, which says format, language and what happens to wrong records.
        path: its file or folder, below `data_root`; labels are those of the file.
        language: of the texts, and of the names that types are asked for by.
        labels: which of them are judged, as which type.
        protocol: what is claimed of the models; held against what they were trained on.
        k: of `few-shot`: mentions of each type that training had at most.
        limit: documents, drawn by the seed.
        types: types of this set alone, which training never names.
        saw: names of types that the encoder of a GLiNER has seen, where that is itself a trained GLiNER.
        others: name -> what another system predicted for the set.
    """

    corpus: Name
    path: str = Field(min_length=1)
    language: str
    labels: LabelMap
    protocol: Claim
    k: Count | None = None
    limit: Count | None = None
    types: dict[str, dict[str, TypeName]] = Field(default_factory=dict)
    saw: tuple[str, ...] | None = None
    others: dict[Name, Other] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_protocol(self) -> SuiteSet:
        if (self.k is None) == (self.protocol == "few-shot"):
            raise ValueError("`k` is needed for the protocol few-shot, and only there")
        for key, names in self.types.items():
            if self.language not in names:
                raise ValueError(f"types.{key} has no name in {self.language!r}, the language of the set")
            if key not in self.labels.types:
                raise ValueError(f"types.{key} is not in labels.types: nothing would be judged by it")
        for other, file in self.others.items():
            if unknown := [key for key in file.labels or {} if key not in self.labels.types]:
                raise ValueError(f"others.{other}.labels: {unknown[0]!r} is not in labels.types")
        return self


def check_suite(
    suite: Mapping[str, SuiteSet], languages: Mapping[str, str], types: Collection[str], models: Collection[str]
) -> None:
    """Make sure that the sets name what the other params have.

    Args:
        languages: corpus -> its language.
        types: those of the params.
        models: those of the params.

    Raises:
        ValueError: a name is unknown, or stands for two things.
    """
    if suite and "suite" in models:
        raise ValueError("models: the predictions of a model called 'suite' would lie where those of the suite do")
    for name, part in suite.items():
        language = languages.get(part.corpus)
        if language is None:
            raise ValueError(f"suite.{name}.corpus: {part.corpus!r} is none of {', '.join(languages)}")
        if part.language != language:
            raise ValueError(f"suite.{name}.language: corpora.{part.corpus} is in {language!r}, not {part.language!r}")
        _refuse(f"suite.{name}.types", set(part.types) & set(types), "is already one of `types`")
        unknown = set(part.labels.types) - set(types) - set(part.types)
        _refuse(f"suite.{name}.labels.types", unknown, f"is none of {', '.join([*types, *part.types])}")
        _refuse(f"suite.{name}.others", set(part.others) & set(models), "is the name of a model")


def _refuse(where: str, found: Iterable[str], what: str) -> None:
    for name in sorted(found):
        raise ValueError(f"{where}: {name!r} {what}")
