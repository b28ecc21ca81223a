"""Whether new text has drifted from what a model was trained on: six measures, each with an effect and a p-value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bioner.config import Drift
from bioner.drift.observe import Observed
from bioner.drift.permutation import effect, p_value
from bioner.drift.tables import Kind, Table, of_numbers, of_values
from bioner.evaluation.group_significance import holm
from bioner.seeds import derive

Name = Literal["language", "length", "unknown_words", "labels", "density", "confidence"]

_SHOWN = 20  # unknown words


@dataclass(frozen=True, slots=True)
class Material:
    """What is compared: documents that were drawn from either side, counted.

    Attributes:
        learnt: half of the text that the model was trained on; its words are the known ones.
        reference: the other half, which is compared, so that no document is judged by its own words.
        new: the text that is judged.
        held_out: documents as the model annotates them that are like those it learnt from; empty without a model.
        read: some of the new ones as the model annotates them; likewise.
    """

    learnt: Sequence[Observed]
    reference: Sequence[Observed]
    new: Sequence[Observed]
    held_out: Sequence[Observed] = ()
    read: Sequence[Observed] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure.

    Attributes:
        effect: how far the sides are apart, from 0 (alike) to 1 (nothing in common); see `permutation.distance`.
        threshold: the effect from which it is drift.
        p: how often chance alone takes sides of these sizes as far apart.
        corrected: the same after Holm's correction for the number of measures.
        alarm: whether the difference is significant and reaches the threshold.
        means: of the reference and the new text; `None` for a mix of values.
        shares: value -> its share in the reference and in the new text; of ranges of numbers, by their upper ends.
        documents: of the reference and the new text.
    """

    name: Name
    effect: float
    threshold: float
    p: float
    corrected: float
    alarm: bool
    means: tuple[float, float] | None
    shares: Mapping[str, tuple[float, float]]
    documents: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Check:
    """What came of comparing new text with a reference.

    Attributes:
        new: what is judged, in words.
        reference: what it is compared with, in words.
        model: the reference of the model that read both; empty if none did.
        documents: how many new documents there are, before any were drawn.
        significance: of the whole check.
        unknown: the most frequent words of the new text that the reference lacks, and how often they occur.
        left_out: measure -> why it was left out.
    """

    new: str
    reference: str
    model: str
    documents: int
    significance: float
    measures: tuple[Measured, ...]
    unknown: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def alarms(self) -> tuple[Measured, ...]:
        """The measures in which the new text has drifted."""
        return tuple(measure for measure in self.measures if measure.alarm)

    def to_record(self) -> dict[str, Any]:
        """The check as a JSON object."""
        return {"alarm": bool(self.alarms)} | asdict(self)


def measure(material: Material, settings: Drift, seed: int) -> tuple[tuple[Measured, ...], dict[str, str]]:
    """Compare both sides.

    Returns:
        The measures, and those that were left out with the reason.
    """
    tables, means = _tables(material)
    there = {name: table for name, table in tables.items() if table.comparable}
    p = {name: p_value(table, settings.permutations, derive(seed, "drift", name)) for name, table in there.items()}
    corrected = holm(p)
    limits = settings.effects.model_dump()
    found = []
    for name, table in there.items():
        apart = effect(table)
        alarm = corrected[name] <= settings.significance and apart >= limits[name]
        sides = len(table.reference), len(table.new)
        found.append(
            Measured(name, apart, limits[name], p[name], corrected[name], alarm, means.get(name), _shares(table), sides)
        )
    return tuple(found), {name: _why(material, name) for name in tables.keys() - there.keys()}


def unknown_words(material: Material) -> dict[str, int]:
    """The most frequent words of the new text that the reference lacks, and how often they occur."""
    known = {word for side in (material.learnt, material.reference) for document in side for word in document.words}
    counts = Counter(word for document in material.new for word in document.words if word not in known)
    return dict(counts.most_common(_SHOWN))


def _tables(material: Material) -> tuple[dict[Name, Table], dict[Name, tuple[float, float]]]:
    """The table of each measure, and the means of those that are numbers."""
    known = {word for document in material.learnt for word in document.words}
    text, read = (material.reference, material.new), (material.held_out, material.read)
    tables: dict[Name, Table] = {
        "language": of_values(*([document.languages for document in side] for side in text)),
        "labels": of_values(*([document.labels for document in side] for side in read)),
    }
    means: dict[Name, tuple[float, float]] = {}

    def number(
        name: Name, kind: Kind, sides: Sequence[Sequence[Observed]], of: Callable[[Observed], Sequence[float]]
    ) -> None:
        reference, new = ([of(document) for document in side] for side in sides)
        tables[name] = of_numbers(kind, reference, new)
        means[name] = _mean(reference), _mean(new)

    number("length", "shift", text, lambda document: document.lengths)
    # Only more of them is drift: text that the reference holds, too, has none.
    number("unknown_words", "rise", text, lambda document: [float(word not in known) for word in document.words])
    number("density", "shift", read, lambda document: document.densities)
    number("confidence", "shift", read, lambda document: document.scores)
    return tables, means


def _mean(documents: Sequence[Sequence[float]]) -> float:
    values = [value for document in documents for value in document]
    return sum(values) / len(values) if values else 0.0


def _shares(table: Table) -> dict[str, tuple[float, float]]:
    reference, new = (total / total.sum() for total in table.totals)
    names = (value if isinstance(value, str) else f"{value:.6g}" for value in table.values)
    return {name: (float(a), float(b)) for name, a, b in zip(names, reference, new, strict=True)}


def _why(material: Material, name: str) -> str:
    if name in {"labels", "density", "confidence"}:
        if not material.read:
            return "no model has read the text"
        return "the model found no entity on one of the sides"
    return "one of the sides has no words"
