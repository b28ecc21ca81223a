#!/usr/bin/env python3
"""Ends well if the page at an address answers well: a health check for images without curl."""

from __future__ import annotations

import sys
from urllib.request import urlopen


def main(url: str) -> None:
    """Ask; any error, or a status that is one, ends with a traceback and a code that is not zero."""
    with urlopen(url, timeout=5):  # noqa: S310 (the address is written in the image)
        pass


if __name__ == "__main__":
    main(sys.argv[1])
