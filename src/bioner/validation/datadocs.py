"""Data Docs: the results of Great Expectations as static pages that need no network, equal for equal results.

Its own site builder puts run times and random names into the pages, which load style and scripts from the network. So
its renderers and component templates make the pages here, within a page of ours (`templates/page.html.j2`) that brings
what style it needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from bioner.files import atomic_directory
from bioner.validation.judge import Judged

INDEX = "index.html"
_TEMPLATES = Path(__file__).parent / "templates"


def write_docs(folder: Path, suites: Sequence[Judged], failures: Sequence[str], totals: Mapping[str, int]) -> None:
    """Write `index.html`, which lists the rules of all suites, and a page of Great Expectations for each suite.

    Args:
        folder: takes the place of what was there.
        suites: what came of them.
        failures: what the gate refuses the batch for, in words.
        totals: numbers that tell the batch, by their names.
    """
    from great_expectations.render.view import DefaultJinjaPageView

    view = DefaultJinjaPageView(custom_views_directory=str(_TEMPLATES))
    with atomic_directory(folder) as aside:
        index = view.env.get_template("index.html.j2").render(suites=suites, failures=failures, totals=totals)
        (aside / INDEX).write_text(index, encoding="utf-8")
        for suite in suites:
            page = view.render(_content(suite.result), template="page.html.j2", suite=suite.name)
            (aside / f"{suite.name}.html").write_text(page, encoding="utf-8")


def _content(result: Any) -> Any:
    """The page of a suite without the run's time and name, and without links to pages that are not there."""
    from great_expectations.core import expectationSuiteValidationResultSchema
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer

    schema = expectationSuiteValidationResultSchema
    loaded = schema.loads(schema.dumps(result))  # as its stores do: the renderer knows no numpy numbers
    for judged in loaded.results:
        judged.result = _escaped(judged.result)
    content = ValidationResultsPageRenderer(run_info_at_end=True).render(loaded)
    _, statistics, *_ = content.sections[0].content_blocks
    content.sections[0].content_blocks = [statistics]
    content.sections.pop()  # the info of the run
    return content


def _escaped(value: Any) -> Any:
    """A JSON value with its strings as HTML: the templates put values of the data into the page as they are."""
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return {key: _escaped(item) for key, item in value.items()} if isinstance(value, dict) else value
