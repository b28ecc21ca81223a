"""Pages as a stranger sees them: asked without a password, for their clock, and whether they should have refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from bioner.doctor.finding import Finding, failure, good, warning

_SECONDS = 5.0
_DRIFT = (5.0, 60.0)  # seconds: worth a warning; half of the ledger's lease, past which two processes could disagree
_OK = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page answered to a stranger.

    Attributes:
        status: of HTTP; `None` if there was no answer.
        ahead: seconds that the server's clock is ahead of ours; `None` if it did not say.
        problem: why there was no answer.
    """

    status: int | None
    ahead: float | None = None
    problem: str = ""


def ask(url: str) -> Answer:
    """Ask for a page without any password."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        return Answer(None, problem="not an address of HTTP")
    stranger = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()  # an address may hold a password
    try:
        with urlopen(Request(stranger), timeout=_SECONDS) as reply:  # noqa: S310 (the scheme was looked at)
            return Answer(reply.status, _ahead(reply.headers.get("Date")))
    except HTTPError as refusal:
        with refusal:
            return Answer(refusal.code, _ahead(refusal.headers.get("Date")))
    except (URLError, OSError, HTTPException) as error:
        return Answer(None, problem=str(getattr(error, "reason", error)))


def _ahead(date: str | None) -> float | None:
    """The header has whole seconds, cut off: half a second is added."""
    try:
        return parsedate_to_datetime(date).timestamp() + 0.5 - time.time() if date else None
    except ValueError:
        return None


def clock(name: str, answer: Answer) -> Iterator[Finding]:
    """How far the clocks of this machine and a server are apart; nothing if the server does not say."""
    if answer.ahead is None:
        return
    apart, mend = abs(answer.ahead), "let both machines keep time by NTP (`timedatectl set-ntp true`)"
    what = f"the clock of {name} is {apart:.0f} s {'ahead' if answer.ahead > 0 else 'behind'}"
    if apart <= _DRIFT[0]:
        yield good(f"the clock of {name} agrees")
    else:
        yield failure(what, mend) if apart > _DRIFT[1] else warning(what, mend)


def guarded(name: str, base: str, inner: str, mend: str) -> Iterator[Finding]:
    """Whether a page that other machines reach asks for a password, and is encrypted.

    Args:
        base: the address of the server.
        inner: a path below it that only those who are known may read.
        mend: how to make it ask for a password.
    """
    if is_local(base):
        return
    if ask(base.rstrip("/") + inner).status == _OK:
        yield failure(f"anybody who reaches {name} may read and change everything in it", mend)
    if urlsplit(base).scheme == "http":
        yield warning(
            f"passwords pass unencrypted to {name}", "put a reverse proxy with TLS before it: docs/servers.md"
        )


def is_local(url: str) -> bool:
    """Whether an address is of this machine only."""
    from bioner.serving.server import is_loopback

    return is_loopback(urlsplit(url).hostname or "")
