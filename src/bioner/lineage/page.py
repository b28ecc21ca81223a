"""A lineage as one HTML page that needs nothing else: the graph, and what is known of each node."""

from __future__ import annotations

from bioner.lineage.graph import HEIGHT, WIDTH, draw
from bioner.lineage.records import Lineage


def render_page(chain: Lineage) -> str:
    """The page as HTML: it loads nothing, runs no script, and follows the reader's choice of light or dark."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("bioner.lineage"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("lineage.html.j2")
    return template.render(chain=chain, graph=draw(chain), width=WIDTH, height=HEIGHT)
