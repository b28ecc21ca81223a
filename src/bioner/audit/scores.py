"""The scores of a version: the tag against the evaluation, and the predictions scored once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bioner.audit.findings import RESTORE, Finding
from bioner.audit.subject import Subject
from bioner.audit.values import alike, flat, mapping
from bioner.config import parse_params
from bioner.errors import BionerError
from bioner.evaluation.pairing import read_pool
from bioner.evaluation.score import score_documents
from bioner.tracking.evidence import GOLD, PREDICTIONS, hash_test_set
from bioner.tracking.registry import SCORES, TEST

_TOLERANCE = 1e-6  # scores are kept to six decimals


def check_scores(subject: Subject) -> Iterator[Finding]:
    """What the version says of its scores."""
    yield from _scores_of_tag(subject)
    yield from _scored_again(subject)


def _scores_of_tag(subject: Subject) -> Iterator[Finding]:
    """The summary on the version says what the evaluation said."""
    file = subject.file("evaluation.json")
    if file is None or SCORES not in subject.version.tags:
        yield Finding.unchecked(
            "registry", f"tag {SCORES}", "the scores or the evaluation they come from were not kept"
        )
        return
    tag, kept = mapping(subject.version.tags[SCORES]), mapping(file.read_text(encoding="utf-8", errors="replace"))
    try:
        expected = _summary(kept.get("scores", {}))
    except (AttributeError, KeyError, TypeError):
        yield Finding.wrong("evidence", "evaluation.json", "it holds no scores as an evaluation writes them", RESTORE)
        return
    found = {key: value for key, value in flat(tag).items() if key in expected}
    wrong = [key for key, value in expected.items() if key in found and not alike(found[key], value, _TOLERANCE)]
    for key in wrong:
        what = f"{key} is {found[key]}, evaluation.json says {expected[key]}"
        yield Finding.wrong("registry", f"tag {SCORES}: {key}", what, RESTORE)
    if not found:
        yield Finding.wrong("registry", f"tag {SCORES}", "it holds no scores of evaluation.json", RESTORE)
    elif not wrong:
        yield Finding.right("registry", f"tag {SCORES}")


def _summary(scores: Mapping[str, Any]) -> dict[str, Any]:
    """What the tag should hold, flat."""
    summary: dict[str, Any] = {"documents": scores.get("documents")}
    for mode, scheme in scores.get("schemes", {}).items():
        summary |= {f"schemes.{mode}.micro.{key}": value for key, value in scheme["micro"].items() if key != "interval"}
        for group in ("types", "languages"):
            summary |= {f"schemes.{mode}.{group}.{key}": score["f1"] for key, score in scheme[group].items()}
    return summary


def _scored_again(subject: Subject) -> Iterator[Finding]:
    """The predictions against the test documents: the one witness that cannot be edited."""
    predictions, gold, item = subject.file(PREDICTIONS), subject.file(GOLD), f"tag {SCORES}: scored again"
    if predictions is None or gold is None:
        yield Finding.unchecked("registry", item, "test documents or predictions were not kept")
        return
    yield from _test_tag(subject, gold)
    try:
        scores = score_documents(read_pool(gold), read_pool(predictions), resamples=1)
    except BionerError as error:
        yield Finding.wrong("evidence", PREDICTIONS, error.what, RESTORE)
        return
    tag = flat(mapping(subject.version.tags.get(SCORES, "{}")))
    counts = {
        f"schemes.{mode}.micro.{key}": value
        for mode, scheme in scores.schemes.items()
        for key, value in (("right", scheme.micro.right), ("gold", scheme.micro.gold), ("f1", scheme.micro.f1))
    }
    wrong = {key: value for key, value in counts.items() if key in tag and not alike(tag[key], value, _TOLERANCE)}
    what = "; ".join(f"{key} is {tag[key]}, scored again {value}" for key, value in wrong.items())
    yield Finding.judged("registry", item, holds=not wrong, what=what, mend=RESTORE)


def _test_tag(subject: Subject, gold: Path) -> Iterator[Finding]:
    item = f"tag {TEST}"
    try:
        found = hash_test_set(gold, parse_params(subject.params, "params.yaml"))
    except BionerError:
        yield Finding.unchecked("registry", item, "the params kept with the version are none that this code can read")
        return
    tag = subject.version.tags.get(TEST)
    what = f"it is {tag}, the test documents and types give {found}"
    yield Finding.judged("registry", item, holds=tag == found, what=what, mend=RESTORE)
