"""A training that is killed again and again ends in the weights of one that was left alone, bit for bit."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_training
import torch
from killing import forkserver, killed_at

from bioner.seeds import generator

pytestmark = pytest.mark.slow

_SLOW_TO_IMPORT = ["gliner", "transformers.models.auto.modeling_auto", "transformers.models.bert.modeling_bert"]


def test_killed_at_five_random_steps_it_stops_early_at_the_same_weights(tiny_encoder: Path, tmp_path: Path) -> None:
    encoder, checkpoint, out = f"path:{tiny_encoder}", tmp_path / "checkpoint.pt", tmp_path / "resumed.pt"
    arguments = encoder, str(checkpoint), str(out)
    last = 20  # where its scores make it stop, of tiny_training.STEPS
    server = forkserver(["tiny_training", *_SLOW_TO_IMPORT])
    steps = sorted(generator(5, "kills").sample(range(1, last - 1), 5))
    killed_at(server, steps, tiny_training.report, arguments, checkpoint=checkpoint, out=out)
    _open, its = server.Pipe(duplex=False)
    final = server.Process(target=tiny_training.report, args=(its, *arguments))
    final.start()
    final.join()
    tiny_training.run(encoder, str(tmp_path / "other.pt"), str(tmp_path / "undisturbed.pt"), early=True)
    resumed, undisturbed = (torch.load(tmp_path / f"{name}.pt") for name in ("resumed", "undisturbed"))
    assert len(undisturbed["losses"]) == last
    assert resumed["losses"] == undisturbed["losses"]
    assert resumed["weights"].keys() == undisturbed["weights"].keys()
    assert all(torch.equal(value, resumed["weights"][name]) for name, value in undisturbed["weights"].items())
