"""Loading the `evaluate` module by path, which needs no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import evaluate

MODULE = Path(__file__).with_name("ner_metric.py")


def load_metric(cache: Path) -> evaluate.EvaluationModule:
    """Load the metric as an `evaluate` module.

    `evaluate` asks the hub for anything that is not the path of a file, so it is given an absolute one. It copies the
    module into its own module cache (below HF_HOME); the documents that are added to the metric stay in memory.

    Args:
        cache: a folder that `evaluate` may use.
    """
    import evaluate

    return evaluate.load(str(MODULE.resolve()), cache_dir=str(cache), keep_in_memory=True)
