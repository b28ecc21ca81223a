"""Stage teacher: write down which model annotates, so that "which teacher" is a hash like any other."""

from __future__ import annotations

from bioner.stages import layout
from bioner.stages.context import Context
from bioner.teacher.tagger import describe_tagger


def run(context: Context) -> None:
    """Describe the trained tagger in `models/teacher.json`."""
    params = context.params
    manifest = describe_tagger(f"path:{layout.SELECTOR}", params.entity_types, params.teacher.min_score)
    manifest.write(layout.TEACHER)
