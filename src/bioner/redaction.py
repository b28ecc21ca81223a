"""Secrets taken out of what is shown: passwords within addresses, and the values of variables that hold a secret."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

_IN_ADDRESS = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^\s/@'\"]*(?::[^\s/'\"]*)?@")
_SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|AUTH_STRING|API_KEY|ACCESS_KEY|PRIVATE_KEY", re.IGNORECASE)
_SHORTEST = 6  # a shorter value could be any word
_STARS = "***"


def without_secrets(text: str, environment: Mapping[str, str] | None = None) -> str:
    """The text with three stars for each secret in it.

    Args:
        text: what a library or server said, which may repeat an address with its password.
        environment: the variables; those of this process by default.
    """
    known = secret_variables(os.environ if environment is None else environment)
    secrets = {part for value in known.values() for part in _parts(value)}
    for secret in sorted(secrets, key=len, reverse=True):  # the longest first: one may be a part of another
        text = text.replace(secret, _STARS)
    return _IN_ADDRESS.sub(rf"\g<scheme>{_STARS}@", text)


def secret_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Those of the variables that hold a secret: who hides many texts looks for them once."""
    return {name: value for name, value in environment.items() if _SECRET.search(name)}


def _parts(value: str) -> set[str]:
    """A secret, and the password of `user:password`; a path to a secret is none."""
    parts = {value, value.partition(":")[2]}
    return {part for part in parts if len(part) >= _SHORTEST and not part.startswith("/")}
