"""Whatever is sent to `bioner serve`: no 5xx, no hang, nothing for strangers, and the same service after it.

A few hundred requests to each endpoint; `BIONER_FUZZ=10000` sends as many as that.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fuzzed_http import bodies, bombard
from hypothesis import strategies as st
from tiny_gliner import Running, served

pytestmark = pytest.mark.slow

_TOKEN = "the-token"
_ENDPOINTS = {"/predict": "POST", "/model": "GET", "/metrics": "GET", "/health": "GET", "/ready": "GET"}
_OPEN = {"/health", "/ready"}  # to strangers, too: a watcher knows no token
_TEXT = st.text(max_size=60)
_NAME = st.text(min_size=1, max_size=20)
_DOCUMENT = st.fixed_dictionaries({"id": _NAME, "text": _TEXT}, optional={"language": st.sampled_from(["en", "zh"])})
_GIVEN = {"texts": st.lists(_TEXT, min_size=1, max_size=3), "documents": st.lists(_DOCUMENT, min_size=1, max_size=2)}
_ASKED = {"labels": st.lists(_NAME, min_size=1, max_size=3), "threshold": st.floats(0, 1)}
_PREDICT = st.one_of(st.fixed_dictionaries({key: value}, optional=_ASKED) for key, value in _GIVEN.items())
_BODIES = bodies(_PREDICT, [*_GIVEN, *_ASKED])


@pytest.fixture(scope="module")
def guarded(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The service with a token, on loopback."""
    with served(f"path:{tiny_model}", tmp_path_factory.mktemp("fuzzed") / "log", token=_TOKEN) as running:
        running.wait()
        yield running


@pytest.mark.parametrize("path", _ENDPOINTS)
def test_no_request_breaks_an_endpoint(guarded: Running, path: str) -> None:
    token = f"Authorization: Bearer {_TOKEN}"
    bombard(guarded, _ENDPOINTS[path], path, _BODIES, token, open_to_all=path in _OPEN)
    right = guarded.ask("/predict", {"texts": ["Aspirin"]}, headers={"Authorization": f"Bearer {_TOKEN}"})
    assert right.status == 200
    assert guarded.ask("/health").json == {"status": "live"}
