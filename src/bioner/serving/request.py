"""What a client asks for: the JSON body of `POST /predict`, checked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError
from bioner.serving.limits import Limits
from bioner.serving.refusal import RefusedError
from bioner.words import language_of

NO_CHARACTER = re.compile("[\0\ud800-\udfff]")  # what is no text in a string
Name = Annotated[str, Field(min_length=1, max_length=200)]
Language = Annotated[str, Field(pattern="^[a-z]{2,3}$")]

Question = tuple[tuple[str, ...], float | None]  # labels (none: those of the training) and threshold (none: its own)


class Strict(BaseModel):
    """A JSON object with these keys and no others, and nothing converted; what is refused is not quoted."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


Body = TypeVar("Body", bound=Strict)


class _Document(Strict):
    id: Name
    text: str
    language: Language | None = None


class _Body(Strict):
    texts: list[str] | None = None
    documents: list[_Document] | None = None
    labels: list[Name] | None = Field(None, min_length=1)
    threshold: float | None = Field(None, ge=0.0, le=1.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that can be answered: its documents, and what they are asked for."""

    documents: tuple[Document, ...]
    question: Question

    @property
    def characters(self) -> int:
        """Characters of all documents."""
        return sum(len(document.text) for document in self.documents)


def types_of(question: Question) -> EntityTypes | None:
    """The types of a question; `None` for those of the training."""
    return EntityTypes.of_words(question[0]) if question[0] else None


def parse(raw: bytes, limits: Limits) -> Asked:
    """Check the body of a request.

    `{"texts": [...]}` or `{"documents": [{"id", "text", "language"?}, ...]}`, with `labels` (types in words) and
    `threshold` if the model's own are not meant. Texts are given ids from "1"; a missing language is guessed.

    Raises:
        RefusedError: it is not JSON (400), too large (413), or not what is described above (422).
    """
    body = validated(_Body, raw)
    _check(body, limits)
    documents = tuple(Document(name, text, language or language_of(text)) for name, text, language in _given(body))
    asked = Asked(documents, (tuple(label.strip() for label in body.labels or ()), body.threshold))
    try:
        types_of(asked.question)
    except ConfigError as error:
        raise RefusedError(422, error.what) from None
    return asked


def validated(kind: type[Body], raw: bytes) -> Body:
    """The JSON object of a body.

    Raises:
        RefusedError: it is not JSON (400), or another object (422).
    """
    given = _json(raw)
    if not isinstance(given, dict):
        raise RefusedError(422, "the body is not a JSON object")
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise RefusedError(422, f"{place or 'the body'}: {first['msg']}") from None  # the input stays out of every log


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError:
        raise RefusedError(400, "the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise RefusedError(400, f"the body is not JSON: {error.msg}, character {error.pos}") from None
    except (ValueError, RecursionError):
        raise RefusedError(400, "the body is not JSON: a number is too long, or values are nested too deep") from None


def _refuse(constant: str) -> NoReturn:
    raise RefusedError(400, f"the body is not JSON: {constant} is no JSON number")


def _given(body: _Body) -> Iterator[tuple[str, str, str | None]]:
    for number, text in enumerate(body.texts or (), 1):
        yield str(number), text, None
    for document in body.documents or ():
        yield document.id, document.text, document.language


def _check(body: _Body, limits: Limits) -> None:
    given = list(_given(body))
    if not given or (body.texts is not None) == (body.documents is not None):
        raise RefusedError(422, "give either 'texts' or 'documents', and at least one")
    if len(given) > limits.documents:
        raise RefusedError(413, f"{len(given)} documents in a request; at most {limits.documents} are taken")
    longest = max(len(text) for _, text, _ in given)
    if longest > limits.characters:
        raise RefusedError(413, f"a document of {longest} characters; at most {limits.characters} are taken")
    if len(body.labels or ()) > limits.labels:
        raise RefusedError(413, f"{len(body.labels or ())} labels in a request; at most {limits.labels} are taken")
    strings = [part for name, text, _ in given for part in (name, text)] + (body.labels or [])
    if any(map(NO_CHARACTER.search, strings)):
        raise RefusedError(422, "a string holds a NUL or half a surrogate pair, which is no text")
