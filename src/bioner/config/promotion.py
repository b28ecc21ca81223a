"""The params of promotion: which rules a version has to meet to become champion."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bioner.config.section import Section, Share

Scheme = Literal["strict", "boundary", "overlap"]
Level = Annotated[float, Field(gt=0.0, le=1.0)]


class Promotion(Section):
    """When a challenger becomes champion; what has a default here is off by it, but for `validation`."""

    metric: Scheme
    min_gain: Share
    significance: Level
    min_f1: Share
    floor_per_type: Share
    floor_per_language: Share
    floor_per_nesting: Share = 0.0
    type_significance: Level = 1.0  # of the loss in any type, corrected for their number; 1: not tested
    validation: bool = True  # whether the synthetic data has to have passed its gate
    max_leakage: Share = 1.0  # share of a judged set that occurs in one that is trained on; 1: not looked at
    min_acceptance: Share = 0.0  # share of the teacher's annotations that reviewers accepted; 0: not asked for
    max_megabytes: Annotated[float, Field(gt=0.0)] | None = None  # of the model folder
