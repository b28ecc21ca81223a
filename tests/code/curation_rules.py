"""Rules of curation for tests."""

from __future__ import annotations

from typing import Any

from bioner.config import Curate, Thresholds

LIMITS: dict[str, Any] = {
    "sentences": (1, 20),
    "newlines": 3.0,
    "stop_words": 0.05,
    "words": (4, 30),
    "special": 0.3,
    "capitals": 0.5,
    "diversity": 0.3,
    "repetition": 0.4,
}


def rules(**changes: Any) -> Curate:
    """Rules with small limits, the same for both languages."""
    values: dict[str, Any] = {
        "quality": {"en": Thresholds(**LIMITS), "zh": Thresholds(**LIMITS)},
        "near_duplicate": 0.7,
        "decontaminate_ngram": 5,
        "max_leakage": 0.1,
        "engine": "processes",
        "workers": 1,
        "limit": 1000,
    }
    return Curate(**(values | changes))
