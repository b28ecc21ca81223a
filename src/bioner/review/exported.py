"""Reading what Label Studio exports ("JSON"): every task with what each annotator made of it, checked on the way."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioner.errors import DataError
from bioner.review.choose import SAMPLES, Sample
from bioner.review.label_studio import LABELS, TEXT

_MEND = "export the project from Label Studio as JSON (not JSON-MIN), and do not edit the file"


@dataclass(frozen=True, slots=True)
class Region:
    """A marked stretch of text.

    Attributes:
        start, end: its offsets, in the unit of the file.
        labels: one or more.
        text: its words, where the file says them.
    """

    start: int
    end: int
    labels: tuple[str, ...]
    text: str | None


@dataclass(frozen=True, slots=True)
class Review:
    """A task as it came back.

    Attributes:
        where: its file and place in it, for errors.
        document: the id of the document.
        text: its text.
        samples: why it was reviewed.
        shown: the fingerprint of what was shown.
        annotations: the regions of each annotator who finished, those of ground truth alone where there are any.
        skipped: how many annotators skipped it.
    """

    where: str
    document: str
    text: str
    samples: tuple[Sample, ...]
    shown: str
    annotations: tuple[tuple[Region, ...], ...]
    skipped: int


def read_tasks(path: Path) -> list[dict[str, Any]]:
    """The tasks of a file, without who annotated them and when: that is nobody's business further on.

    Raises:
        DataError: the file cannot be read, or is no export of Label Studio.
    """
    try:
        tasks = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror}", where=str(path), mend="check the path") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"the review is damaged: not JSON: {error}", where=str(path), mend=_MEND) from error
    if not isinstance(tasks, list):
        raise DataError("the review is not a list of tasks", where=str(path), mend=_MEND)
    return [_slim(item, f"{path}, task {number}") for number, item in enumerate(tasks, 1)]


def _slim(item: Any, where: str) -> dict[str, Any]:
    if not isinstance(item, dict) or not isinstance(item.get("data"), dict):
        raise DataError("a task without its data", where=where, mend=_MEND)
    annotations = item.get("annotations", [])
    if not isinstance(annotations, list) or not all(isinstance(one, dict) for one in annotations):
        raise DataError("the annotations of a task are not a list of objects", where=where, mend=_MEND)
    return {
        "data": item["data"],
        "annotations": [
            {
                "result": one.get("result", []),
                "was_cancelled": bool(one.get("was_cancelled")),
                "ground_truth": bool(one.get("ground_truth")),
            }
            for one in annotations
        ],
    }


def parse_tasks(tasks: Sequence[Mapping[str, Any]], path: str) -> list[Review]:
    """The reviews of tasks that `read_tasks` returned.

    Raises:
        DataError: a task is not one that `bioner review export` made, or a document has two tasks.
    """
    reviews = [_review(task, f"{path}, task {number}") for number, task in enumerate(tasks, 1)]
    seen: dict[str, str] = {}
    for review in reviews:
        if review.document in seen:
            what = f"the document {review.document!r} has a task already: {seen[review.document]}"
            raise DataError(what, where=review.where, mend="let annotators share one task, and give one export of it")
        seen[review.document] = review.where
    return reviews


def _review(task: Mapping[str, Any], where: str) -> Review:
    data = task["data"]
    for key in (TEXT, "document", "shown"):
        if not isinstance(data.get(key), str):
            mend = "import tasks that `bioner review export` wrote, and export them whole"
            raise DataError(f"the data of the task lack {key!r}", where=where, mend=mend)
    samples = data.get("samples")
    if not isinstance(samples, list) or not samples or any(sample not in SAMPLES for sample in samples):
        raise DataError(f"'samples' of the task is not a list of {', '.join(SAMPLES)}", where=where, mend=_MEND)
    finished = [one for one in task["annotations"] if not one["was_cancelled"]]
    truth = [one for one in finished if one["ground_truth"]]
    return Review(
        where=where,
        document=data["document"],
        text=data[TEXT],
        samples=tuple(samples),
        shown=data["shown"],
        annotations=tuple(_regions(one["result"], where) for one in truth or finished),
        skipped=len(task["annotations"]) - len(finished),
    )


def _regions(result: Any, where: str) -> tuple[Region, ...]:
    """The regions of the labels; what other tags that somebody added to the configuration say does not count."""
    if not isinstance(result, list) or not all(isinstance(item, dict) for item in result):
        raise DataError("the result of an annotation is not a list of regions", where=where, mend=_MEND)
    return tuple(_region(item, where) for item in result if item.get("from_name") == LABELS)


def _region(item: Mapping[str, Any], where: str) -> Region:
    value = item.get("value")
    if isinstance(value, Mapping):
        start, end, labels, text = (value.get(key) for key in ("start", "end", "labels", "text"))
        whole = type(start) is int and type(end) is int
        named = isinstance(labels, list) and bool(labels) and all(isinstance(label, str) for label in labels)
        if whole and named and (text is None or isinstance(text, str)):
            return Region(start, end, tuple(labels), text)  # type: ignore[arg-type]
    raise DataError(f"a region without start, end and labels: {item.get('id', '?')}", where=where, mend=_MEND)
