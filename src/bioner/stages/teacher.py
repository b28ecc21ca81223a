"""Stage teacher: write down which model annotates, so that "which teacher" is a hash like any other."""

from __future__ import annotations

from bioner.stages import layout
from bioner.stages.context import Context
from bioner.teacher.endpoint import describe_endpoint
from bioner.teacher.local import describe_local
from bioner.teacher.manifest import TeacherManifest
from bioner.teacher.tagger import describe_tagger


def run(context: Context) -> None:
    """Describe the trained tagger, the model behind an endpoint or a local one, in `models/teacher.json`."""
    _describe(context).write(layout.TEACHER)


def _describe(context: Context) -> TeacherManifest:
    settings, types = context.params.teacher, context.params.entity_types
    if settings.backend == "endpoint":
        return describe_endpoint(settings, types)
    if settings.backend == "local":
        return describe_local(settings, types)
    return describe_tagger(f"path:{layout.SELECTOR}", types, settings.min_score, settings.sampling)
