"""The check of installed packages: against our own requirements, and against the set that was tested together."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distributions, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bioner.doctor.finding import Finding, failure, good, warning

_US = "bioner-foundry"
_CONSTRAINTS = "constraints.txt"
_SHOWN = 5


def packages(project: Path) -> Iterator[Finding]:
    """Whether what is installed fits."""
    wrong = list(_unfit())
    install = f"pip install --constraint {_CONSTRAINTS} --editable ."
    if wrong:
        yield failure(f"not as the project needs it: {_some(wrong)}", install)
    tested = project / _CONSTRAINTS
    if not tested.is_file():
        yield warning(f"{_CONSTRAINTS} is not here, so that versions are not compared", "run it in a whole checkout")
        return
    pinned, installed = read_pins(tested.read_text(encoding="utf-8")), _installed()
    others = [
        f"{name} {installed[name]} (tested: {pin})"
        for name, pin in pinned.items()
        if name in installed and installed[name] != pin
    ]
    if others:
        yield warning(f"{len(others)} packages are not those tested: {_some(others)}", install)
    else:
        yield good(f"{len(pinned.keys() & installed.keys())} packages are those that were tested together")


def read_pins(text: str) -> dict[str, str]:
    """Name -> version of the lines `name==version # note`."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    pairs = (line.split("==") for line in lines if "==" in line)
    return {canonicalize_name(name): pin.partition(";")[0].strip() for name, pin in pairs}


def _installed() -> dict[str, str]:
    """Name -> version, without the mark of a local build (`+cpu`)."""
    return {canonicalize_name(found.name): found.version.partition("+")[0] for found in distributions()}


def _unfit() -> Iterator[str]:
    for line in requires(_US) or ():
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            yield f"{requirement.name} is missing"
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            yield f"{requirement.name} {found}, not {requirement.specifier}"


def _some(items: list[str]) -> str:
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return ", ".join(items[:_SHOWN]) + more
