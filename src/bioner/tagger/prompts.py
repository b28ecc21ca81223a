"""What the model is asked, in English and Chinese: the instruction around a source, and what begins each answer.

The types stand in the answers and not in the instruction: each has a line of its own after the shared source, and the
lines are blind to each other. So any number of types can be asked for, and none changes the answer about another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bioner.entity_types import EntityTypes, TypeName
from bioner.files import hash_value
from bioner.tagger.pieces import Pieces, Tokens

_SOURCE = "\u241e"  # stands for the source while the chat template is filled in; no instruction holds it

_TAGGING = {
    "en": "Copy the text for each entity type, with [ ] around its mentions.\nText:",
    "zh": "按实体类型抄写，用 [ ] 标出实体。\n文本：",
}
_JUDGING = {
    "en": "Is the part in [ ] one whole mention of the entity type?\nText:",
    "zh": "[ ] 中是否恰为一个该类型实体？\n文本：",
}
_HEADER = "{name}:"
_DEFINED = {"en": "{name} ({definition}):", "zh": "{name}（{definition}）:"}
_QUESTION_END = " ?"
_ANSWERS = (" yes", " no")


def fingerprint(definitions: bool) -> str:
    """Hash of all wording that is used: a model is only good with the prompts it was trained on.

    Args:
        definitions: whether types are asked for with their definitions.
    """
    wordings: list[Any] = [_TAGGING, _JUDGING, _HEADER, _QUESTION_END, _ANSWERS]
    return hash_value([*wordings, _DEFINED] if definitions else wordings)


@dataclass(frozen=True, slots=True)
class Prompt:
    """The tokens before and after the source in a conversation that the model is to answer."""

    before: Tokens
    after: Tokens


@dataclass(frozen=True, slots=True)
class Prompts:
    """All wording in the tokens of one model, in its chat template.

    Attributes:
        pieces: the words and symbols in tokens.
        tagging: language -> the prompt whose answers are tagged lines.
        judging: language -> the prompt whose answers are judgements of a marked span.
        question_end: what ends a question.
        answers: the tokens of `yes` and `no`.
        definitions: whether a type is asked for with its definition, where it has one.
    """

    pieces: Pieces
    tagging: Mapping[str, Prompt]
    judging: Mapping[str, Prompt]
    question_end: Tokens
    answers: tuple[int, int]
    definitions: bool

    @classmethod
    def of(cls, tokenizer: Any, *, definitions: bool = False) -> Prompts:
        """The prompts of a model.

        Raises:
            ModelError: the tokenizer cannot write the symbols.
        """
        pieces = Pieces(tokenizer)
        yes, no = (pieces.of_text(answer)[0] for answer in _ANSWERS)
        return cls(
            pieces,
            {language: _prompt(text, tokenizer, pieces) for language, text in _TAGGING.items()},
            {language: _prompt(text, tokenizer, pieces) for language, text in _JUDGING.items()},
            pieces.of_text(_QUESTION_END),
            (yes, no),
            definitions,
        )

    def headers(self, types: EntityTypes, language: str) -> dict[str, Tokens]:
        """Type -> what begins an answer about it."""
        called = types.called(language)
        return {key: self.pieces.of_text(self._header(name, language)) for key, name in called.items()}

    def _header(self, called: TypeName, language: str) -> str:
        defined = self.definitions and called.definition
        template = _DEFINED[wording(language)] if defined else _HEADER
        return template.format(name=called.name, definition=called.definition)


def _prompt(instruction: str, tokenizer: Any, pieces: Pieces) -> Prompt:
    messages = [{"role": "user", "content": instruction + _SOURCE}]
    filled: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    before, _, after = filled.partition(_SOURCE)
    return Prompt(pieces.of_text(before), pieces.of_text(after))


def wording(language: str) -> str:
    """The language whose wording is used for a document: its own if there is one, else English."""
    return language if language in _TAGGING else "en"
