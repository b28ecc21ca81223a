"""The registry and the run of a version: the model folder by two hashes, the tags, params, inputs and metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bioner.audit.findings import RESTORE, Finding
from bioner.audit.subject import Subject
from bioner.audit.values import alike, mapping, short
from bioner.errors import ModelError
from bioner.files import hash_tree
from bioner.lineage.pipeline import File, Stage
from bioner.registered import fetch
from bioner.tracking.names import flatten
from bioner.tracking.provenance import dvc_hash
from bioner.tracking.registry import CONTENT, SCORES, SIZE, TEST
from bioner.tracking.runs import BASE, OUTPUT, base_of

_TOLERANCE = 1e-6
_NAMED_STAGE = "bioner.stage"


def check_registry(subject: Subject) -> Iterator[Finding]:
    """Everything that the tracking store says of a version, by what else says the same."""
    yield from _model(subject)
    yield from _tags(subject)
    yield from _run(subject)
    yield from _measured(subject)


def _model(subject: Subject) -> Iterator[Finding]:
    """The folder is known by a SHA-256 (tag) and an MD5 (`dvc.lock`): which of the three is wrong shows."""
    content, output = subject.version.tags.get(CONTENT, "none"), subject.output(subject.model)
    try:
        folder = fetch(subject.client, subject.version)
    except ModelError as error:
        yield Finding.wrong("registry", "model folder", error.what, error.mend)
        return
    by_tag = hash_tree(folder) == content
    by_lock = output is None or dvc_hash(folder) == output.hash
    if by_tag and by_lock:
        yield Finding.right("registry", "model folder")
    elif not by_tag and (output is None or not by_lock):
        changed = _changed_files(folder, subject)
        yield Finding.wrong(
            "registry", f"model folder{changed}", f"its content is not {content} (tag {CONTENT})", RESTORE
        )
    elif by_tag and output is not None:
        what = f"the registered model is not the one of dvc.lock ({output.hash}), though the tag {CONTENT} fits it"
        yield Finding.wrong("registry", f"model folder and {CONTENT}", what, RESTORE)
    else:
        what = f"it is {content}, but the model, which is that of dvc.lock, has {hash_tree(folder)}"
        yield Finding.wrong("registry", f"tag {CONTENT}", what, RESTORE)
    yield from _base(folder, subject.version.tags.get(BASE))
    size, tag = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()), subject.version.tags.get(SIZE)
    if tag is not None:
        what = f"it is {tag}, the model has {size} bytes"
        yield Finding.judged("registry", f"tag {SIZE}", holds=tag == str(size), what=what, mend=RESTORE)


def _base(folder: Path, tag: str | None) -> Iterator[Finding]:
    if tag is None:
        return
    try:
        base = base_of(folder)
    except (ValueError, KeyError, TypeError):
        base = "nothing that can be read"
    what = f"it is {tag}, the model says {base}"
    yield Finding.judged("registry", f"tag {BASE}", holds=tag == base, what=what, mend=RESTORE)


def _changed_files(folder: Path, subject: Subject) -> str:
    """The files that differ from the workspace's copy of the same model, where it still has it."""
    copy, output = subject.workspace / subject.model, subject.output(subject.model)
    if output is None or not copy.is_dir() or dvc_hash(copy) != output.hash:
        return ""
    names = {path.relative_to(root).as_posix() for root in (folder, copy) for path in root.rglob("*") if path.is_file()}
    wrong = [name for name in sorted(names) if not _same(folder / name, copy / name)]
    return f" ({', '.join(wrong)})"


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def _tags(subject: Subject) -> Iterator[Finding]:
    tags, run = subject.version.tags, subject.run.data.tags
    if subject.lock:
        what = f"no stage of the dvc.lock kept with the version made a model called {subject.key!r}"
        holds = bool(subject.model) and subject.output(subject.model) is not None
        yield Finding.judged("registry", "tag bioner.model", holds=holds, what=what, mend=RESTORE)
    for name, other in ((CONTENT, OUTPUT), ("bioner.workspace", "bioner.workspace")):
        what = f"the version says {tags.get(name)} ({name}), its run {run.get(other)} ({other})"
        yield Finding.judged("run", f"tag {other}", holds=tags.get(name) == run.get(other), what=what, mend=RESTORE)


def _run(subject: Subject) -> Iterator[Finding]:
    """The run that trained it, against `dvc.lock`; a model that DVC restored has none."""
    run, stage = subject.run, subject.training()
    status = run.info.status
    what = f"it is {status}: a run that did not end well registered a model"
    yield Finding.judged("run", "status", holds=status == "FINISHED", what=what, mend="train and register again")
    tags = run.data.tags
    name = "@".join(filter(None, (tags.get(_NAMED_STAGE), tags.get("bioner.item"))))
    if stage is None or name != stage.name:
        yield Finding.unchecked("run", "params and inputs", "the version has no run of the stage that made its model")
        return
    yield from _run_params(run.data.params, stage)
    yield from _run_inputs(subject, stage)


def _run_params(recorded: Mapping[str, str], stage: Stage) -> Iterator[Finding]:
    wrong = 0
    for key, expected in ((k, v) for name, value in stage.params.items() for k, v in flatten({name: value}).items()):
        found = recorded.get(key)
        if found is not None and not alike(_parsed(found), _parsed(expected)):
            wrong += 1
            what = f"it is {short(found)}, the stage ran with {short(expected)} (dvc.lock)"
            yield Finding.wrong("run", f"param {key}", what, RESTORE)
    if not wrong:
        yield Finding.right("run", "params")


def _parsed(text: str) -> Any:
    """The value that a param's text stands for."""
    return mapping(f'{{"value": {text}}}').get("value", text)


def _run_inputs(subject: Subject, stage: Stage) -> Iterator[Finding]:
    inputs = subject.run.inputs.dataset_inputs if subject.run.inputs else []
    known = subject.outputs | {file.path: file.hash for file in stage.reads}
    checked = [File(i.dataset.name, i.dataset.digest) for i in inputs if i.dataset.name in known]
    for file in checked:
        what = f"the run read {file.hash}, the file was {known[file.path]} (dvc.lock)"
        yield Finding.judged("run", f"input {file.path}", holds=file.hash == known[file.path], what=what, mend=RESTORE)


def _measured(subject: Subject) -> Iterator[Finding]:
    """The metrics of the runs that evaluated this very model on these test documents."""
    output, scores = subject.output(subject.model), mapping(subject.version.tags.get(SCORES, "{}"))
    expected = scores.get("schemes", {}).get("strict", {}).get("micro", {}).get("f1")
    runs = _evaluations(subject, output.hash) if output else []
    checked = [run for run in runs if "strict_f1" in run.data.metrics] if expected is not None else []
    if not checked:
        yield Finding.unchecked("run", "metric strict_f1", "the store has no run that evaluated this model")
    for run in checked:
        found = run.data.metrics["strict_f1"]
        what = f"it is {found:.6f}, the version says {expected} (tag {SCORES})"
        item = f"metric strict_f1 of {run.info.run_name} {run.info.run_id}"
        yield Finding.judged("run", item, holds=alike(found, expected, _TOLERANCE), what=what, mend=RESTORE)


def _evaluations(subject: Subject, model: str) -> list[Any]:
    client = subject.client
    experiment = [subject.run.info.experiment_id]
    query = (
        f"tags.`{_NAMED_STAGE}` = 'evaluate' and tags.`bioner.item` = '{subject.key}' and "
        f"tags.`{TEST}` = '{subject.version.tags.get(TEST)}' and attributes.status = 'FINISHED'"
    )
    return [
        run
        for run in client.search_runs(experiment, query, max_results=100)
        if any(item.dataset.digest == model for item in run.inputs.dataset_inputs)
    ]
