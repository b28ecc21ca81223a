"""The glossary explains every scheme and every kind of error there is."""

from __future__ import annotations

from bioner.evaluation.error_analysis import KINDS
from bioner.evaluation.schemes import SCHEMES
from bioner.report import glossary


def test_every_scheme_is_explained() -> None:
    assert tuple(glossary.SCHEMES) == SCHEMES


def test_every_kind_of_error_is_named_and_explained_in_the_order_of_the_metric() -> None:
    assert tuple(glossary.KINDS) == tuple(glossary.ERRORS) == KINDS
