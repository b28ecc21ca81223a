"""Seeds: one way to make a computation repeatable."""

from __future__ import annotations

import hashlib
import random


def derive(seed: int, *names: str) -> int:
    """A seed for one named part of a computation, independent of the seeds of the other parts."""
    key = "\0".join((str(seed), *names)).encode()
    return int.from_bytes(hashlib.sha256(key).digest()[:4], "big")


def generator(seed: int, *names: str) -> random.Random:
    """A random generator of its own for one named part of a computation."""
    return random.Random(derive(seed, *names))  # noqa: S311


def seed_torch(seed: int, threads: int) -> None:
    """Seed torch and fix its number of threads: floating-point sums depend on both."""
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode("warn")  # what `use_deterministic_algorithms` does, without its slow import
    # what that also does is to fill new memory: no result depends on it, and it took a fourteenth of a training
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
