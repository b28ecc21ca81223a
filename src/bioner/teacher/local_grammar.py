"""JSON schemas as grammars over the tokens of one model: which tokens may come next.

The grammars are those of `llguidance`. JSON is written as `json.dumps` does, one blank after commas and colons, as the
examples of our prompts have it; no other blanks are allowed between values, of which weak models write endlessly many.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bioner.errors import ModelError

if TYPE_CHECKING:
    from llguidance import LLMatcher

_SAID = ('{"entities": [{"id": 0, "text": "β-blocker 40 mg"}]}', "急性哮喘\n")  # with tokens of all kinds
_FORM: Any = {"item_separator": ", ", "key_separator": ": ", "whitespace_flexible": False}


class Grammars:
    """Makes grammars for one tokenizer; that of each schema is compiled once.

    Args:
        tokenizer: a fast one.
        width: how many logits the model has, which may be more than its tokenizer has tokens.

    Raises:
        ModelError: the tokenizer cannot be used.
    """

    def __init__(self, tokenizer: Any, width: int) -> None:
        from llguidance import LLTokenizer

        width = max(width, len(tokenizer))
        try:
            self._tokens = LLTokenizer(_serialised(tokenizer), n_vocab=width, eos_token=_end(tokenizer))
        except ValueError as error:
            raise _unfit() from error
        if any(self._read(tokenizer, said) != said for said in _SAID):
            raise _unfit()
        self._compiled: dict[str, LLMatcher] = {}

    def begin(self, schema: Mapping[str, Any]) -> LLMatcher:
        """The grammar of a schema, at its beginning.

        Raises:
            ModelError: the schema cannot be held to.
        """
        from llguidance import LLMatcher

        said = json.dumps(schema)
        if said not in self._compiled:
            matcher = LLMatcher(self._tokens, LLMatcher.grammar_from_json_schema(said, overrides=_FORM))
            if matcher.is_error():
                raise ModelError(f"the schema of the answers cannot be held to: {matcher.get_error()}")
            self._compiled[said] = matcher
        return self._compiled[said].deep_copy()

    def text(self, tokens: Sequence[int]) -> str:
        """What tokens say; bytes that are no character, where an answer was cut off, become U+FFFD."""
        return self._tokens.decode_str(list(tokens))

    def _read(self, tokenizer: Any, said: str) -> str:
        """A text by way of the model's tokens: what the grammar takes them for, but for a blank at the beginning."""
        return self.text(tokenizer(said, add_special_tokens=False)["input_ids"]).lstrip()


def _serialised(tokenizer: Any) -> str:
    """The tokenizer as JSON.

    What its tokens mean in bytes is told from its decoder, and one that was read from a GGUF file has a decoder that
    does not go with its tokens (transformers 5.16).
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise _unfit()
    value = json.loads(backend.to_str()) | {"padding": None, "truncation": None}
    if '"ByteLevel"' in json.dumps(value["pre_tokenizer"]):
        value["decoder"] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return json.dumps(value)


def _unfit() -> ModelError:
    what = "the answers of this model cannot be held to a schema: its tokenizer is of another kind"
    return ModelError(what, mend="choose a model with a fast tokenizer (tokenizer.json), byte-level or SentencePiece")


def _end(tokenizer: Any) -> int:
    """A token that no answer holds: answers end with their grammar, not with it."""
    return next(token for token in (tokenizer.eos_token_id, tokenizer.pad_token_id, 0) if token is not None)
