"""Entity types: a key, and a name and definition in each language; the names are what a model reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bioner.errors import ConfigError


class TypeName(BaseModel):
    """How an entity type is called and defined in one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    definition: str = ""


@dataclass(frozen=True, slots=True)
class EntityTypes:
    """The types a model is asked for: key -> language -> name and definition, in a fixed order."""

    types: Mapping[str, Mapping[str, TypeName]]

    @classmethod
    def of_words(cls, labels: Iterable[str]) -> EntityTypes:
        """Types that a user named in words; each is its own key and name, in every language.

        Raises:
            ConfigError: no label, or one given twice.
        """
        words = [label.strip() for label in labels if label.strip()]
        if not words or len(set(words)) < len(words):
            raise ConfigError("the labels are empty or repeated", mend="name each entity type once")
        return cls({label: {"": TypeName(name=label)} for label in words})

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, in order."""
        return tuple(self.types)

    def names(self, language: str) -> dict[str, str]:
        """Key -> name in a language; a type that lacks it is named in its first language."""
        return {key: self._in(key, language).name for key in self.types}

    def definitions(self, language: str) -> dict[str, str]:
        """Key -> definition in a language, possibly empty."""
        return {key: self._in(key, language).definition for key in self.types}

    def only(self, keys: Iterable[str]) -> EntityTypes:
        """The types of these keys, in this order."""
        return EntityTypes({key: self.types[key] for key in keys})

    def _in(self, key: str, language: str) -> TypeName:
        names = self.types[key]
        return names.get(language) or next(iter(names.values()))

    def to_record(self) -> dict[str, Any]:
        """The types as a JSON object; `from_record` is its inverse."""
        return {key: {lang: name.model_dump() for lang, name in names.items()} for key, names in self.types.items()}

    @classmethod
    def from_record(cls, record: Mapping[str, Mapping[str, Any]]) -> EntityTypes:
        """Parse what `to_record` made."""
        return cls({k: {lang: TypeName(**name) for lang, name in names.items()} for k, names in record.items()})
