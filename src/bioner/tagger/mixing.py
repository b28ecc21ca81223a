"""Mixing languages: how many of the batches of an epoch each language has, by a temperature."""

from __future__ import annotations

from collections.abc import Mapping


def batch_counts(batches: Mapping[str, int], temperature: float) -> dict[str, int]:
    """Language -> its batches in an epoch, as many in all as there are.

    A language has a share p of them that is proportional to n^(1/T), for its own n batches and the temperature T
    (Devlin et al. 2018, multilingual BERT; Conneau et al. 2020, arXiv 1911.02116, with 1/T as alpha). With T = 1 each
    has its own; the higher T, the more alike are the shares. Rounded by largest remainder; each has one at least.

    Args:
        batches: language -> batches in which each of its windows is once; at least one.
        temperature: above 0.
    """
    total, most = sum(batches.values()), max(batches.values())
    weights = {language: (count / most) ** (1.0 / temperature) for language, count in batches.items()}
    exact = {language: total * weight / sum(weights.values()) for language, weight in weights.items()}
    counts = {language: int(share) for language, share in exact.items()}
    by_remainder = sorted(counts, key=lambda language: counts[language] - exact[language])
    for language in by_remainder[: total - sum(counts.values())]:
        counts[language] += 1
    for language in [language for language, count in counts.items() if count == 0]:
        counts[max(counts, key=counts.__getitem__)] -= 1
        counts[language] = 1
    return counts
