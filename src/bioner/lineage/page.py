"""A lineage as one HTML page that needs nothing else: the graph, and what is known of each node."""

from __future__ import annotations

from bioner.lineage.graph import HEIGHT, WIDTH, draw
from bioner.lineage.records import Lineage
from bioner.pages import templates_of


def render_page(chain: Lineage) -> str:
    """The page as HTML: it loads nothing, runs no script, and follows the reader's choice of light or dark."""
    environment = templates_of("bioner.lineage")
    template = environment.get_template("lineage.html.j2")
    return template.render(chain=chain, graph=draw(chain), width=WIDTH, height=HEIGHT)
