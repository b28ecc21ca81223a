"""The service as a process: right answers from joined requests, every refusal, and an end that loses nothing."""

from __future__ import annotations

import json
import random
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tiny_gliner import TYPES, Answer, Running, served

from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.predictors import at_threshold, load_predictor

pytestmark = pytest.mark.slow

WORDS = [
    "fever",
    "after",
    "aspirin",
    "and",
    "severe",
    "asthma",
    "患者",
    "咳嗽",
    "of",
    "the",
    "kidney",
    "𝛼-blocker",
    ".",
]
TOKEN = "a-token-of-the-test"


def texts(number: int, count: int = 3) -> list[str]:
    """Texts that differ in words and length."""
    rng = random.Random(number)
    return [" ".join(rng.choices(WORDS, k=rng.randint(1, 60))) for _ in range(count)]


@pytest.fixture(scope="module")
def strict(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service for other machines, with a token and narrow limits."""
    options = ("--host", "0.0.0.0", "--timeout", "1", "--max-requests", "2", "--max-bytes", "300000")
    log = tmp_path_factory.mktemp("strict") / "log"
    with served(f"path:{tiny_model}", log, *options, token=TOKEN) as running:
        yield running


def test_offsets_are_code_points_of_the_given_text(service: Running) -> None:
    asked = texts(1, 8)
    answer = service.ask("/predict", {"texts": asked})
    assert answer.status == 200
    documents = answer.json["documents"]
    assert [document["id"] for document in documents] == [str(n) for n in range(1, 9)]
    for text, document in zip(asked, documents, strict=True):
        assert document["spans"]
        for span in document["spans"]:
            assert set(span) == {"start", "end", "label", "score", "text"}
            assert text[span["start"] : span["end"]] == span["text"]
            assert span["label"] in TYPES.keys
            assert 0.0 <= span["score"] <= 1.0


def test_the_structured_log_has_every_request_by_the_id_of_its_answer_and_no_text(service: Running) -> None:
    documents = [{"id": "patient-7", "text": "fever after aspirin"}, {"id": "patient-8", "text": "asthma"}]
    answers = [service.ask("/predict", {"documents": documents}), service.ask("/predict", b"{torn")]
    lines = service.log.with_name("events.jsonl").read_text(encoding="utf-8").splitlines()
    events = {line.get("request"): line for line in map(json.loads, lines)}
    well, torn = (events[answer.headers["x-request-id"]] for answer in answers)
    assert (well["event"], well["status"], well["documents"], well["characters"]) == ("request", 200, 2, 25)
    assert well["seconds"] > 0
    assert (torn["status"], "documents" in torn) == (400, False)
    assert not any(word in line for word in ("aspirin", "patient", "torn") for line in lines)


def test_joined_requests_are_answered_like_single_predictions(service: Running, tiny_model: Path) -> None:
    model = load_predictor(f"path:{tiny_model}")
    questions: list[dict[str, Any]] = [{}, {"labels": ["symptom"]}, {"threshold": 0.6}]
    bodies = [{"texts": texts(n)} | questions[n % 3] for n in range(48)]
    before = _figure(service, "bioner_batch_requests_count")
    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(lambda body: service.ask("/predict", body), bodies))
    assert _figure(service, "bioner_batch_requests_count") - before < len(bodies)  # some were joined
    for body, answer in zip(bodies, answers, strict=True):
        types = EntityTypes.of_words(body["labels"]) if "labels" in body else None
        for text, found in zip(body["texts"], answer.json["documents"], strict=True):
            (alone,) = at_threshold(model, body.get("threshold")).predict([Document("1", text, "en")], types)
            expected = {(s.start, s.end, s.label): s.score for s in alone.spans}
            got = {(s["start"], s["end"], s["label"]): s["score"] for s in found["spans"]}
            assert got == pytest.approx(expected, abs=1e-4)


def test_the_service_tells_how_it_is(service: Running, tiny_model: Path) -> None:
    assert service.ask("/health").json == {"status": "live"}
    assert service.ask("/ready").json == {"status": "ready"}
    about = service.ask("/model").json
    assert about["reference"] == f"path:{tiny_model}"
    assert (about["family"], about["version"], list(about["types"])) == ("gliner", None, list(TYPES.keys))
    service.ask("/predict", {"texts": ["flu"]})
    figures = service.ask("/metrics")
    assert figures.headers["content-type"].startswith("text/plain")
    assert _figure(service, 'bioner_requests_total{status="200"}') >= 1
    assert _figure(service, "bioner_requests_in_flight") == 0


@pytest.mark.parametrize(
    ("path", "method", "body", "status"),
    [
        ("/nothing", "GET", None, 404),
        ("/predict/", "POST", {"texts": ["a"]}, 404),
        ("/docs", "GET", None, 404),
        ("/predict", "GET", None, 405),
        ("/health", "POST", {}, 405),
        ("/predict", "POST", b"{", 400),
        ("/predict", "POST", {"texts": [1]}, 422),
        ("/predict", "POST", {"texts": ["a"], "\ud800": 1}, 422),
        ("/predict", "POST", {"texts": ["a"], "labels": ["药" * 200] * 1}, 422),
        ("/predict", "POST", {"texts": ["a"] * 65}, 413),
        ("/predict", "POST", {"texts": ["a" * 200_001]}, 413),
        ("/predict", "POST", b" " * ((4 << 20) + 1), 413),
    ],
)
def test_refusals_are_json_with_a_reason(service: Running, path: str, method: str, body: Any, status: int) -> None:
    answer = service.ask(path, body, method)
    assert answer.status == status
    assert set(answer.json) == {"error"}
    assert answer.json["error"]


def test_five_hundred_random_bodies_bring_no_error_of_the_service(service: Running) -> None:
    rng = random.Random(5)
    for number in range(500):
        answer = service.ask("/predict", _random_body(rng), headers={"Content-Type": rng.choice(["", "text/x", "a/b"])})
        assert answer.status in {200, 400, 413, 422}, number
        assert isinstance(answer.json, dict)
    assert service.ask("/predict", {"texts": ["flu"]}).status == 200
    assert service.log.read_text() == ""


def test_a_client_that_goes_away_is_no_error(service: Running) -> None:
    for promised in (b"100", b"0x"):
        with socket.create_connection((service.host, service.port)) as client:
            client.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: " + promised + b'\r\n\r\n{"texts"')
            time.sleep(0.1)
    assert service.ask("/predict", {"texts": ["flu"]}).status == 200
    assert "Traceback" not in service.log.read_text()


def test_sixty_four_clients_at_once(service: Running) -> None:
    until = time.monotonic() + 8

    def client(number: int) -> list[int]:
        statuses = []
        while time.monotonic() < until:
            answer = service.ask("/predict", {"texts": texts(number, 2)})
            statuses.append(answer.status if len(answer.json.get("documents", ())) == 2 else 0)
        return statuses

    with ThreadPoolExecutor(64) as clients:
        found = list(clients.map(client, range(64)))
    assert all(found)
    assert {status for one in found for status in one} == {200}


def test_only_who_knows_the_token_is_answered(strict: Running) -> None:
    for path in ("/model", "/metrics"):
        for headers in ({}, {"Authorization": TOKEN}, {"Authorization": "Bearer wrong"}, {"Authorization": "é"}):
            assert strict.ask(path, headers=headers).status == 401
    refused = strict.ask("/predict", {"texts": ["a"]})
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert strict.ask("/health").status == 200
    assert strict.ask("/metrics", headers=_known()).status == 200
    strict.wait()
    assert strict.ask("/predict", {"texts": ["a"]}, headers=_known()).status == 200
    log = strict.log.read_text()
    assert "warning" in log
    assert TOKEN not in log


def test_too_much_work_is_refused_in_time(strict: Running) -> None:
    strict.wait()
    long = {"texts": ["fever and cough " * 12_000]}
    with ThreadPoolExecutor(3) as clients:
        waiting = [clients.submit(strict.ask, "/predict", long, headers=_known()) for _ in range(2)]
        _until(lambda: _figure(strict, "bioner_requests_in_flight", _known()) == 2)
        busy = strict.ask("/predict", {"texts": ["a"]}, headers=_known())
        assert (busy.status, busy.headers["retry-after"]) == (503, "1")
        late: list[Answer] = [one.result() for one in waiting]
    assert {answer.status for answer in late} == {504}
    assert "no answer within 1 seconds" in late[0].json["error"]
    assert strict.ask("/predict", {"texts": ["a" * 300_000]}, headers=_known()).status == 413


def test_what_was_accepted_is_answered_after_the_signal(tiny_model: Path, tmp_path: Path) -> None:
    with served(f"path:{tiny_model}", tmp_path / "log") as running, ThreadPoolExecutor(12) as clients:
        assert running.ask("/ready").status == 503
        running.wait()
        bodies = [{"texts": [" ".join(texts(n, 15))]} for n in range(12)]
        answers = [clients.submit(running.ask, "/predict", body) for body in bodies]
        _until(lambda: _figure(running, "bioner_requests_in_flight") >= 9)
        running.process.send_signal(signal.SIGTERM)
        for answer, body in zip(answers, bodies, strict=True):
            assert answer.result().status == 200
            spans = answer.result().json["documents"][0]["spans"]
            assert spans[-1]["end"] > len(body["texts"][0]) - 60  # read to its end
        assert running.process.wait(60) == 0
        with pytest.raises(ConnectionRefusedError):
            running.ask("/health")
        assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_model_that_is_not_there_ends_the_service(tmp_path: Path) -> None:
    with served("path:/nowhere", tmp_path / "log") as running:
        assert running.process.wait(60) == 4
    said = (tmp_path / "log").read_text()
    assert "points at nothing" in said
    assert "Traceback" not in said


def _known() -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}"}


def _figure(running: Running, name: str, headers: dict[str, str] | None = None) -> float:
    lines = running.ask("/metrics", headers=headers).raw.decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))


def _until(holds: Any) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def _random_body(rng: random.Random) -> bytes:
    """Bytes, broken JSON, or JSON that is nearly a request."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.randbytes(rng.randrange(80))
    body = {name: _random_value(rng, 3) for name in rng.sample(["texts", "documents", "labels", "threshold", "x"], 2)}
    if kind == 1:
        body = {"texts": ["fever and flu", _random_string(rng)]} | {name: body[name] for name in body if name != "x"}
    raw = json.dumps(body).encode()
    return raw if kind < 3 else raw[: rng.randrange(len(raw))]


def _random_value(rng: random.Random, depth: int) -> Any:
    values = [None, True, rng.randint(-5, 10**25), rng.uniform(-1, 2), float("nan"), _random_string(rng)]
    if depth and rng.random() < 0.6:
        many = [_random_value(rng, depth - 1) for _ in range(rng.randrange(4))]
        keys = rng.sample(["id", "text", "language", "other"], len(many))
        return many if rng.random() < 0.6 else dict(zip(keys, many, strict=True))
    return rng.choice(values)


def _random_string(rng: random.Random) -> str:
    return "".join(rng.choice(["a", " ", "flu", "药", "\0", "\ud800", "\udc00", "🙂", "\n", '"']) for _ in range(4))
