"""The params of drift: how new text is compared with the text a model was trained on, and what counts as drift."""

from __future__ import annotations

from pydantic import Field, model_validator

from bioner.config.section import Count, Rate, Section, Share


class Effects(Section):
    """From which effect on a measure is drift, if it is significant too: 0 is alike, 1 nothing in common."""

    language: Share = 0.15
    length: Share = 0.25
    unknown_words: Share = 0.08
    labels: Share = 0.25
    density: Share = 0.2
    confidence: Share = 0.2


class Drift(Section):
    """How new text is compared; an alarm takes significance and an effect, since in much text all is significant."""

    documents: Count = 2000  # of each side, drawn by the seed
    predicted: Count = 200  # of these, read by the model
    permutations: Count = 10_000  # at most
    significance: Rate = 0.001  # of a whole check, over all its measures (Holm)
    effects: Effects = Field(default_factory=Effects)

    @model_validator(mode="after")
    def _enough(self) -> Drift:
        measures = len(Effects.model_fields)
        if measures / (self.permutations + 1) > self.significance:
            least = int(measures / self.significance)
            raise ValueError(f"permutations: {measures} measures at this significance take {least} of them, or more")
        return self
