"""Words become tokens one by one, none is lost, and characters that a vocabulary lacks get tokens of their own."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.gliner.backbone import learn_characters
from bioner.gliner.encoding import ENTITY, LONGEST_WORD, unknown_characters
from bioner.words import Words

TEXTS = [
    "5-FU and cisplatin in HER2-positive patients.",
    "肺炎支原体 PCR 阳性，给予 azithromycin 口服",
    "zero\u200bwidth and soft\u00adhyphen \u200d alone",
]


def test_each_word_has_the_tokens_it_has_in_the_whole_text(encoding) -> None:
    words = Words.of(TEXTS[0]).texts(TEXTS[0])
    whole = encoding.tokenizer(words, is_split_into_words=True, add_special_tokens=False)["input_ids"]
    (tokens,) = encoding.words([words])
    assert [token for word in tokens for token in word] == whole


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(TEXTS), st.text(max_size=30)), max_size=4))
def test_every_word_has_a_token_whatever_the_text(encoding_once, texts) -> None:
    split = [Words.of(text).texts(text) for text in texts]
    encoded = encoding_once.words(split)
    assert [len(words) for words in encoded] == [len(words) for words in split]
    assert all(1 <= len(word) <= LONGEST_WORD for words in encoded for word in words)


def test_a_very_long_word_is_read_in_part(encoding) -> None:
    (tokens,) = encoding.words([["acgt" * 20, "end"]])
    assert len(tokens[0]) == LONGEST_WORD
    assert len(tokens[1]) == 1


def test_prompts_put_a_marker_before_each_name(encoding) -> None:
    marker = encoding.tokenizer.convert_tokens_to_ids(ENTITY)
    prompts = encoding.prompts(["disease", "gene or protein"])
    assert [prompt[0] for prompt in prompts] == [marker, marker]
    assert encoding.tokenizer.decode(prompts[1][1:]) == "gene or protein"


def test_a_prompt_is_limited_by_its_longest_names(encoding) -> None:
    limit = encoding.prompt_limit
    assert encoding.fitting([(0,) * 2] * 3) == 3
    assert encoding.fitting([(0,) * 5, (0,) * (limit - 4), (0,) * 3]) == 1
    assert encoding.fitting([(0,) * (limit + 1)]) == 0


def test_unknown_characters_get_tokens_and_embeddings_that_differ(tiny) -> None:
    texts = ["疾病", "药物 药"]
    before = len(tiny.encoding.tokenizer)
    unknown = unknown_characters(tiny.encoding.tokenizer, texts)
    assert learn_characters(tiny, texts) == len(unknown) > 1
    assert unknown_characters(tiny.encoding.tokenizer, texts) == []
    assert learn_characters(tiny, texts) == 0
    embeddings = tiny.network.token_rep_layer.get_input_embeddings().weight
    assert len(embeddings) == before + len(unknown) == tiny.network.config.vocab_size
    disease, drug = tiny.encoding.prompts(["疾病", "药物"])
    assert disease != drug
    assert (embeddings[before] - embeddings[before + 1]).norm() > 0.1 * embeddings[before].norm()
