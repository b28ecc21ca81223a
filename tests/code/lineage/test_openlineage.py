"""OpenLineage events: valid by the specification, complete, the same for the same lineage, and sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from lineage_chain import chain

from bioner.errors import ConfigError, RegistryError
from bioner.lineage.openlineage import KEY, events, send, to_record

NOW = datetime(2026, 2, 3, tzinfo=UTC)

# What specification 2-0-2 asks of a run event, in our words; each facet says who made it and by which schema.
_FACETS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["_producer", "_schemaURL"],
        "properties": {
            "_producer": {"type": "string", "format": "uri"},
            "_schemaURL": {
                "type": "string",
                "pattern": r"^https://openlineage\.io/spec/facets/\d+-\d+-\d+/\w+\.json#/\$defs/\w+$",
            },
        },
    },
}
_NAMED = {
    "namespace": {"type": "string", "minLength": 1},
    "name": {"type": "string", "minLength": 1},
    "facets": _FACETS,
}


def _datasets(more: str) -> dict[str, Any]:
    item = {"type": "object", "required": ["namespace", "name"], "properties": _NAMED | {more: _FACETS}}
    return {"type": "array", "items": item}


SCHEMA = {
    "type": "object",
    "required": ["eventTime", "producer", "schemaURL", "run", "job"],
    "properties": {
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "eventTime": {"type": "string", "format": "date-time"},
        "producer": {"type": "string", "format": "uri"},
        "schemaURL": {"const": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"},
        "run": {
            "type": "object",
            "required": ["runId"],
            "properties": {"runId": {"type": "string", "format": "uuid"}, "facets": _FACETS},
        },
        "job": {"type": "object", "required": ["namespace", "name"], "properties": _NAMED},
        "inputs": _datasets("inputFacets"),
        "outputs": _datasets("outputFacets"),
    },
}


def records() -> list[dict[str, Any]]:
    return [to_record(event) for event in events(chain(), NOW)]


def tags(facets: dict[str, Any]) -> dict[str, str]:
    return {item["key"]: item["value"] for item in facets["tags"]["tags"]}


def test_events_are_valid_and_every_run_begins_and_ends() -> None:
    found = records()
    for record in found:
        Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(record)
        datetime.fromisoformat(record["eventTime"])
    states = [(record["job"]["name"], record["eventType"]) for record in found]
    names = ["teacher", "validate", "ingest@a", "finetune@mini", "register"]
    assert states == [(name, state) for name in names for state in ("START", "COMPLETE")]
    assert len({record["run"]["runId"] for record in found}) == len(names)
    assert found == records()


def test_events_tell_of_run_teacher_validation_corpora_and_code() -> None:
    found = {record["job"]["name"]: record for record in records() if record["eventType"] == "COMPLETE"}
    trained = found["finetune@mini"]
    assert trained["run"]["runId"] == "01234567-89ab-cdef-0123-456789abcdef"
    assert trained["eventTime"] == "2026-01-02T03:03:00+00:00"
    assert tags(trained["job"]["facets"]) == {
        "git commit": "c0ffee",
        "git state": "clean",
        "code src/bioner/gliner": "c0de.dir",
    }
    assert tags(trained["run"]["facets"]) == {"param seed": "13"}
    data = {item["name"]: item for item in trained["inputs"]}
    assert data["data/train/a.jsonl"]["facets"]["version"]["datasetVersion"] == "7a11"
    checks = data["data/synthetic.jsonl"]["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert {"assertion": "quarantined for score: 1", "success": True} in [
        {key: check[key] for key in ("assertion", "success")} for check in checks
    ]
    (corpus,) = found["ingest@a"]["inputs"]
    assert tags(corpus["facets"])["licence"] == "CC BY 4.0"
    (teacher,) = found["validate"]["inputs"]
    assert tags(teacher["facets"])["prompt"] == "9r0m"
    (version,) = found["register"]["outputs"]
    assert version["name"] == "models:/bioner-gliner/3"
    assert "torch==2.9.0" in tags(found["register"]["run"]["facets"])["environment"]


def test_a_file_has_one_event_a_line(tmp_path: Path) -> None:
    assert send(chain(), str(tmp_path / "out/events.jsonl"), NOW) == len(records())
    lines = (tmp_path / "out/events.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == records()


class _Service(BaseHTTPRequestHandler):
    """Keeps what it is sent; answers what it was told to."""

    taken: list[tuple[str, str | None, dict[str, Any]]]
    status: int

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.taken.append((self.path, self.headers["Authorization"], body))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Nothing on the screen."""


@pytest.fixture
def service() -> Iterator[tuple[str, type[_Service]]]:
    kind = type("Service", (_Service,), {"taken": [], "status": 201})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", kind
        server.shutdown()


def test_a_service_gets_them_with_the_key_of_the_environment(
    service: tuple[str, type[_Service]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, kind = service
    monkeypatch.setenv(KEY, "secret-7")
    send(chain(), address, NOW)
    assert [(path, key) for path, key, _ in kind.taken] == [("/api/v1/lineage", "Bearer secret-7")] * len(records())
    assert [body["job"]["name"] for _, _, body in kind.taken] == [record["job"]["name"] for record in records()]


def test_a_service_that_refuses_is_one_error_without_the_key(
    service: tuple[str, type[_Service]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, kind = service
    kind.status = 401
    monkeypatch.setenv(KEY, "secret-7")
    with pytest.raises(RegistryError, match="it answers 401") as refused:
        send(chain(), address, NOW)
    assert "secret-7" not in str(refused.value)
    with pytest.raises(RegistryError, match="ConnectionError"):
        send(chain(), "http://127.0.0.1:1", NOW)
    with pytest.raises(ConfigError) as hidden:
        send(chain(), "http://user:secret-7@127.0.0.1:1", NOW)  # pragma: allowlist secret
    assert "secret-7" not in str(hidden.value)
