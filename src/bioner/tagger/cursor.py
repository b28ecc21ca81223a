"""Where a tagged line stands while it is written, and what may follow: the rules that every output obeys."""

from __future__ import annotations

from dataclasses import dataclass

from bioner.tagger.symbols import CLOSE, DEEPEST, END, OPEN

CHOICES = (0, OPEN, CLOSE, END)  # the order of the choices; 0 stands for the next word

Allowed = tuple[bool, bool, bool, bool]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a line.

    Attributes:
        length: words of the source.
        word: the next word to copy.
        opened: first words of the mentions that are open, outermost first.
        closed: first word of the mention that ended right here, or `None`.
        begun: whether the line has any word or symbol.
    """

    length: int
    word: int = 0
    opened: tuple[int, ...] = ()
    closed: int | None = None
    begun: bool = False

    def allowed(self) -> Allowed:
        """Which of `CHOICES` may follow; at least one does.

        A mention has at least one word, no two have the same extent unless the text ends, and all are closed. A line
        ends where it begins or right after a mention, outside all others.
        """
        more = self.word < self.length
        inside = bool(self.opened)
        whole = inside and self.opened[-1] < self.word
        return (
            more,
            more and len(self.opened) < DEEPEST,
            whole and not (more and self.opened[-1] == self.closed),
            not inside and (not more or self.closed is not None or not self.begun),
        )

    def after(self, item: int) -> Cursor:
        """The place after an allowed item (a word, `OPEN` or `CLOSE`)."""
        if item == OPEN:
            return Cursor(self.length, self.word, (*self.opened, self.word), None, True)
        if item == CLOSE:
            return Cursor(self.length, self.word, self.opened[:-1], self.opened[-1], True)
        return Cursor(self.length, item + 1, self.opened, None, True)
