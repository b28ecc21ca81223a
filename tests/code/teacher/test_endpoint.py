"""A model behind an endpoint as a teacher, stage by stage: its manifest, every text accounted for, nothing lost."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from endpoint_projects import DRUGS, LIMITS, EndpointProject, found, patients, right
from misbehaving import MODEL, PASSING, UNUSABLE, Server, faulty, serve, tagged

from bioner.config import load_params, merge, parse_params
from bioner.documents import Span, read_documents
from bioner.errors import BionerError, ConfigError, GateError, ModelError
from bioner.files import read_json
from bioner.stages import distill, layout
from bioner.teacher.annotation import Reading
from bioner.teacher.asking import agreed
from bioner.teacher.endpoint import read_key

KEY = "sk-invented-and-secret-0123456789"
TEXTS = patients(120)
IMPATIENT = {**LIMITS, "timeout": 0.5, "tries": 9}  # for a server that hangs; a slow machine must not look like one


@pytest.fixture(scope="module")
def types(repository: Path) -> list[str]:
    """The names of the types in English."""
    return list(load_params(repository / "params.yaml").entity_types.names("en").values())


@pytest.fixture
def server(types: list[str]) -> Iterator[Server]:
    with serve(tagged(types, {"drug": DRUGS})) as running:
        yield running


@pytest.fixture
def project(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> EndpointProject:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MY_KEY", KEY)
    return EndpointProject(repository, server.url, [*TEXTS, TEXTS[0]], api_key_env="MY_KEY")  # pragma: allowlist secret


def test_annotates_every_text_once(project: EndpointProject, server: Server) -> None:
    project.describe()
    metrics = project.distill()
    assert found() == {text: right(text) for text in TEXTS}
    assert metrics["documents"] == 121
    assert metrics["failed"] == {}
    assert metrics["mismatches"] == {}
    assert metrics["mean_score"] == 1.0
    assert set(server.log.asked.values()) == {1}
    assert {d.meta["teacher"] for d in read_documents(layout.DISTILLED)} == {
        distill.TeacherManifest.read(layout.TEACHER).hash
    }


def test_again_asks_nothing_and_gives_the_same_bytes(project: EndpointProject, server: Server) -> None:
    project.describe()
    project.distill()
    before, asked = layout.DISTILLED.read_bytes(), server.log.asked.total()
    server.dead = True
    project.distill()
    assert layout.DISTILLED.read_bytes() == before
    assert server.log.asked.total() == asked


def test_failures_that_pass_leave_no_trace(project: EndpointProject, server: Server) -> None:
    project.describe()
    project.distill()
    smooth = layout.DISTILLED.read_bytes()
    for cache in layout.STATE.rglob("*.sqlite"):
        cache.unlink()
    project.endpoint["limits"] = IMPATIENT
    server.fault = faulty(3, 0.2, PASSING)
    metrics = project.distill()
    assert layout.DISTILLED.read_bytes() == smooth
    assert metrics["failed"] == {}
    assert server.log.asked.total() > 2 * len(TEXTS), "the server never misbehaved: the test shows nothing"


def test_answers_that_cannot_be_used_are_asked_for_again_and_then_counted(
    project: EndpointProject, server: Server
) -> None:
    project.endpoint["max_failed"] = 0.5
    server.fault = lambda text, time: UNUSABLE[len(text) % 4] if time < (9 if " 1" in text else 1) else None
    project.describe()
    metrics = project.distill()
    bad = {text for text in TEXTS if " 1" in text}
    assert found() == {text: right(text) for text in TEXTS if text not in bad}
    assert sum(metrics["failed"].values()) == len(bad)
    assert set(metrics["failed"]) <= {
        *("answer without copies", "answer of another text", "answer cut off", "answer empty"),
    }
    assert metrics["documents"] + sum(metrics["failed"].values()) == 121
    assert {server.log.asked[text] for text in TEXTS} == {2}
    again = [body["temperature"] for body in server.log.bodies]
    assert sorted(set(again)) == [0.0, 0.7]


def test_texts_that_failed_are_asked_for_in_the_next_run_and_no_others(
    project: EndpointProject, server: Server
) -> None:
    server.fault = lambda text, _: "422" if " 7" in text else None
    project.describe()
    with pytest.raises(GateError, match="no answer for 11 of 120") as caught:
        project.distill()
    assert "metrics/distill.json" in caught.value.where
    assert read_json(layout.metrics("distill"))["failed"] == {"HTTP 422 (invented_code)": 11}
    assert not layout.DISTILLED.exists()
    server.fault = lambda *_: None
    metrics = project.distill()
    assert found() == {text: right(text) for text in TEXTS}
    assert metrics["failed"] == {}
    assert {server.log.asked[text] for text in TEXTS if " 7" not in text} == {1}


@pytest.mark.parametrize("budget", [{"tokens": 6000}, {"money": 0.006}], ids=["tokens", "money"])
def test_a_budget_stops_it_and_nothing_is_lost(
    project: EndpointProject, server: Server, budget: dict[str, Any]
) -> None:
    project.endpoint |= {"budget": budget, "prices": {"prompt": 1.0, "completion": 1.0}}
    project.describe()
    for _ in range(2):
        with pytest.raises(GateError, match="budget is used up"):
            project.distill()
    assert server.log.answered.total() == 50, "50 answers of 120 tokens fit, over all runs"
    project.endpoint["budget"] = {}
    project.distill()
    assert set(server.log.asked.values()) == {1}, "an answer was paid for twice"
    assert found() == {text: right(text) for text in TEXTS}


def test_a_refused_key_stops_it_before_anything_else(project: EndpointProject, server: Server) -> None:
    project.describe()
    server.fault = lambda *_: "401"
    with pytest.raises(ModelError, match="MY_KEY"):
        project.distill()
    assert server.log.asked.total() <= LIMITS["concurrency"]
    server.fault = lambda *_: None
    project.distill()
    assert found() == {text: right(text) for text in TEXTS}


def test_the_key_is_nowhere(
    project: EndpointProject, server: Server, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    faults: list[Callable[[str, int], str | None]] = [lambda *_: "401", lambda *_: "400", lambda *_: None]
    project.describe()
    for fault in faults:
        server.fault = fault
        try:
            project.distill()
        except BionerError as error:
            said.append(f"{error} {error!r}")
    assert len(said) == 2
    assert server.log.headers[-1]["Authorization"] == f"Bearer {KEY}"
    written = b"".join(file.read_bytes() for file in Path.cwd().rglob("*") if file.is_file())
    assert KEY.encode() not in written
    assert KEY not in "".join([*said, caplog.text, *capfd.readouterr()])
    assert KEY not in repr(read_key("MY_KEY"))


def test_agreement_of_samples_is_the_score(project: EndpointProject, server: Server, types: list[str]) -> None:
    answers = {True: tagged(types, {"drug": DRUGS}), False: tagged(types, {})}
    server.answer = lambda text: answers[server.log.asked[text] % 4 != 0](text)  # the fourth sample finds nothing
    project.more = {"sampling": {"samples": 4, "temperature": 0.8}}
    project.describe()
    metrics = project.distill()
    assert metrics["mean_score"] == 0.75
    assert found() == {text: right(text) for text in TEXTS}
    assert set(server.log.asked.values()) == {4}
    assert {body["temperature"] for body in server.log.bodies} == {0.8}
    seeds = [body["seed"] for body in server.log.bodies]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 1 << 31 for seed in seeds)


def test_shares_of_samples() -> None:
    one, two = Span.of(0, 3, "drug"), Span.of(4, 6, "drug")
    said = agreed([Reading([two, one], {"words added": 1}), Reading([one], {"words added": 2}), Reading([], {})])  # type: ignore[arg-type]
    assert said.spans == (Span.of(0, 3, "drug", 2 / 3), Span.of(4, 6, "drug", 1 / 3))
    assert said.mismatches == {"words added": 3}


def test_mismatches_are_counted_and_kept(project: EndpointProject, server: Server) -> None:
    good = server.answer
    server.answer = lambda text: good(text).replace("went home", "went  away")
    project.describe()
    first = project.distill()["mismatches"]
    assert first["words changed"] == len(TEXTS) * len(load_types(project))
    server.dead = True
    assert project.distill()["mismatches"] == first


def load_types(project: EndpointProject) -> tuple[str, ...]:
    return project.params.entity_types.keys


def test_the_manifest_is_of_the_model_and_of_what_decides(project: EndpointProject) -> None:
    project.describe()
    first = layout.TEACHER.read_bytes()
    record = read_json(layout.TEACHER)
    assert (record["backend"], record["model"], record["url"]) == ("endpoint", MODEL, project.endpoint["url"])
    assert record["sampling"]["mode"] == "contract"
    assert "content" not in record
    project.endpoint |= {"limits": {**LIMITS, "tries": 9}, "budget": {"tokens": 10**9}, "max_failed": 0.1}
    project.describe()
    assert layout.TEACHER.read_bytes() == first, "limits and budgets do not make another teacher"
    for change in ({"max_tokens": 99}, {"mode": "strict"}, {"extra": {"top_k": 1}}, {"omit": ["seed"]}, {"answers": 3}):
        project.endpoint |= change
        project.describe()
        assert layout.TEACHER.read_bytes() != first
        first = layout.TEACHER.read_bytes()


def test_extra_keys_and_omitted_ones(project: EndpointProject, server: Server) -> None:
    project.endpoint |= {"extra": {"max_completion_tokens": 77}, "omit": ["max_tokens", "seed"]}
    project.describe()
    project.distill()
    body = server.log.bodies[0]
    assert body["max_completion_tokens"] == 77
    assert not {"max_tokens", "seed"} & body.keys()


def test_a_model_that_is_not_there_is_told_with_those_that_are(project: EndpointProject) -> None:
    project.endpoint["model"] = "other"
    with pytest.raises(ModelError, match="no model 'other'") as caught:
        project.describe()
    assert MODEL in caught.value.mend


def test_an_endpoint_without_a_list_is_believed(project: EndpointProject, server: Server) -> None:
    server.models = 404
    project.describe()
    assert read_json(layout.TEACHER)["model"] == MODEL


@pytest.mark.parametrize("value", ["", "  ", "two words", "schlüssel", "a\x07b"])
def test_a_key_that_cannot_be_one_is_refused_and_not_shown(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", value)
    with pytest.raises(ConfigError, match="MY_KEY") as caught:
        read_key("MY_KEY")
    assert not value.strip() or value not in str(caught.value)
    monkeypatch.delenv("MY_KEY")
    assert "MY_KEY" not in os.environ
    with pytest.raises(ConfigError, match="is empty"):
        read_key("MY_KEY")
    assert read_key(None) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"url": "http://me:hidden@host/v1"}, "no name, password or query"),  # pragma: allowlist secret
        ({"url": "https://host/v1?key=hidden"}, "no name, password or query"),
        ({"url": "ftp://hidden/v1"}, "begins with http"),
        ({"url": "file:///etc/hidden"}, "begins with http"),
        ({"url": "http://"}, "begins with http"),
        ({"url": "http://[hidden"}, "begins with http"),
        ({"api_key_env": "sk-hidden-key"}, "never a key itself"),  # pragma: allowlist secret
        ({"budget": {"money": 5}}, "needs prices"),
    ],
)
def test_params_that_are_wrong_are_told_and_not_shown(
    project: EndpointProject, change: dict[str, Any], message: str
) -> None:
    project.endpoint |= change
    with pytest.raises(ConfigError, match=message) as caught:
        _ = project.params
    assert "hidden" not in str(caught.value)


def test_the_example_of_the_readme_is_valid(repository: Path, project: EndpointProject) -> None:
    blocks = (repository / "README.md").read_text(encoding="utf-8").split("```yaml\n")[1:]
    (block,) = (text for text in (block.partition("```")[0] for block in blocks) if "backend: endpoint" in text)
    shown = parse_params(merge(project.base, yaml.safe_load(block)), "README.md").teacher
    assert shown.backend == "endpoint"
    assert shown.endpoint
    assert shown.endpoint.budget.money == 20


def test_a_backend_has_its_section(project: EndpointProject) -> None:
    base = project.base
    for section in ({"backend": "endpoint"}, {"backend": "tagger", "endpoint": project.endpoint}):
        with pytest.raises(ConfigError, match="belongs to `backend: endpoint`"):
            parse_params({**base, "teacher": {"min_score": 0.5, **section}}, "params.yaml")
