"""A causal LM of this machine that is asked as an endpoint is: requests in, replies that meet their schemas out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

from bioner.errors import ModelError
from bioner.tagger.backbone import Backbone
from bioner.teacher.chat import Reply, Request, RequestError
from bioner.teacher.local_decoding import Constrain, Ended, Row
from bioner.teacher.local_grammar import Grammars

TOO_LONG = "text too long for the model"
NOT_HELD = "schema too much for the grammar"


class LocalModel:
    """Answers chats with a causal LM.

    Args:
        backbone: the model; how it was loaded to attend is changed.
        batch_size: answers that are written side by side.
        name: what replies say that they are of.

    Raises:
        ModelError: its tokenizer cannot be held to schemas.
    """

    def __init__(self, backbone: Backbone, batch_size: int, name: str) -> None:
        self._model, self._tokenizer = backbone.model, backbone.tokenizer
        self._model.set_attn_implementation("sdpa")  # it may be loaded for the packed passes of the tagger
        self._model.generation_config = GenerationConfig()  # what the model's makers like to sample with is not ours
        self._batch_size = batch_size
        self._name = name
        self._longest = getattr(self._model.config, "max_position_embeddings", None)
        self._grammars = Grammars(self._tokenizer, self._model.get_output_embeddings().weight.shape[0])
        added = sorted(filter(str.strip, self._tokenizer.get_added_vocab()), key=len, reverse=True)
        self._special = re.compile("|".join(map(re.escape, added)) or r"(?!)")

    def ask(self, requests: Sequence[Request]) -> Iterator[Reply | RequestError]:
        """The reply to each request, or why there is none, in order; batches are cut from the list as it is.

        Raises:
            ModelError: the chat template or the grammar refuses all such requests.
        """
        for begin in range(0, len(requests), self._batch_size):
            yield from self._batch(requests[begin : begin + self._batch_size])

    def _batch(self, requests: Sequence[Request]) -> Iterator[Reply | RequestError]:
        prompts = [self._tokens(request) for request in requests]
        fitting = [number for number, request in enumerate(requests) if self._fits(prompts[number], request)]
        rows = {number: self._row(requests[number]) for number in fitting}
        if fitting:
            self._write([prompts[number] for number in fitting], list(rows.values()))
        for number, prompt in enumerate(prompts):
            yield self._reply(prompt, rows[number]) if number in rows else RequestError(TOO_LONG)

    def _fits(self, prompt: Sequence[int], request: Request) -> bool:
        return self._longest is None or len(prompt) + request.max_tokens <= self._longest

    def _row(self, request: Request) -> Row:
        if request.schema is None:
            raise ValueError("a local model answers under a schema only")
        noise = torch.Generator().manual_seed(request.seed or 0)
        return Row(self._grammars.begin(request.schema.value), request.max_tokens, request.temperature, noise)

    def _tokens(self, request: Request) -> list[int]:
        """The conversation in tokens; what a text has that looks like a token of the chat is parted by a blank."""
        said = [
            {"role": role, "content": self._special.sub(lambda token: f"{token[0][0]} {token[0][1:]}", content)}
            for role, content in request.messages
        ]
        try:
            prompt = self._tokenizer.apply_chat_template(
                said, tokenize=False, add_generation_prompt=True, enable_thinking=False
            )
        except Exception as error:  # templates raise what they like
            mend = "choose a model whose chat template takes a system message and turns of examples"
            raise ModelError(f"the chat template of the teacher's model fails: {error}", mend=mend) from error
        tokens: list[int] = self._tokenizer(prompt, add_special_tokens=False)["input_ids"]
        return tokens

    def _write(self, prompts: Sequence[Sequence[int]], rows: Sequence[Row]) -> None:
        """Write the answers; those that end sooner wait for the last."""
        width = max(map(len, prompts))
        padding: Any = self._tokenizer.pad_token_id or 0  # whatever it is, the mask hides it
        tokens = torch.tensor([[padding] * (width - len(prompt)) + list(prompt) for prompt in prompts])
        mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
        device = self._model.device
        self._model.generate(
            inputs=tokens.to(device),
            attention_mask=mask.to(device),
            generation_config=GenerationConfig(
                max_new_tokens=max(row.limit for row in rows), do_sample=False, pad_token_id=padding
            ),
            logits_processor=LogitsProcessorList([Constrain(rows)]),
            stopping_criteria=StoppingCriteriaList([Ended(rows)]),
        )

    def _reply(self, prompt: Sequence[int], row: Row) -> Reply | RequestError:
        if row.matcher.is_error():
            return RequestError(NOT_HELD, said=row.matcher.get_error())
        finish = "stop" if row.complete else "length"
        return Reply(self._grammars.text(row.tokens), finish, len(prompt), len(row.tokens), self._name)
