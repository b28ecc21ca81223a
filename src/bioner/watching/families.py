"""Every figure that `bioner metrics` tells, by the names that Prometheus knows; values are put in at each reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily


@dataclass(frozen=True, slots=True)
class Family:
    """A figure.

    Attributes:
        name: as Prometheus has it; a counter is told with `_total` after it.
        says: what it is.
        labels: what tells its values apart.
        counter: whether it only grows.
    """

    name: str
    says: str
    labels: tuple[str, ...] = ()
    counter: bool = False


_STAGE = ("workspace", "stage")
_WHAT = (*_STAGE, "what")
_TEACHER = ("workspace", "model", "cache")
FAMILIES = (
    Family("bioner_stage_running", "Whether the stage is under way", _STAGE),
    Family("bioner_stage_failed", "Whether the last submission of the stage failed", _STAGE),
    Family("bioner_stage_submitted_timestamp_seconds", "When the stage was last submitted", _STAGE),
    Family("bioner_stage_succeeded_timestamp_seconds", "When the stage last ended well or was up to date", _STAGE),
    Family("bioner_stage_run_seconds", "How long the stage took when it last ran to its end", _STAGE),
    Family("bioner_stage_silent_seconds", "Since when a running stage has said nothing", _STAGE),
    Family("bioner_stage_items", "Items that a running stage has to do", _WHAT),
    Family("bioner_stage_items_left", "Those that it has still to do", _WHAT),
    Family("bioner_stage_items_per_second", "Items that it does in a second", _WHAT),
    Family("bioner_stage_left_seconds", "How long it will still take at this speed", _WHAT),
    Family("bioner_stage_figure", "A figure of the last result of the stage", (*_STAGE, "figure")),
    Family("bioner_rejected_documents", "Documents left out of the last result, by reason", (*_STAGE, "reason")),
    Family("bioner_teacher_running", "Whether the teacher annotates, on this machine", _TEACHER),
    Family("bioner_teacher_texts", "Texts that the last run of the teacher had to annotate", _TEACHER),
    Family("bioner_teacher_texts_left", "Those that are not gone through yet", _TEACHER),
    Family("bioner_teacher_texts_per_second", "Texts that it went through in a second", _TEACHER),
    Family("bioner_teacher_left_seconds", "How long it will still take at this speed", _TEACHER),
    Family("bioner_teacher_annotated_texts", "Texts with an annotation", _TEACHER),
    Family("bioner_teacher_yield_ratio", "The share of them in which something was found", _TEACHER),
    Family("bioner_teacher_spans", "How many spans were found", _TEACHER),
    Family("bioner_teacher_rejected_texts", "Texts without an annotation, by reason", (*_TEACHER, "reason")),
    Family("bioner_teacher_mismatches", "What was wrong with answers that were taken", (*_TEACHER, "reason")),
    Family("bioner_teacher_replies", "Answers of the teacher", _TEACHER, counter=True),
    Family("bioner_teacher_prompt_tokens", "Tokens that it was asked", _TEACHER, counter=True),
    Family("bioner_teacher_completion_tokens", "Tokens that it answered", _TEACHER, counter=True),
    Family("bioner_teacher_cost", "What this cost, in the currency of the prices", _TEACHER, counter=True),
    Family("bioner_shards_left", "Shards of texts that no worker has finished", ("workspace",)),
    Family("bioner_gpu_utilization_ratio", "The share of time in which the GPU computed", ("gpu", "model")),
    Family("bioner_gpu_memory_used_bytes", "Memory of the GPU that is in use", ("gpu", "model")),
    Family("bioner_gpu_memory_bytes", "Memory of the GPU", ("gpu", "model")),
    Family("bioner_flow_runs", "Flow runs of Prefect by state; ended ones of the last day", ("state",)),
    Family("bioner_watching_errors", "Sources that could not be read, by what they hold", ("source",), counter=True),
)


class Sheet:
    """The figures of one reading; a family without any value is told by its name alone."""

    def __init__(self) -> None:
        self._families = {family.name: _empty(family) for family in FAMILIES}

    def put(self, name: str, value: float, *labels: str) -> None:
        """Put a value in.

        Args:
            labels: as the family has them.
        """
        self._families[name].add_metric(labels, value)

    def __iter__(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        return iter(self._families.values())


def _empty(family: Family) -> CounterMetricFamily | GaugeMetricFamily:
    if family.counter:
        return CounterMetricFamily(family.name, family.says, labels=family.labels)
    return GaugeMetricFamily(family.name, family.says, labels=family.labels)
