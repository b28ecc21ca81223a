"""Which entity types a model has seen in training: who claims zero-shot is checked, by key and by words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError

_FUNCTION_WORDS = frozenset({"a", "an", "and", "of", "or", "the"})


def content_words(name: str) -> frozenset[str]:
    """The words of a type's name but for case, width, hyphens, plural and function words; Chinese is one word."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", name).casefold())
    return frozenset(_singular(word) for word in words if word not in _FUNCTION_WORDS)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def learnt_types(documents: Iterable[Document], types: EntityTypes) -> EntityTypes:
    """Those of the types that occur in some documents: a type that does not occur is not learnt."""
    found = {span.label for document in documents for span in document.spans}
    return types.only(key for key in types.keys if key in found)


def fed_to(reference: str, saw: Sequence[str] | None, where: str) -> EntityTypes:
    """What the encoder of a GLiNER has seen before anything here was trained.

    Args:
        saw: the names of types that the user says it has seen; `None` if nothing is said.
        where: the part of the params that has `saw`.

    Raises:
        ConfigError: it is itself a trained GLiNER, and nobody says what it has seen.
    """
    from bioner.gliner.model import CONFIG
    from bioner.references import download, locate

    if saw is not None:
        return EntityTypes.of_words(saw)
    location = locate(reference)
    folder = location.folder or download(location.name, ["*.json"])
    if (folder / CONFIG).is_file():
        raise ConfigError(
            f"{reference!r} is a trained GLiNER, and nothing here says which types it has seen",
            where=where,
            mend="name the types of its training data in `saw`",
        )
    return EntityTypes({})


def seen_as(asked: EntityTypes, seen: EntityTypes) -> dict[str, list[str]]:
    """Key of each asked type that was seen -> the names it was seen under, sorted.

    A type was seen if its key was, or if in any language all words of one name are among those of the other: who has
    learnt "gene or protein" knows what a "protein" is. That is on the safe side: "cell line" passes where "cell type"
    was seen, "DNA domain" does not where "DNA" was.
    """
    names = [(key, name) for key in seen.keys for name in _names(seen, key)]
    result: dict[str, list[str]] = {}
    for key in asked.keys:
        own = [words for name in _names(asked, key) if (words := content_words(name))]
        under = {name for other, name in names if other == key or any(_covers(content_words(name), w) for w in own)}
        if under:
            result[key] = sorted(under)
    return result


def _covers(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one) and (one <= other or other <= one)


def _names(types: EntityTypes, key: str) -> list[str]:
    return [word for name in types.types[key].values() for word in (name.name, *name.synonyms)]


def check_unseen(asked: EntityTypes, seen: EntityTypes, model: str) -> None:
    """Refuse to call something zero-shot that is not.

    Args:
        model: how the model is called in the message.

    Raises:
        ConfigError: a type was seen; all of them are listed.
    """
    if found := seen_as(asked, seen):
        listed = "; ".join(f"{key} (as {', '.join(names)})" for key, names in found.items())
        raise ConfigError(
            f"not zero-shot: {model} has seen {len(found)} of {len(asked.keys)} types that are asked for: {listed}",
            mend="ask for types that occur in none of its training data, or call the protocol few-shot or supervised",
        )
