"""The page of a lineage: whole, self-contained, and drawn from left to right."""

from __future__ import annotations

import re
from dataclasses import replace

from html_page import parse
from lineage_chain import chain

from bioner.lineage.graph import HEIGHT, WIDTH, draw
from bioner.lineage.page import render_page


def test_every_node_is_right_of_what_it_reads_and_none_hides_another() -> None:
    graph = draw(chain())
    assert {node.title for node in graph.nodes} == {
        "bioner-gliner/3", "finetune@mini", "ingest@a", "validate", "teacher", "a",
    }  # fmt: skip
    assert {(begin.title, end.title) for begin, end in graph.edges} == {
        ("a", "ingest@a"),
        ("ingest@a", "finetune@mini"),
        ("validate", "finetune@mini"),
        ("teacher", "validate"),
        ("finetune@mini", "bioner-gliner/3"),
    }
    assert all(begin.x + WIDTH < end.x for begin, end in graph.edges)
    places = [(node.x, node.y) for node in graph.nodes]
    assert len(set(places)) == len(places)
    for one in graph.nodes:
        assert 0 < one.x < one.x + WIDTH < graph.width
        assert 0 < one.y < one.y + HEIGHT < graph.height


def test_a_lineage_without_stages_is_drawn_too() -> None:
    assert [node.title for node in draw(replace(chain(), stages=(), corpora=())).nodes] == ["bioner-gliner/3"]


def test_the_page_needs_no_network_and_no_script_and_says_everything() -> None:
    html = render_page(chain())
    page = parse(html)
    assert not re.search(r"(src|href)=.?(?!#)", html.replace('href="#', ""))
    assert not page.all("script")
    assert "prefers-color-scheme: dark" in html
    targets = {element.attributes["href"] for element in page.all("a")}
    assert targets == {f"#{element.attributes['id']}" for element in page.all("details")}
    text = page.text
    for needed in ("Doe & Roe <2020>", "9r0m", "quarantined for score: 1", "CC BY 4.0", "https://example.org/a",
                   "torch==2.9.0", "c0ffee", "finetune <mini>", "min_f1: passed", "c0de.dir"):  # fmt: skip
        assert needed in text, needed
