"""The bars of a marked piece as CSS: backgrounds wrap with the text, and need no elements of their own."""

from __future__ import annotations

from collections.abc import Callable

from bioner.report.marking import Bar, Mark, Piece

_THICK, _THIN = 4, 2  # pixels: an error, and what both sides agree on


def by_side(side: str, mark: Mark) -> str:
    """The colour of a mark of a side: its own for errors, one for what both sides agree on."""
    return "agreed" if mark.right else side


def style(piece: Piece, colour: Callable[[str, Mark], str] = by_side) -> str:
    """The value of a `style` attribute; colours and the height of a lane are variables of the style sheet."""
    above, below = piece.lanes
    layers = [
        _layer(colour("gold", bar.mark), bar, f"calc(var(--lane)*{above - bar.lane} - {_height(bar) + 1}px)")
        for bar in piece.gold
    ]
    layers += [
        _layer(colour("found", bar.mark), bar, f"calc(100% - var(--lane)*{below - bar.lane} + {_height(bar) + 1}px)")
        for bar in piece.predicted
    ]
    return (
        f"background:{','.join(layers)};"
        f"padding:calc(var(--lane)*{above}) 0 calc(var(--lane)*{below});"
        f"line-height:calc(1.8em + var(--lane)*{2 * max(above, below)})"
    )


def _layer(colour: str, bar: Bar, top: str) -> str:
    kind = "bar" if bar.filled else "gap"
    width = "calc(100% - 2px)" if bar.closes else "100%"
    return f"var(--{colour}-{kind}) 0 {top}/{width} {_height(bar)}px no-repeat"


def _height(bar: Bar) -> int:
    return _THIN if bar.mark.right else _THICK
