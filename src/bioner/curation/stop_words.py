"""Stop words: the words that running text cannot do without, for the languages that have a list here.

Chinese words are single characters, so its list holds the characters of function words.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_EN = """a an the and or but nor not no of in on at by for from to with without within into over under between among
during after before than as is are was were be been being has have had do does did can could may might must should will
would that this these those it its they their there which who whose what when where while if we our he she his her all
any both each more most other some such only same so too very also however then"""
_ZH = "的了在是和与或及等为对中不无有以可于其而则被将由从到并且若如者后前时内上下应能需已未该本此因所行个经性"

STOP_WORDS: Mapping[str, frozenset[str]] = MappingProxyType({"en": frozenset(_EN.split()), "zh": frozenset(_ZH)})
