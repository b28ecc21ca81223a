"""The dashboard: every figure that it asks for is told by something, and Grafana and Prometheus find each other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bioner.serving.metrics import Metrics
from bioner.watching.collector import ProjectCollector
from bioner.watching.families import FAMILIES

DOCKER = Path(__file__).parents[2] / "docker"
DASHBOARD: dict[str, Any] = json.loads((DOCKER / "dashboard.json").read_text(encoding="utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
OTHERS = {
    "up",  # Prometheus' own
    # of vLLM, by its documentation ("Production Metrics")
    *("vllm:num_requests_running", "vllm:num_requests_waiting"),
    *("vllm:generation_tokens_total", "vllm:kv_cache_usage_perc"),
}
_NO_NAME = re.compile(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring)\s*\([^)]*\)')
_NAME = re.compile(r"(?<![\w.])[a-zA-Z_:][\w:]*(?![\w:]*\s*\()")


def targets() -> Iterator[dict[str, Any]]:
    for panel in DASHBOARD["panels"]:
        yield from panel.get("targets", ())


def names(expression: str) -> set[str]:
    """The metrics that a PromQL expression asks for: what is left without strings, labels, ranges and functions."""
    return set(_NAME.findall(_NO_NAME.sub("", expression)))


def told(project: Path) -> set[str]:
    """The names of the values that the service and the exporter tell."""
    families = text_string_to_metric_families(Metrics().text().decode())
    endings = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}
    found = {family.name + ending for family in families for ending in endings[family.type]}
    registry = CollectorRegistry()
    registry.register(ProjectCollector(project))
    kinds = re.findall(r"^# TYPE (\S+) (\S+)$", generate_latest(registry).decode(), re.MULTILINE)
    assert len(kinds) == len(FAMILIES)
    return found | {name for name, _ in kinds}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("bioner_stage_items_left", {"bioner_stage_items_left"}),
        ('sum by (le, stage) (rate(a_bucket{x="b(c)"}[5m])) / 2.5e3', {"a_bucket"}),
        ("time() - a_seconds", {"a_seconds"}),
        ("histogram_quantile(0.95, vllm:x_bucket) > 1 - up", {"vllm:x_bucket", "up"}),
    ],
)
def test_the_names_of_an_expression(expression: str, found: set[str]) -> None:
    assert names(expression) == found


def test_every_expression_asks_for_figures_that_are_told(tmp_path: Path) -> None:
    asked = {name for target in targets() for name in names(target["expr"])}
    assert len(asked) > 30
    assert asked <= told(tmp_path) | OTHERS
    assert asked >= OTHERS, "a name in the list that nothing asks for"


def test_legends_name_labels_that_there_are() -> None:
    labels = {family.name + ("_total" if family.counter else ""): set(family.labels) for family in FAMILIES}
    for target in targets():
        known = [labels[name] for name in names(target["expr"]) if name in labels]
        if known:
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= set.union(*known)


def test_every_figure_of_the_pipeline_but_totals_and_dates_is_shown() -> None:
    asked = {name for target in targets() for name in names(target["expr"])}
    hidden = {family.name for family in FAMILIES if family.name + ("_total" if family.counter else "") not in asked}
    assert hidden == {
        "bioner_stage_submitted_timestamp_seconds",
        "bioner_stage_items",
        "bioner_teacher_running",
        "bioner_teacher_texts",
        "bioner_teacher_annotated_texts",
        "bioner_teacher_spans",
        "bioner_teacher_replies",
    }


def test_panels_have_places_of_their_own() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(numbers) == len(set(numbers))


def test_grafana_finds_prometheus_and_the_dashboard() -> None:
    (source,) = yaml.safe_load((DOCKER / "grafana-datasource.yaml").read_text(encoding="utf-8"))["datasources"]
    (provider,) = yaml.safe_load((DOCKER / "grafana-dashboards.yaml").read_text(encoding="utf-8"))["providers"]
    assert {target["datasource"]["uid"] for target in targets()} == {source["uid"]}
    assert source["url"] == "http://prometheus:9090"
    places = {config["source"]: config["target"] for config in COMPOSE["services"]["grafana"]["configs"]}
    assert {Path(target).parent.name for target in places.values()} == {"datasources", "dashboards"}
    assert str(Path(places["dashboard"]).parent) == provider["options"]["path"]
    assert places.keys() <= COMPOSE["configs"].keys()


def test_prometheus_asks_services_of_the_deployment_and_shows_the_token_to_ours() -> None:
    jobs = yaml.safe_load((DOCKER / "prometheus.yaml").read_text(encoding="utf-8"))["scrape_configs"]
    for job in jobs:
        for static in job["static_configs"]:
            for target in static["targets"]:
                service = COMPOSE["services"][target.partition(":")[0]]
                ours = "BIONER_SERVE_TOKEN_FILE" in service.get("environment", {})
                assert ours == ("authorization" in job)
    assert "serve_token" in COMPOSE["services"]["prometheus"]["secrets"]
