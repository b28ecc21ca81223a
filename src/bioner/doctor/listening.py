"""The check of pages of this machine: those that other machines reach have to ask for a password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil

from bioner.doctor.finding import Finding, failure, good, warning
from bioner.doctor.pages import ask

# Program -> a path that a stranger must not read, and how to close it.
_INNER = {
    "mlflow": ("/api/2.0/mlflow/experiments/search?max_results=1", "start it with --app-name basic-auth"),
    "prefect": ("/api/admin/version", "set PREFECT_SERVER_API_AUTH_STRING for it"),
}
_ALL = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (it is looked for, not listened on)
_OK = 200


def listening(_project: Path) -> Iterator[Finding]:
    """Servers of MLflow and Prefect on this machine that listen for other machines."""
    try:
        pages = _pages()
    except psutil.AccessDenied:
        yield warning("this system does not say what listens", "run it as the user of the servers, or as root")
        return
    unguarded = [page for page in pages if _lets_in(*page)]
    for ip, port, kind in unguarded:
        what = f"{kind} on {ip}:{port} lets in every machine without a password"
        yield failure(what, f"{_INNER[kind][1]}, or bind it to 127.0.0.1")
    if not unguarded:
        yield good(f"{len(pages)} pages for other machines, none without a password")


def _pages() -> list[tuple[str, int, str]]:
    """Address, port and program of each page that others reach; several processes may share one."""
    from bioner.serving.server import is_loopback

    found = set()
    for connection in psutil.net_connections("tcp"):
        place, kind = connection.laddr, None
        if connection.status == psutil.CONN_LISTEN and place and not is_loopback(place.ip):
            kind = _kind(connection.pid)
        if kind and place:
            found.add((place.ip, place.port, kind))
    return sorted(found)


def _kind(pid: int | None) -> str | None:
    """Which program it is, by its command line; `None` for others, and for those of other users."""
    try:
        words = psutil.Process(pid).cmdline() if pid else []
    except psutil.Error:
        return None
    names = {Path(word).name.partition(".")[0] for word in words}
    return next((kind for kind in _INNER if kind in names), None)


def _lets_in(ip: str, port: int, kind: str) -> bool:
    """Whether a stranger may read what only those who are known should."""
    here = _ALL.get(ip, ip)
    host = f"[{here}]" if ":" in here else here
    return ask(f"http://{host}:{port}{_INNER[kind][0]}").status == _OK
