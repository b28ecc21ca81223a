"""A training that is killed again and again ends in the adapter of one that was left alone, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_tagging
from killing import forkserver, killed_at

from bioner.seeds import generator

pytestmark = pytest.mark.slow


_SLOW_TO_IMPORT = ["peft", "transformers.models.auto.modeling_auto", "transformers.models.llama.modeling_llama"]


def test_killed_at_two_random_steps_it_writes_the_same_adapter(tiny_base: Path, tmp_path: Path) -> None:
    base, checkpoint, out = f"path:{tiny_base}", tmp_path / "checkpoint.pt", tmp_path / "resumed.safetensors"
    arguments = base, str(checkpoint), str(out)
    server = forkserver(["tiny_tagging", *_SLOW_TO_IMPORT])
    steps = sorted(generator(5, "kills").sample(range(1, tiny_tagging.STEPS - 1), 2))
    killed_at(server, steps, tiny_tagging.report, arguments, checkpoint=checkpoint, out=out)
    final = server.Process(target=tiny_tagging.run, args=arguments)
    final.start()
    final.join()
    assert final.exitcode == 0
    tiny_tagging.run(base, str(tmp_path / "other.pt"), str(tmp_path / "undisturbed.safetensors"))
    assert out.read_bytes() == (tmp_path / "undisturbed.safetensors").read_bytes()
