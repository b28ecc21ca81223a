"""The figures of a project: of stages under way and ended, of results and of a teacher, whatever is on disk."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import pytest
from scraped import Read

from bioner.documents import Span
from bioner.files import write_json
from bioner.pipeline.record import Done, Record, begin, keep, log_of, record_files
from bioner.pipeline.workspace import Workspace
from bioner.stages import layout
from bioner.teacher.annotation import Annotation
from bioner.teacher.budget import Spent
from bioner.teacher.cache import RecordCache, open_cache
from bioner.teacher.cache_rows import Record as Said
from bioner.teacher.chunks import key_of
from bioner.watching import teachers
from bioner.watching.collector import workspaces
from bioner.watching.families import FAMILIES

FOUND = Annotation((Span.of(0, 4, "drug", 0.9),), {"not in the text": 2})
KEYS = [key_of(number) for number in range(10)]


@pytest.fixture
def read(reader: Callable[[], Read]) -> Read:
    return reader()


def annotate(cache: RecordCache) -> None:
    """Six of ten texts: four with a span, one without, one that failed."""
    said = [FOUND] * 4 + [Annotation(), Annotation(failure="cut off")]
    cache.put([Said(key, one) for key, one in zip(KEYS, said, strict=False)], Spent(6, 3000, 600))


def test_an_empty_project_has_the_names_of_all_figures_and_no_error(read: Read) -> None:
    read.again()
    assert {name for name, _ in read.figures} == {"bioner_shards_left", "bioner_watching_errors_total"}
    assert sum(read.figures.values()) == 0
    names = [family.name for family in FAMILIES]
    assert len(names) == len(set(names))
    assert all(name.startswith("bioner_") for name in names)


def test_a_stage_under_way_tells_its_speed_and_what_is_left(read: Read) -> None:
    workspace = Workspace(read.project)
    begin(workspace, "finetune@mini")
    log = log_of(workspace, "finetune@mini")
    log.parent.mkdir(parents=True)
    log.write_text("loading\nfinetune mini 30/400, 12.5/s, 30 s left\n", encoding="utf-8")
    read.again()
    assert read("bioner_stage_running", workspace=".", stage="finetune@mini") == 1
    assert read("bioner_stage_failed") == 0
    assert read("bioner_stage_items", what="finetune mini") == 400
    assert read("bioner_stage_items_left") == 370
    assert read("bioner_stage_items_per_second") == 12.5
    assert read("bioner_stage_left_seconds") == 30
    assert read("bioner_stage_silent_seconds") is not None
    assert read("bioner_stage_succeeded_timestamp_seconds") is None  # it never ended so far
    log.write_text("writing the model\n", encoding="utf-8")
    read.again()
    assert read("bioner_stage_items_per_second") is None


def test_the_last_success_and_its_seconds_outlive_failures_and_runs_that_had_nothing_to_do(read: Read) -> None:
    workspace = Workspace(read.project)
    ran = keep(workspace, Record("curate", Done.RUNNING, time.time() - 100).after(Done.RAN))
    cached = keep(workspace, begin(workspace, "curate").after(Done.CACHED))
    keep(workspace, begin(workspace, "curate").after(Done.FAILED))
    read.again()
    assert read("bioner_stage_failed", stage="curate") == 1
    assert read("bioner_stage_running", stage="curate") == 0
    assert read("bioner_stage_succeeded_timestamp_seconds") == pytest.approx(cached.succeeded)
    assert read("bioner_stage_run_seconds") == pytest.approx(ran.seconds)
    assert ran.seconds >= 100


def test_results_are_told_with_what_was_rejected_and_why(read: Read) -> None:
    workspace = Workspace(read.project)
    for stage in ("distill", "validate", "curate"):
        keep(workspace, begin(workspace, stage).after(Done.RAN))
    write_json(read.project / "metrics/distill.json", {"documents": 90, "spans": 300, "failed": {"cut off": 10}})
    reasons = {"label": 3, "density": 2}
    write_json(read.project / "metrics/validate.json", {"accepted": 85, "quarantined": 5, "reasons": reasons})
    read.again()
    assert read("bioner_stage_figure", stage="distill", figure="spans") == 300
    assert read("bioner_stage_figure", stage="validate", figure="accepted") == 85
    assert read("bioner_rejected_documents", stage="distill", reason="cut off") == 10
    assert read("bioner_rejected_documents", stage="validate", reason="label") == 3


def test_a_teacher_at_work_tells_queue_yield_rejects_tokens_and_cost(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = read.project / layout.RECORDS / "0123.sqlite"
    shard = read.project / ".bioner/shards/99/000001.jsonl"
    shard.parent.mkdir(parents=True)
    shard.touch()
    monkeypatch.setattr(teachers, "_REST", -1.0)  # read again at once
    with open_cache(file, {"model": "big"}) as cache:
        cache.ask(KEYS)
        with cache.run((2.0, 10.0)):
            annotate(cache)
            read.again()
            assert read("bioner_teacher_running", workspace=".", model="big", cache="0123") == 1
            assert read("bioner_teacher_texts") == 10
            assert read("bioner_teacher_texts_left") == 4
            assert (read("bioner_teacher_texts_per_second") or 0) > 0
            assert read("bioner_teacher_left_seconds") is not None
    assert read("bioner_teacher_annotated_texts") == 5
    assert read("bioner_teacher_yield_ratio") == pytest.approx(0.8)
    assert read("bioner_teacher_spans") == 4
    assert read("bioner_teacher_rejected_texts", reason="cut off") == 1
    assert read("bioner_teacher_mismatches", reason="not in the text") == 8
    assert read("bioner_teacher_replies_total") == 6
    assert read("bioner_teacher_prompt_tokens_total") == 3000
    assert read("bioner_teacher_completion_tokens_total") == 600
    assert read("bioner_teacher_cost_total") == pytest.approx(0.012)
    assert read("bioner_shards_left", workspace=".") == 1
    read.again()
    assert read("bioner_teacher_running") == 0
    assert read("bioner_teacher_left_seconds") is None


def test_a_large_cache_is_not_read_again_at_once(read: Read) -> None:
    with open_cache(read.project / layout.RECORDS / "0123.sqlite", {"model": "big"}) as cache:
        cache.ask(KEYS)
        with cache.run():
            read.again()
            before = read("bioner_teacher_annotated_texts")
            ((file, (_, status)),) = read.teachers._known.items()
            read.teachers._known[file] = float("inf"), status  # as if it had taken an age
            annotate(cache)
            read.again()
    assert before == read("bioner_teacher_annotated_texts") == 0


def test_profiles_and_clones_of_scheduled_runs_are_told_apart(read: Read) -> None:
    project = read.project
    clone = project / ".bioner/scheduled/ncbi"
    for workspace in (Workspace(project, "ncbi"), Workspace(clone), Workspace(clone, "ncbi")):
        begin(workspace, "curate")
    (project / "workspaces/never-run").mkdir()
    names = {workspace.root.relative_to(project).as_posix() for workspace in workspaces(project)}
    assert names == {".", "workspaces/ncbi", ".bioner/scheduled/ncbi", ".bioner/scheduled/ncbi/workspaces/ncbi"}
    read.again()
    for name in names - {"."}:
        assert read("bioner_stage_running", workspace=name) == 1


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"stage": "curate"}', "\0\0\0"])
def test_a_damaged_file_is_an_error_that_is_counted_and_hides_nothing_else(
    read: Read, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = Workspace(read.project)
    keep(workspace, begin(workspace, "validate").after(Done.RAN))
    keep(workspace, begin(workspace, "curate").after(Done.RAN))
    record_files(workspace)[0].write_text(damage)
    (read.project / "metrics").mkdir()
    (read.project / "metrics/validate.json").write_text(damage)
    cache = read.project / layout.RECORDS / "0123.sqlite"
    cache.parent.mkdir(parents=True)
    cache.write_text(f"no database {damage}")
    with caplog.at_level(logging.WARNING):
        read.again()
        read.again()
    assert read("bioner_stage_running", stage="validate") == 0
    assert read("bioner_stage_running", stage="curate") is None
    assert read("bioner_watching_errors_total", source="stages") == 2
    assert read("bioner_watching_errors_total", source="teacher") == 2
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == len(set(told))  # once, not at each reading
    begin(workspace, "curate")  # it stops no run
    read.again()
    assert read("bioner_stage_running", stage="curate") == 1
    assert read("bioner_watching_errors_total", source="stages") == 2


def test_reading_while_stages_write_never_fails(read: Read) -> None:
    workspace, over = Workspace(read.project), threading.Event()

    def write() -> None:
        while not over.is_set():
            keep(workspace, begin(workspace, "curate").after(Done.RAN))
            write_json(read.project / "metrics/curate.json", {"kept": 5})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(30):
            read.again()
    finally:
        over.set()
        writer.join()
    assert sum(value for (name, _), value in read.figures.items() if name == "bioner_watching_errors_total") == 0
