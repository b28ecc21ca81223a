"""What the model is asked, in English and Chinese: the instruction around a source, and what begins each answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bioner.files import hash_value
from bioner.tagger.pieces import Pieces, Tokens

_SOURCE = "\u241e"  # stands for the source while the chat template is filled in; no instruction holds it

_TAGGING = {
    "en": "Copy the text once for each entity type and put [ ] around the mentions of that type.\nText:",
    "zh": "对每种实体类型各抄一遍文本，并用 [ ] 标出该类型的提及。\n文本：",
}
_JUDGING = {
    "en": "Is the part in [ ] exactly one mention of the entity type that is named?\nText:",
    "zh": "[ ] 中的部分是否恰好是所给类型的一个实体提及？\n文本：",
}
_HEADER = "{name}:"
YES, NO = " yes", " no"


def fingerprint() -> str:
    """Hash of all wording: a model is only good with the prompts it was trained on."""
    return hash_value([_TAGGING, _JUDGING, _HEADER, YES, NO])


@dataclass(frozen=True, slots=True)
class Prompt:
    """The tokens before and after the source in a conversation that the model is to answer."""

    before: Tokens
    after: Tokens


def tagging(language: str, tokenizer: Any, pieces: Pieces) -> Prompt:
    """The prompt whose answers are tagged lines; English, unless there is one in the language."""
    return _prompt(_TAGGING, language, tokenizer, pieces)


def judging(language: str, tokenizer: Any, pieces: Pieces) -> Prompt:
    """The prompt whose answers judge one marked span each."""
    return _prompt(_JUDGING, language, tokenizer, pieces)


def _prompt(wording: dict[str, str], language: str, tokenizer: Any, pieces: Pieces) -> Prompt:
    content = wording.get(language, wording["en"]) + _SOURCE
    messages = [{"role": "user", "content": content}]
    filled: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    before, _, after = filled.partition(_SOURCE)
    return Prompt(pieces.of_text(before), pieces.of_text(after))


def header(name: str, pieces: Pieces) -> Tokens:
    """What begins the answer about a type."""
    return pieces.of_text(_HEADER.format(name=name))
