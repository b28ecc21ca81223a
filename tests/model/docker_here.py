"""Stands in for `docker compose` where there is none: what a container would run, runs here on a test's servers.

It is put on the path as `docker`. It knows the options that `docs/servers.md` uses, and refuses others.

    WORKER_FOLDER: the folder of the project, in which the service `worker` works.
    TIMES: a file, to which each command is added with its seconds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml


def main(arguments: list[str]) -> int:
    """Run the command of a service; its exit status."""
    parser = argparse.ArgumentParser(prog="docker", allow_abbrev=False)
    compose = parser.add_subparsers(required=True).add_parser("compose", allow_abbrev=False)
    compose.add_argument("--file", type=Path, required=True)
    verbs = compose.add_subparsers(required=True)
    for verb, flags, options in (("exec", ["-T"], []), ("run", ["--rm"], ["--user", "--volume"])):
        known = verbs.add_parser(verb, allow_abbrev=False)
        for name in flags:
            known.add_argument(name, action="store_true")
        for name in options:
            known.add_argument(name)
        known.add_argument("service")
        known.add_argument("command", nargs=argparse.REMAINDER)
        known.set_defaults(volume=None)
    given = parser.parse_args(arguments)
    service = yaml.safe_load(given.file.read_text(encoding="utf-8"))["services"][given.service]
    outside, inside = given.volume.split(":") if given.volume else ("", "")
    command = [
        outside + word.removeprefix(inside) if inside and word.startswith(f"{inside}/") else word
        for word in given.command or service["command"]
    ]
    program = shutil.which(command[0])
    assert program, f"{command[0]} is not on the path"
    begin = time.monotonic()
    folder = os.environ["WORKER_FOLDER"] if given.service == "worker" else None
    code = subprocess.run([program, *command[1:]], cwd=folder, check=False).returncode
    with Path(os.environ["TIMES"]).open("a", encoding="utf-8") as log:
        log.write(f"{time.monotonic() - begin:6.1f} s  {' '.join(command)}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
