"""From words and type names to the token ids a GLiNER reads, word by word, so that windows can be cut between words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

WordTokens = tuple[tuple[int, ...], ...]  # the token ids of each word
LONGEST_WORD = 32  # tokens of a word that are read: a longer "word" is a sequence or a number, not a name
ENTITY = "<<ENT>>"  # markers of the published GLiNER checkpoints
SEPARATOR = "<<SEP>>"
POOLINGS = ("first", "last")  # with which one token stands for a word


@dataclass(frozen=True)
class Encoding:
    """A tokenizer, seen word by word.

    Attributes:
        tokenizer: a fast tokenizer that knows the two markers.
        entity: the marker before each type name of the prompt.
        separator: the marker between prompt and text.
        positions: longest input of the encoder, in tokens.
        pooling: which tokens stand for a word: `first`, `last`, or all of them (`mean`, `max`).
        labels: the tokenizer of the types, which a bi-encoder reads with an encoder of their own; `None` for a
            uni-encoder, which reads them in a prompt before the words.
        label_positions: longest input of the encoder of the types.
    """

    tokenizer: Any
    entity: str
    separator: str
    positions: int
    pooling: str
    labels: Any = None
    label_positions: int = 0

    @property
    def prompted(self) -> bool:
        """Whether the types stand in a prompt before the words."""
        return self.labels is None

    def words(self, texts: Sequence[Sequence[str]], longest: int | None = LONGEST_WORD) -> list[WordTokens]:
        """The tokens of each word of each text, at most `longest` of each; a word that it drops is unknown."""
        kept = [position for position, words in enumerate(texts) if words]
        encoded: list[WordTokens] = [()] * len(texts)
        if kept:
            batch = self.tokenizer(
                [list(texts[position]) for position in kept],
                is_split_into_words=True,
                add_special_tokens=False,
                verbose=False,
            )
            for row, position in enumerate(kept):
                encoded[position] = self._by_word(
                    batch["input_ids"][row], batch.word_ids(row), len(texts[position]), longest
                )
        return encoded

    def _by_word(self, ids: Sequence[int], owners: Sequence[int | None], count: int, longest: int | None) -> WordTokens:
        words: list[list[int]] = [[] for _ in range(count)]
        for token, owner in zip(ids, owners, strict=True):
            if owner is not None:
                words[owner].append(token)
        return tuple(tuple(word[:longest]) or (self.tokenizer.unk_token_id,) for word in words)

    def prompts(self, names: Sequence[str]) -> list[tuple[int, ...]]:
        """The tokens of each type name, whole: with its marker before it, or as the encoder of the types reads it."""
        if not self.prompted:
            return [tuple(ids) for ids in self.labels(list(names), verbose=False)["input_ids"]]
        encoded = self.words([[self.entity, name] for name in names], longest=None)
        return [tuple(token for word in words for token in word) for words in encoded]

    def mark(self, position: int, tokens: int) -> list[int]:
        """The word mask of one word's tokens: its position at those that stand for it, else 0."""
        if self.pooling == "first":
            return [position] + [0] * (tokens - 1)
        if self.pooling == "last":
            return [0] * (tokens - 1) + [position]
        return [position] * tokens

    @cached_property
    def affixes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The special tokens before and after an input, such as `[CLS]` and `[SEP]`."""
        batch = self.tokenizer([["a"]], is_split_into_words=True)
        ids, owners = batch["input_ids"][0], batch.word_ids(0)
        within = [place for place, owner in enumerate(owners) if owner is not None]
        return tuple(ids[: within[0]]), tuple(ids[within[-1] + 1 :])

    @cached_property
    def separator_token(self) -> int:
        """The token between prompt and text."""
        return int(self.tokenizer.convert_tokens_to_ids(self.separator))

    @property
    def prompt_limit(self) -> int:
        """Tokens that a prompt and its separator may have: a third of the input, nothing for a bi-encoder."""
        return self.positions // 3 + 1 if self.prompted else 0

    def fitting(self, prompts: Sequence[tuple[int, ...]]) -> int:
        """How many of these types fit into one prompt, whichever they are."""
        if not self.prompted:
            return len(prompts) if all(len(prompt) <= self.label_positions for prompt in prompts) else 0
        total = 1  # the separator
        for number, length in enumerate(sorted(map(len, prompts), reverse=True)):
            total += length
            if total > self.prompt_limit:
                return number
        return len(prompts)

    @property
    def text_limit(self) -> int:
        """Tokens that the text of a window may have: what the longest prompt leaves."""
        return self.positions - self.prompt_limit - len(self.affixes[0]) - len(self.affixes[1])


def unknown_characters(tokenizer: Any, texts: Sequence[str]) -> list[str]:
    """The characters of some texts that a tokenizer does not know, in the order of their code points."""
    characters = sorted({character for text in texts for character in text if not character.isspace()})
    unknown = tokenizer.unk_token_id
    if not characters or unknown is None:
        return []
    ids = tokenizer([[c] for c in characters], is_split_into_words=True, add_special_tokens=False)["input_ids"]
    return [c for c, tokens in zip(characters, ids, strict=True) if tokens == [unknown]]
