"""Without padding, and with of the last layer only what is read, the logits are those of the whole encoder."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from bioner.config import Variant
from bioner.gliner import unpadded
from bioner.gliner.backbone import open_base
from bioner.gliner.head import span_logits
from bioner.gliner.inputs import Batch, Row, make_batch
from bioner.gliner.model import Gliner
from bioner.seeds import seed_torch

WORDS = ["acute", "HER2", "salbutamol", "-", "of", "pneumonoultramicroscopic", "5"]
NAMES = ["disease", "gene or protein", "drug"]
SHAPES = st.lists(  # of rows: their words and the number of their types
    st.tuples(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), st.integers(1, len(NAMES))),
    min_size=1,
    max_size=6,
)


def _made(variant: Variant, kind: str) -> Gliner:
    encoders, head = kind.split("-")
    seed_torch(7, 1)
    labels = variant.encoder if encoders == "bi" else None
    made = open_base(variant.model_copy(update={"labels_encoder": labels, "head": head}))
    made.network.eval()
    return made


def _batch(model: Gliner, shapes: list[tuple[list[str], int]]) -> Batch:
    tokens, prompts = model.encoding.words([words for words, _ in shapes]), model.encoding.prompts(NAMES)
    rows = [Row(prompts[:types], words, [len(words)]) for words, (_, types) in zip(tokens, shapes, strict=True)]
    return make_batch(rows, model.encoding, 6)


def _padded(model: Gliner, batch: Batch) -> list[Tensor]:
    with pytest.MonkeyPatch.context() as patch, torch.inference_mode():
        patch.setattr(unpadded, "fits", lambda *_: False)
        return span_logits(model.network, batch)


def _check(model: Gliner, shapes: list[tuple[list[str], int]]) -> None:
    batch = _batch(model, shapes)
    with torch.inference_mode():
        assert unpadded.fits(model.network, batch)
        found = span_logits(model.network, batch)
    for one, other in zip(found, _padded(model, batch), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", ["uni-span", "uni-token", "bi-span", "bi-token"])
def test_the_logits_are_those_of_the_whole_encoder_for_any_rows(variant: Variant, kind: str) -> None:
    model = _made(variant, kind)

    @settings(max_examples=20, deadline=None)
    @given(SHAPES)
    def check(shapes: list[tuple[list[str], int]]) -> None:
        _check(model, shapes)

    check()


@pytest.mark.parametrize("change", ["last", "marker", "projection"])
def test_other_networks_are_read_alike(variant: Variant, change: str) -> None:
    """Whose words are their last tokens, whose types are their markers, or whose encoder has another size."""
    model = _made(variant, "uni-span")
    if change == "last":
        model.network.config.subtoken_pooling = "last"
        object.__setattr__(model.encoding, "pooling", "last")
    elif change == "marker":
        model.network.config.embed_ent_token = True
    else:
        model.network.token_rep_layer.projection = torch.nn.Linear(32, 32)
    shapes = [(WORDS[:6], 2), (WORDS[2:], 3), (WORDS[:6], 2)]
    plain = _made(variant, "uni-span")
    before, after = (_padded(one, _batch(one, shapes)) for one in (plain, model))
    assert not all(torch.allclose(*pair) for pair in zip(before, after, strict=True))
    _check(model, shapes)


def test_what_it_cannot_read_goes_the_usual_way(variant: Variant) -> None:
    model = _made(variant, "uni-span")
    network, batch = model.network, _batch(model, [(WORDS, 2)])
    assert not unpadded.fits(network, batch)  # with gradients
    with torch.inference_mode():
        assert unpadded.fits(network, batch)
        network.train()
        assert not unpadded.fits(network, batch)
        network.eval()
        network.config.subtoken_pooling = "mean"
        assert not unpadded.fits(network, batch)
        network.config.subtoken_pooling = "first"
        network.rnn = torch.nn.Identity()
        assert not unpadded.fits(network, batch)
