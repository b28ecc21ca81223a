"""A training that is killed again and again ends in the adapter of one that was left alone, byte for byte."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
import tiny_tagging

from bioner.seeds import generator

pytestmark = pytest.mark.slow


_SLOW_TO_IMPORT = ["peft", "transformers.models.auto.modeling_auto", "transformers.models.llama.modeling_llama"]


def test_killed_at_two_random_steps_it_writes_the_same_adapter(tiny_base: Path, tmp_path: Path) -> None:
    base, checkpoint, out = f"path:{tiny_base}", tmp_path / "checkpoint.pt", tmp_path / "resumed.safetensors"
    arguments = base, str(checkpoint), str(out)
    server = multiprocessing.get_context("forkserver")  # it imports once for all that follow
    server.set_forkserver_preload(["tiny_tagging", *_SLOW_TO_IMPORT])
    for step in sorted(generator(5, "kills").sample(range(1, tiny_tagging.STEPS - 1), 2)):
        mine, its = server.Pipe(duplex=False)
        victim = server.Process(target=tiny_tagging.report, args=(its, *arguments))
        victim.start()
        its.close()
        while mine.recv() < step:
            pass
        victim.kill()
        victim.join()
        assert victim.exitcode == -9
        assert checkpoint.is_file()
        assert not out.exists()
    final = server.Process(target=tiny_tagging.run, args=arguments)
    final.start()
    final.join()
    assert final.exitcode == 0
    tiny_tagging.run(base, str(tmp_path / "other.pt"), str(tmp_path / "undisturbed.safetensors"))
    assert out.read_bytes() == (tmp_path / "undisturbed.safetensors").read_bytes()
