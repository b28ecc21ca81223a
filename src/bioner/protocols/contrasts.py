"""Which rows of a protocol's table are compared with which."""

from __future__ import annotations

from bioner.config import Protocol
from bioner.protocols.summary import Row
from bioner.protocols.trials import AFTER, BEFORE, BOTH, GOLD, NEITHER, SYNTHETIC, side_of


def contrasts(protocol: Protocol) -> list[tuple[Row, Row]]:
    """Which rows are compared: `(arm, k)` of each candidate and its baseline."""
    if protocol.kind == "ablation":
        shots = [((BOTH, k), (GOLD, k)) for k in protocol.k]
        return [((SYNTHETIC, 0), (NEITHER, 0)), *shots]
    if protocol.kind == "forgetting":
        return [((side_of(start, AFTER), None), (side_of(start, BEFORE), None)) for start in protocol.start]
    shots_of: dict[str, list[int | None]] = {"zero-shot": [0], "few-shot": [*protocol.k], "supervised": [None]}
    first, *others = protocol.start
    return [((start, k), (first, k)) for k in shots_of[protocol.kind] for start in others]
