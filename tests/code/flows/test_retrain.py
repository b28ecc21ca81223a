"""The retrain flow over a real DVC project: what is retried, what is not, and what a failure leaves done."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bioner.pipeline.record import Done, recorded
from bioner.pipeline.workspace import Workspace

pytestmark = pytest.mark.slow

_RUN = """
import sys
from pathlib import Path
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from bioner.pipeline.prefect_settings import settle
settle(Path(sys.argv[1]))
spans = ConsoleSpanExporter(out=open(sys.argv[2], "w"), formatter=lambda span: span.name + "\\n")
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)
from bioner.errors import StageError
from bioner.events import configure
configure()
from flows.retrain import retrain
try:
    retrain(sys.argv[1], until=["after-it", "after-failing", "killed", "apart"])
except StageError as error:
    print(error.exit_code, error.what.splitlines()[0])
    print(error.mend.rpartition(": ")[2], file=sys.stderr)
"""


def _stage(command: str, name: str, *deps: str) -> dict[str, object]:
    return {"cmd": f"echo {name} >> tries; {command}", "deps": list(deps), "outs": [f"{name}.txt"]}


def test_a_kill_is_retried_a_failure_is_not_and_the_rest_is_done(
    tiny_project: Path, flow_environment: dict[str, str]
) -> None:
    stages = {
        "killed-once": _stage("[ -e once ] && echo x > killed-once.txt || { touch once; kill -9 $$; }", "killed-once"),
        "after-it": _stage("echo x > after-it.txt", "after-it", "killed-once.txt"),
        "killed": _stage("kill -9 $$", "killed"),
        "failing": _stage("echo 'error: no data' >&2; exit 3", "failing"),
        "after-failing": _stage("echo x > after-failing.txt", "after-failing", "failing.txt"),
        "apart": _stage('echo "$BIONER_LOG_IDS" > apart.txt', "apart"),
    }
    (tiny_project / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}), encoding="utf-8")
    command = [sys.executable, "-c", _RUN, tiny_project, tiny_project / "spans"]
    environment = flow_environment | {"BIONER_LOG": str(tiny_project / "events.jsonl")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.stdout.strip() in {
        "3 stage failing failed: no data",
        "5 stage killed was killed by a signal (-9); out of memory, perhaps",
    }, done.stderr
    resume = "bioner run --until after-it --until after-failing --until killed --until apart"
    assert resume in done.stderr.splitlines()
    tries = (tiny_project / "tries").read_text(encoding="utf-8").split()
    assert {name: tries.count(name) for name in stages} == {
        "killed-once": 2,
        "after-it": 1,
        "killed": 2,
        "failing": 1,
        "after-failing": 0,
        "apart": 1,
    }
    ended = {name: record.done for name, record in recorded(Workspace(tiny_project), list(stages)).items()}
    assert ended == {
        "killed-once": Done.RAN,
        "after-it": Done.RAN,
        "killed": Done.FAILED,
        "failing": Done.FAILED,
        "apart": Done.RAN,
    }
    events = [json.loads(line) for line in (tiny_project / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    flow_run = json.loads((tiny_project / "apart.txt").read_text(encoding="utf-8"))["flow_run"]
    told = [(line["stage"], line["done"]) for line in events if line["event"] == "submission"]
    assert {line["flow_run"] for line in events if line["event"] == "submission"} == {flow_run}
    assert sorted(told) == sorted(
        [
            *[("killed-once", done) for done in ("running", "failed", "running", "ran")],
            *[("killed", done) for done in ("running", "failed", "running", "failed")],
            *[(name, done) for name in ("after-it", "apart") for done in ("running", "ran")],
            *[("failing", done) for done in ("running", "failed")],
        ]
    )
    spans = (tiny_project / "spans").read_text(encoding="utf-8").splitlines()
    assert {name for name in stages if name in spans} == stages.keys() - {"after-failing"}
