"""A causal LM that is real but tiny: random weights, a chat template, made in a second."""

from __future__ import annotations

from pathlib import Path

from bioner.config import Tagger
from bioner.documents import Document, Span
from bioner.tagger.network import Lora

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TEXTS = (
    "Patients with acute asthma were given low dose aspirin .",
    "the [ BRCA1 ] gene , a [ receptor ] of yes and no ? disease: drug:",
    "患者有急性哮喘，给予小剂量阿司匹林。",
)


def make_tiny_lm(folder: Path) -> None:
    """Write the model and its tokenizer into a folder."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(TEXTS * 20, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<|endoftext|>")  # noqa: S106
    fast.chat_template = TEMPLATE
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=3,
        num_attention_heads=6,
        num_key_value_heads=2,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    fast.save_pretrained(folder)


def sentence(number: int, text: str, language: str, *mentions: tuple[str, str]) -> Document:
    """A document whose spans are the first occurrences of `(mention, label)`."""
    spans = [Span.of(text.index(mention), text.index(mention) + len(mention), label) for mention, label in mentions]
    return Document(f"d{number}", text, language, tuple(spans))


def tagger_settings(base: str, lora: Lora, *, steps: int, batch_size: int, learning_rate: float) -> Tagger:
    """Settings of a short training on a few short sentences."""
    return Tagger(
        base=base,
        lora_rank=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        layers=lora.layers,
        loss="decisions",
        negative_types=1,
        steps=steps,
        batch_size=batch_size,
        learning_rate=learning_rate,
        warmup=0.1,
        max_words=50,
        dev_documents=1,
    )
