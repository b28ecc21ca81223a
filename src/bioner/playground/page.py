"""The page and its parts as HTML; all that comes from texts, models and people is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from bioner.documents import Document
from bioner.pages import templates_of
from bioner.playground.offers import Offer
from bioner.playground.view import differences, stretches
from bioner.playground.wording import SPOKEN, WORDING, Language
from bioner.serving.limits import Limits

_OTHER: dict[Language, Language] = {"en": "zh", "zh": "en"}


def render_page(offers: Sequence[Offer], token: str, language: Language, limits: Limits) -> str:
    """The page as it opens.

    Args:
        offers: the models to choose from; the first of them is chosen.
        token: what the page shows when it asks for something.
    """
    return _render(
        "page.html.j2",
        language,
        groups=[(group, list(found)) for group, found in groupby(offers, key=lambda offer: offer.group)],
        token=token,
        other=_OTHER[language],
        most=limits.characters,
        spoken={name: WORDING[language][name] for name in SPOKEN},
    )


def render_side(document: Document, labels: Mapping[str, str], other: Document | None, language: Language) -> str:
    """A text with its mentions marked; `other` and `labels` as in `view.stretches`."""
    return _render("side.html.j2", language, document=document, stretches=stretches(document, labels, other))


def render_differences(first: Document, second: Document, called: Mapping[str, str], language: Language) -> str:
    """Where two annotations of a text differ; `called` as in `view.differences`."""
    return _render("differences.html.j2", language, found=differences(first, second, called), language=first.language)


def _render(name: str, page: Language, **values: object) -> str:
    return templates_of("bioner.playground").get_template(name).render(say=WORDING[page], page=page, **values)
