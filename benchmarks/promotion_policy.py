"""How often the promotion policy is wrong: equal models that are promoted, better ones that are not, losses it misses.

Two models annotate the same simulated documents. A document is easy or hard for both; given that, each finds every
mention by chance. `--documents` and `--pairs` say how many; the result is a table, and JSON with `--json FILE`.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bioner.config import Promotion
from bioner.documents import Document, Span
from bioner.evaluation.group_significance import compare_groups
from bioner.evaluation.score import score_documents
from bioner.evaluation.significance import compare
from bioner.files import write_json
from bioner.tracking.policy import Decision, Versus, decide, resamples_for
from bioner.tracking.policy_findings import Findings

TYPES = ("drug", "disease", "gene", "anatomy", "procedure", "organism")
_WEIGHTS = (30, 25, 20, 15, 7, 3)  # the last ones are rare
_RECALL = 0.7
_SPURIOUS = 0.25  # wrong predictions per mention
_MENTIONS = 6  # of a document at the most
_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of simulated pairs.

    Attributes:
        documents: of the test set.
        pairs: how many were simulated.
        gain: recall of the challenger over that of the champion, in points, in all types but one.
        loss: of the recall in the second type, in points.
        f1: mean difference in F1.
        significant: the test of all mentions found the challenger better.
        kept_out: a type was found to be worse.
        promoted: every rule passed.
    """

    documents: int
    pairs: int
    gain: float
    loss: float
    f1: float
    significant: float
    kept_out: float
    promoted: float


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, nargs="+", default=[30, 60, 200])
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--gains", type=float, nargs="+", default=[0.0, 0.05, 0.1])
    parser.add_argument("--losses", type=float, nargs="+", default=[0.0])
    parser.add_argument("--level", type=float, default=0.05, help="of both tests")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    policy = _policy(chosen.level)
    found = [
        simulate(policy, documents, chosen.pairs, gain, loss)
        for documents in chosen.documents
        for gain in chosen.gains
        for loss in chosen.losses
    ]
    _show(found)
    if chosen.json:
        write_json(chosen.json, [asdict(rates) for rates in found])


def _policy(level: float) -> Promotion:
    return Promotion(
        metric="strict",
        min_gain=0.0,
        significance=level,
        min_f1=0.0,
        floor_per_type=0.0,
        floor_per_language=0.0,
        type_significance=level,
        validation=False,
    )


def simulate(policy: Promotion, documents: int, pairs: int, gain: float, loss: float) -> Rates:
    """Judge pairs of models whose recalls differ by `gain`, but in the second type by `-loss` where that is not 0.

    Of two equal models each is the challenger once: what one has by luck, the other lacks.
    """
    judged: list[tuple[float, Decision]] = []
    for seed in range(pairs):
        rng = random.Random(f"{documents} {gain} {loss} {seed}")
        gold, hardness = _gold(rng, documents), [rng.betavariate(8, 2) / 0.8 for _ in range(documents)]
        champion = _predict(rng, gold, hardness, dict.fromkeys(TYPES, 0.0))
        better = dict.fromkeys(TYPES, gain) | ({TYPES[1]: -loss} if loss else {})
        challenger = _predict(rng, gold, hardness, better)
        judged.append(_judge(policy, gold, champion, challenger, seed=seed))
        if not (gain or loss):
            judged.append(_judge(policy, gold, challenger, champion, seed=seed))
    failed = [{rule.name for rule in decision.rules if not rule.passed} for _, decision in judged]
    counts = (
        sum(not names & {"min_gain", "significance"} for names in failed),
        sum("type_significance" in names for names in failed),
        sum(decision.promote for _, decision in judged),
    )
    shares = (round(count / len(judged), 4) for count in counts)
    f1 = round(sum(difference for difference, _ in judged) / len(judged), 4)
    return Rates(documents, pairs, gain, loss, f1, *shares)


def _judge(
    policy: Promotion,
    gold: Sequence[Document],
    champion: Sequence[Document],
    challenger: Sequence[Document],
    *,
    seed: int,
) -> tuple[float, Decision]:
    overall = compare(gold, champion, challenger, resamples=_RESAMPLES, seed=seed)
    enough = resamples_for(len(TYPES), policy.type_significance, _RESAMPLES)
    groups = compare_groups(gold, champion, challenger, resamples=enough, seed=seed)
    versus = Versus(overall, {name: test for (kind, name), test in groups.items() if kind == "types"})
    scores = score_documents(gold, challenger, resamples=1, modes=("strict",)).schemes["strict"]
    return overall.difference, decide(policy, scores, versus, Findings())


def _gold(rng: random.Random, documents: int) -> list[Document]:
    found = []
    for number in range(documents):
        labels = rng.choices(TYPES, _WEIGHTS, k=rng.randint(0, _MENTIONS))
        spans = [Span.of(4 * place, 4 * place + 2, label) for place, label in enumerate(labels)]
        found.append(Document(f"{number:05}", "ab, " * (2 * _MENTIONS), "en", tuple(spans)))
    return found


def _predict(
    rng: random.Random, gold: Sequence[Document], hardness: Sequence[float], better: dict[str, float]
) -> list[Document]:
    predicted = []
    for document, factor in zip(gold, hardness, strict=True):
        chances = [(span, (_RECALL + better[span.label]) * factor) for span in document.spans]
        found = [span for span, chance in chances if rng.random() < chance]
        places = range(_MENTIONS, _MENTIONS + len(document.spans))
        wrong = [Span.of(4 * p, 4 * p + 2, rng.choices(TYPES, _WEIGHTS)[0]) for p in places if rng.random() < _SPURIOUS]
        predicted.append(document.with_spans([*found, *wrong]))
    return predicted


def _show(found: Sequence[Rates]) -> None:
    table = Table(
        "documents", "pairs", "gain", "loss in a type", "mean F1", "better", "type worse", "promoted", box=None
    )
    for rates in found:
        table.add_row(*(str(value) for value in asdict(rates).values()))
    Console().print(table)


if __name__ == "__main__":
    main()
