"""Which stages a rebuild runs, and which it takes as given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bioner.errors import ConfigError
from bioner.lineage.pipeline import Stage


@dataclass(frozen=True, slots=True)
class Plan:
    """Stages in an order of work.

    Attributes:
        run: those that run again.
        given: those whose outputs come from the DVC remote, because the user says so.
    """

    run: tuple[Stage, ...]
    given: tuple[Stage, ...]


def make_plan(stages: Sequence[Stage], given: Sequence[str]) -> Plan:
    """Follow the model and its predictions back to their sources, or to what is given.

    Args:
        stages: each stage after those that read from it.
        given: names of stages, `finetune@mini` or `finetune` for all items.

    Raises:
        ConfigError: a name is no stage of this version, or nothing is left to run.
    """
    known = {stage.name: stage for stage in stages}
    taken: set[str] = set()
    for name in given:
        matching = {stage for stage in known if name in (stage, stage.partition("@")[0])}
        if not matching:
            raise ConfigError(f"there is no stage {name!r} behind this version", mend=f"stages: {', '.join(known)}")
        taken |= matching
    reached = {name for name in known if not any(name in stage.parents for stage in stages)}
    waiting = sorted(reached - taken)
    while waiting:
        found = set(known[waiting.pop()].parents) - reached
        reached |= found
        waiting += sorted(found - taken)
    ordered = [stage for stage in reversed(stages) if stage.name in reached]
    plan = Plan(
        tuple(stage for stage in ordered if stage.name not in taken),
        tuple(stage for stage in ordered if stage.name in taken),
    )
    if not plan.run:
        raise ConfigError("nothing is left to rebuild", mend="give fewer stages as --given")
    return plan
