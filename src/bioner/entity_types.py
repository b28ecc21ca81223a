"""Entity types: a key, and a name, definition and synonyms in each language; the names are what a model reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bioner.errors import ConfigError


class TypeName(BaseModel):
    """How an entity type is called and defined in one language; synonyms are other names for training."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    definition: str = ""
    synonyms: tuple[Annotated[str, Field(min_length=1)], ...] = ()

    def to_record(self) -> dict[str, Any]:
        """The name as a JSON object; without synonyms it says nothing of them."""
        return self.model_dump(mode="json", exclude=None if self.synonyms else {"synonyms"})


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

    def called(self, language: str) -> dict[str, TypeName]:
        """Key -> how it is called in a language; a type that lacks it is called as in its first language."""
        return {key: names.get(language) or next(iter(names.values())) for key, names in self.types.items()}

    def names(self, language: str) -> dict[str, str]:
        """Key -> name in a language: what a model is asked for when it predicts."""
        return {key: called.name for key, called in self.called(language).items()}

    def definitions(self, language: str) -> dict[str, str]:
        """Key -> definition in a language, possibly empty."""
        return {key: called.definition for key, called in self.called(language).items()}

    def only(self, keys: Iterable[str]) -> EntityTypes:
        """The types of these keys, in this order."""
        return EntityTypes({key: self.types[key] for key in keys})

    def repeated(self) -> Iterator[tuple[str, str, str]]:
        """Language, word and key wherever a synonym is also a name or another synonym, of this type or of any."""
        for language in dict.fromkeys(language for names in self.types.values() for language in names):
            called = {key: names[language] for key, names in self.types.items() if language in names}
            seen = {name.name.casefold() for name in called.values()}
            for key, name in called.items():
                for synonym in name.synonyms:
                    if synonym.casefold() in seen:
                        yield language, synonym, key
                    seen.add(synonym.casefold())

    def to_record(self) -> dict[str, Any]:
        """The types as a JSON object; `from_record` is its inverse."""
        return {key: {lang: name.to_record() for lang, name in names.items()} for key, names in self.types.items()}

    @classmethod
    def from_record(cls, record: Mapping[str, Mapping[str, Any]]) -> EntityTypes:
        """Parse what `to_record` made."""
        return cls({k: {lang: TypeName(**name) for lang, name in names.items()} for k, names in record.items()})
