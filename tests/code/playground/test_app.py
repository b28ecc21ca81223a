"""The addresses of the playground: the way from a text to the review queue, and everything that is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from projects import Project
from starlette.testclient import TestClient

from bioner.documents import Document, read_documents
from bioner.playground.app import LIMITS, Playground
from bioner.playground.guard import HEADERS, TOKEN_HEADER
from bioner.playground.models import Models
from bioner.playground.offers import Offers
from bioner.review.queue import Queue

TEXT = "Metformin 😀 and lactic acidosis."
HOSTILE = "</p><script>alert(1)</script><img src=x onerror='alert(1)'> & \"quoted\" 'x' {{ 7*7 }}"


class Client:
    """A page of the playground, as its script asks."""

    def __init__(self, playground: Playground, references: list[str]) -> None:
        self.http = TestClient(playground.app(), base_url="http://127.0.0.1:8320", raise_server_exceptions=False)
        self.references = references
        self.page = self.http.get("/").text
        found = re.search(r'name="token" content="([^"]+)"', self.page)
        assert found
        self.token = found[1]

    def ask(self, path: str, value: Any, token: bytes | None = None) -> Any:
        """Post JSON, or bytes as they are, with the page's token or another."""
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.http.post(path, content=raw, headers={TOKEN_HEADER: token or self.token.encode()})

    def predict(self, text: str = TEXT, number: int = 0, page: str = "en", **more: Any) -> Any:
        """What a model says of a text."""
        path = f"/predict?model={self.references[number]}&page={page}"
        answer = self.ask(path, {"documents": [{"id": "text", "text": text}], **more})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def client(bare_project: Project, tiny_models: list[Path]) -> Iterator[Client]:
    """The playground of an empty project with two models that were named by hand."""
    references = [f"path:{folder}" for folder in tiny_models]
    models = Models(LIMITS)
    yield Client(
        Playground(Offers(bare_project.root, bare_project.params, references), models, Queue(bare_project.root)),
        references,
    )
    models.close()


def sending(client: Client, **changes: Any) -> dict[str, Any]:
    """A correction that can be kept: the first mention is removed, and one is added."""
    found = client.predict()
    label = next(iter(found["labels"]))
    added = {"start": 0, "end": 3, "label": label, "score": None}  # a part of a word: no model finds it
    return {
        "model": client.references[0],
        "id": "text",
        "text": TEXT,
        "language": found["language"],
        "labels": list(found["labels"]),
        "predicted": found["spans"],
        "spans": [*found["spans"][1:], added],
    } | changes


def test_the_page_offers_the_models_and_holds_no_script_or_style_of_its_own(client: Client) -> None:
    for reference in client.references:
        assert client.page.count(f'<option value="{reference}">') == 2
    assert re.findall(r"<script[^>]*>", client.page) == ['<script src="playground.js" defer>']
    assert "style=" not in client.page
    assert not re.search(r"https?://", client.page)
    for name in ("playground.js", "playground.css"):
        assert client.http.get(f"/{name}").status_code == 200


@pytest.mark.parametrize(
    ("address", "header", "language"),
    [("/", "en-GB", "en"), ("/", "zh-CN,zh;q=0.9", "zh"), ("/?lang=zh", "en", "zh"), ("/?lang=<b>", "zh", "en")],
)
def test_the_page_speaks_two_languages(client: Client, address: str, header: str, language: str) -> None:
    page = client.http.get(address, headers={"Accept-Language": header}).text
    assert f'<html lang="{language}">' in page
    assert ("试用台" in page) == (language == "zh")


def test_a_model_answers_with_its_own_types_or_others(client: Client) -> None:
    own = client.predict()
    assert own["labels"] == {"disease": "disease", "drug": "drug"}
    assert own["spans"]
    assert all(span["text"] == TEXT[span["start"] : span["end"]] for span in own["spans"])
    assert own["model"]["reference"] == client.references[0]
    assert len(own["model"]["sha256"]) == 64
    other = client.predict(labels=["lab test"], threshold=0.0)
    assert {span["label"] for span in other["spans"]} == {"lab test"}
    assert client.predict(labels=["lab test"], page="zh")["labels"] == {"lab test": "lab test"}


def test_types_are_called_as_in_the_language_of_the_page(client: Client) -> None:
    found = client.predict(page="zh")
    assert found["labels"] == {"disease": "疾病", "drug": "药物"}
    side = {name: found[name] for name in ("labels", "spans")}
    shown = client.ask("/show", {"text": TEXT, "language": "en", "sides": [side], "page": "zh"}).json()
    assert set(re.findall(r'data-tag="(\S+)', shown["sides"][0])) == {
        found["labels"][span["label"]] for span in found["spans"]
    }


def test_two_sides_are_shown_with_their_differences(client: Client) -> None:
    found = [client.predict(number=number) for number in (0, 1)]
    shown = client.ask(
        "/show",
        {
            "text": TEXT,
            "language": "en",
            "sides": [{k: f[k] for k in ("labels", "spans")} for f in found],
            "page": "en",
        },
    ).json()
    for side, html in zip(found, shown["sides"], strict=True):
        assert html.count("<button") == len(side["spans"])
        assert re.sub(r"<[^>]+>", "", html).strip() == TEXT
    assert "◆" not in shown["sides"][0]
    assert "Where they differ" in shown["differences"]
    assert found[0]["spans"] != found[1]["spans"]


def test_what_is_shown_is_escaped(client: Client) -> None:
    spans = [{"start": 0, "end": len(HOSTILE), "label": HOSTILE, "score": 0.5}]
    sides = [{"labels": {HOSTILE: f"{HOSTILE}."}, "spans": spans} for spans in (spans, [])]
    shown = client.ask("/show", {"text": HOSTILE, "language": "en", "sides": sides, "page": "en"}).json()
    for html in (*shown["sides"], shown["differences"]):
        assert "<script" not in html
        assert "<img" not in html
        assert "49" not in html
    attributes = re.findall(r'(\w[\w-]*)="[^"]*"', shown["sides"][0])
    assert {name for name in attributes if name.startswith("on")} == set()


def test_a_correction_is_kept_once(client: Client, bare_project: Project) -> None:
    correction = sending(client)
    first, second = (client.ask("/review", correction).json() for _ in range(2))
    assert first == {"file": "reviews/playground.jsonl", "waiting": 1, "new": True}
    assert second == {"file": "reviews/playground.jsonl", "waiting": 1, "new": False}
    (document,) = read_documents(bare_project.root / "reviews" / "playground.jsonl")
    assert document.text == TEXT
    assert document.meta["model"]["reference"] == client.references[0]
    assert document.meta["asked"] == ["disease", "drug"]
    assert len(document.meta["removed"]) == len(document.meta["added"]) == 1
    assert {"text", "mention"}.isdisjoint(document.meta)


def test_a_file_becomes_documents(client: Client) -> None:
    raw = json.dumps(Document("a", "fever", "en").to_record()).encode()
    answer = client.ask("/upload?name=x.jsonl", raw)
    assert answer.json() == {"documents": [{"id": "a", "text": "fever", "language": "en"}]}
    assert client.ask("/upload?name=x.exe", raw).status_code == 415
    assert client.ask("/upload", raw).status_code == 415
    assert client.ask("/upload?name=x.txt", b"a" * (LIMITS.body + 1)).status_code == 413


@pytest.mark.parametrize("path", ["/upload?name=a.txt", "/predict", "/show", "/review"])
def test_only_our_page_may_ask(client: Client, path: str) -> None:
    assert client.http.post(path, content=b"fever").status_code == 403
    for wrong in (b" ", client.token[:-1].encode(), client.token.upper().encode(), "é".encode()):
        assert client.ask(path, b"fever", wrong).status_code == 403
    assert client.http.get(path).status_code == 405


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8320", "", "[", "[::1", "a@b@c"])
@pytest.mark.parametrize("path", ["/", "/playground.js", "/predict", "/upload?name=a.txt"])
def test_a_foreign_name_that_leads_here_is_refused(client: Client, host: str, path: str) -> None:
    method = "GET" if path in ("/", "/playground.js") else "POST"
    answer = client.http.request(method, path, headers={"Host": host, TOKEN_HEADER: client.token})
    assert answer.status_code == 421
    assert client.token not in answer.text


@pytest.mark.parametrize("host", ["localhost:8320", "127.0.0.1", "[::1]:8320"])
def test_the_names_of_loopback_are_served(client: Client, host: str) -> None:
    assert client.http.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/playground.js", "/nothing", "/predict", "/../params.yaml", "/%2e%2e/params.yaml"]
)
def test_every_answer_has_the_headers_that_protect_the_page(client: Client, path: str) -> None:
    answer = client.http.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert "resamples" not in answer.text


def test_a_model_that_was_not_offered_is_not_loaded(client: Client, tmp_path: Path) -> None:
    for reference in ("", f"path:{tmp_path}", "hf:org/name", client.references[0] + "/", "mlflow:models:/x/1"):
        answer = client.ask(f"/predict?model={reference}", {"texts": ["fever"]})
        assert (answer.status_code, "not offered" in answer.json()["error"]) == (422, True)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b"\xff", 400),
        ({"texts": ["a", "b"]}, 413),
        ({"texts": ["a" * (LIMITS.characters + 1)]}, 413),
        ({"texts": ["a\0"]}, 422),
        ({"texts": ["a"], "labels": ["x", "x"]}, 422),
        ({"texts": ["a"], "threshold": 2.0}, 422),
    ],
)
def test_a_question_that_is_none_is_refused(client: Client, body: Any, status: int) -> None:
    answer = client.ask(f"/predict?model={client.references[0]}", body)
    assert answer.status_code == status
    assert answer.json()["error"]


SPAN = {"start": 0, "end": 4, "label": "drug", "score": None}


@pytest.mark.parametrize(
    "changes",
    [
        {"spans": [SPAN | {"end": 99}]},
        {"spans": [SPAN | {"start": -1}]},
        {"spans": [SPAN | {"start": 4}]},
        {"spans": [SPAN | {"label": "not asked"}]},
        {"spans": [SPAN | {"score": 2.0}]},
        {"spans": [SPAN | {"start": True}]},
        {"spans": [SPAN] * 4001},
        {"labels": []},
        {"labels": ["drug", "a\0"], "spans": [], "predicted": []},
        {"labels": ["x"] * 101, "spans": [], "predicted": []},
        {"text": "short"},
        {"text": "a" * (LIMITS.characters + 1)},
        {"text": TEXT[:-1] + "\0"},
        {"id": ""},
        {"language": "../x"},
        {"model": "path:another"},
        {"more": 1},
    ],
)
def test_a_correction_that_is_none_is_refused_and_not_kept(
    client: Client, bare_project: Project, changes: dict[str, Any]
) -> None:
    answer = client.ask("/review", sending(client, **changes))
    assert answer.status_code in (413, 422)
    assert not (bare_project.root / "reviews").exists()


def test_a_queue_that_cannot_be_written_is_told(client: Client, bare_project: Project) -> None:
    (bare_project.root / "reviews").write_text("a file where the folder should be", encoding="utf-8")
    answer = client.ask("/review", sending(client))
    assert answer.status_code == 507
    assert "reviews/playground.jsonl: it cannot be written" in answer.json()["error"]
    assert str(bare_project.root) not in answer.text
