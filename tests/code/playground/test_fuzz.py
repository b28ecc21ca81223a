"""Whatever is sent to the playground: no 5xx, no hang, nothing for who did not read its page, and it goes on.

A few hundred requests to each endpoint; `BIONER_FUZZ=10000` sends as many as that.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from fuzzed_http import bodies, bombard
from hypothesis import strategies as st
from tiny_gliner import Running, running

from bioner.playground.guard import TOKEN_HEADER

pytestmark = pytest.mark.slow

_TEXT = st.text("abc 。é😀", min_size=8, max_size=60)
_NAME = st.text(min_size=1, max_size=20)
_LANGUAGE = st.sampled_from(["en", "zh"])
_SPAN = {"start": st.integers(0, 4), "end": st.integers(5, 8), "label": st.just("drug")}
_SPANS = st.lists(st.fixed_dictionaries(_SPAN), max_size=3)
_LABELS = st.just(["drug"])
_CALLED = st.fixed_dictionaries({"drug": _NAME})
_ASK = {"texts": st.lists(_TEXT, min_size=1, max_size=1), "labels": st.lists(_NAME, min_size=1, max_size=3)}
_SIDES = st.lists(st.fixed_dictionaries({"labels": _CALLED, "spans": _SPANS}), min_size=1, max_size=2)
_SHOW = {"text": _TEXT, "language": _LANGUAGE, "sides": _SIDES, "page": _LANGUAGE}
_LINES = st.lists(st.fixed_dictionaries({"id": _NAME, "text": _TEXT, "language": _LANGUAGE}), min_size=1, max_size=3)
_FILE = _LINES.map(lambda lines: "\n".join(map(json.dumps, lines)).encode()) | st.binary(max_size=200)


@pytest.mark.usefixtures("bare_project")
def test_no_request_breaks_the_playground(tiny_models: list[Path], tmp_path: Path) -> None:
    model = f"path:{tiny_models[0]}"
    review = {"model": st.just(model), "id": _NAME, "text": _TEXT, "language": _LANGUAGE, "labels": _LABELS}
    review |= {"predicted": _SPANS, "spans": _SPANS}
    endpoints = {
        "/": ("GET", st.just(b"")),
        "/playground.js": ("GET", st.just(b"")),
        f"/predict?model={model}": ("POST", bodies(st.fixed_dictionaries(_ASK), [*_ASK])),
        "/show": ("POST", bodies(st.fixed_dictionaries(_SHOW), [*_SHOW])),
        "/review": ("POST", bodies(st.fixed_dictionaries(review), [*review])),
        "/upload?name=a.txt": ("POST", _FILE),
        "/upload?name=a.jsonl": ("POST", _FILE),
    }
    with running(tmp_path / "log", "playground", "--model", model) as page:
        token = f"{TOKEN_HEADER}: {_token(page)}"
        _wait(page, model, token)
        for path, (method, body) in endpoints.items():
            bombard(page, method, path, body, token, open_to_all=method == "GET")
        _wait(page, model, token)


def _token(page: Running) -> str:
    found = re.search(r'name="token" content="([^"]+)"', page.ask("/").raw.decode())
    assert found
    return found[1]


def _wait(page: Running, model: str, token: str) -> None:
    """Until the model answers."""
    name, _, value = token.partition(": ")
    while page.ask(f"/predict?model={model}", {"texts": ["Aspirin"]}, headers={name: value}).status != 200:
        assert page.process.poll() is None, page.log.read_text()
        time.sleep(0.1)
