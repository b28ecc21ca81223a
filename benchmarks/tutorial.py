"""A newcomer's walk through the tutorial: every command typed as printed into one shell, on a fresh clone, and timed.

What the page says in words is done here, too: where it says so, `finetune.steps` is set to another number. The commands
about a corpus "of your own" (`bioner corpora add corpus.zip`, and the run of its profile) are left out.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from common import hardware
from rich.console import Console
from rich.table import Table

from bioner.files import write_json

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"```(?:bash|sh)\n(.*?)```", re.DOTALL)
_OWN = ("corpus.zip", "--profile mine")  # a corpus that the reader has, and we have not
_CHANGED = ("  steps: 200", "  steps: 150")  # of finetune, the second time that `bioner status` is typed
_DONE = "typed:"


@dataclass(frozen=True, slots=True)
class Step:
    """A command, how long it took, and its exit code."""

    command: str
    seconds: float
    code: int


def main() -> None:
    """Clone, walk, and print; exits with 1 if a command failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="of the clone, which is kept; without it one that is removed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result to this file as well")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary) / "bioner"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        steps = walk(folder, commands((folder / "docs/tutorial.md").read_text(encoding="utf-8")))
    table = Table("command", "seconds", "exit code", title=f"the tutorial, on {hardware()}")
    for step in steps:
        table.add_row(step.command, f"{step.seconds:.1f}", str(step.code))
    Console().print(table)
    if chosen.json:
        write_json(chosen.json, {"hardware": hardware(), "steps": [asdict(step) for step in steps]})
    sys.exit(any(step.code for step in steps))


def commands(page: str) -> list[str]:
    """The commands of the page, a line each; a backslash at its end goes on with the next."""
    lines = [line for block in _BLOCK.findall(page) for line in block.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line.strip() and not any(own in line for own in _OWN)]


def walk(folder: Path, typed: list[str]) -> list[Step]:
    """Type them into one shell, so that what one sets up is there for the next."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": sys.stderr, "text": True}
    steps: list[Step] = []
    with subprocess.Popen(["bash", "--noprofile", "--norc"], cwd=folder, **pipes) as shell:
        for number, command in enumerate(typed):
            if command == "bioner status" and command in typed[:number]:
                _change(folder / "params.yaml")
            began = time.monotonic()
            shell.stdin.write(f"{command}\necho {_DONE} $?\n")
            shell.stdin.flush()
            line = ""
            while not (line := shell.stdout.readline()).startswith(_DONE):
                if not line:
                    raise SystemExit(f"the shell ended at: {command}")
                sys.stderr.write(line)
            steps.append(Step(command, round(time.monotonic() - began, 2), int(line.removeprefix(_DONE))))
    return steps


def _change(params: Path) -> None:
    text = params.read_text(encoding="utf-8")
    before, section, after = text.partition("\nfinetune:")
    if _CHANGED[0] not in after:
        raise SystemExit(f"{params} has other steps of finetune than {_CHANGED[0]!r}")
    params.write_text(before + section + after.replace(*_CHANGED, 1), encoding="utf-8")


if __name__ == "__main__":
    main()
