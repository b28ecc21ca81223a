"""The structured log: one JSON line an event, with the ids of the run, the stage and the document that it is about.

It is off unless `BIONER_LOG` names a file, which any number of processes append to, or `-` for standard error.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bioner.errors import BionerError, ConfigError
from bioner.redaction import secret_variables, without_secrets

LOG = "BIONER_LOG"
IDS = "BIONER_LOG_IDS"  # in the environment of what a run starts: its ids, as JSON
_STANDARD_ERROR = "-"
_FIELDS = "event_fields"  # where a record of `logging` keeps the figures of an event

_EVENTS = logging.getLogger("bioner.events")
_EVENTS.addHandler(logging.NullHandler())
_EVENTS.propagate = False  # else what other libraries do to the root logger would show events a second time
_ids: ContextVar[Mapping[str, Any]] = ContextVar("ids", default=MappingProxyType({}))


class JsonLines(logging.Formatter):
    """A record as one line of JSON, without secrets; warnings of libraries are events named `log`.

    Args:
        ids: what every line of this process holds.
    """

    def __init__(self, ids: Mapping[str, Any]) -> None:
        super().__init__()
        self._ids = ids
        self._secrets = secret_variables(os.environ)

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": "log",
            "message": record.getMessage(),
            "process": record.process,
            **self._ids,
            **_ids.get(),
            **getattr(record, _FIELDS, {"logger": record.name}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        known = {name: value for name, value in line.items() if value is not None}
        return json.dumps(self._clean(known), ensure_ascii=False, default=str)

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return without_secrets(value, self._secrets)
        if isinstance(value, Mapping):
            return {name: self._clean(inner) for name, inner in value.items()}
        return [self._clean(inner) for inner in value] if isinstance(value, list | tuple) else value


def configure(**ids: Any) -> None:
    """Begin to write, if the environment says where to; a program calls this once.

    Args:
        ids: what every line holds, besides what the process that started this one gave it.

    Raises:
        ConfigError: the file cannot be written.
    """
    target = os.environ.get(LOG)
    if not target:
        return
    given = json.loads(os.environ.get(IDS, "{}"))
    handler = _handler(target)
    handler.setFormatter(JsonLines({**given, **ids}))
    logging.raiseExceptions = False  # a full disk must not end what the log is about, or fill the screen
    _EVENTS.addHandler(handler)
    _EVENTS.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    if target != _STANDARD_ERROR and logging.lastResort:  # warnings are still shown where they are without a log
        logging.getLogger().addHandler(logging.lastResort)


def on() -> bool:
    """Whether events are written."""
    return _EVENTS.isEnabledFor(logging.INFO) and len(_EVENTS.handlers) > 1


def event(name: str, message: str, level: int = logging.INFO, **fields: Any) -> None:
    """Write an event.

    Args:
        name: what happened, the same for all of its kind.
        message: what happened here, for people.
        fields: ids (`document`, `stage`, `item`) and figures; seconds and bytes without prefixes.
    """
    if on():
        _EVENTS.log(level, "%s", message, extra={_FIELDS: {"event": name, **fields}})


def failed(error: BaseException, **fields: Any) -> None:
    """Write that something ended with an error: of one that a user can mend what, where and how, else its traceback."""
    kind = type(error).__name__
    if isinstance(error, BionerError):
        fields |= {"kind": kind, "where": error.where, "mend": error.mend, "exit_code": error.exit_code}
        event("error", error.what, logging.ERROR, **fields)
    elif on():
        extra = {_FIELDS: {"event": "error", "kind": kind, **fields}}
        _EVENTS.error("%s", f"{kind}: {error}", exc_info=error, extra=extra)


@contextmanager
def within(**ids: Any) -> Iterator[None]:
    """Around what belongs to a run, say: every event from here, and of what is started from here, holds these ids."""
    token = _ids.set({**_ids.get(), **{name: value for name, value in ids.items() if value is not None}})
    try:
        yield
    finally:
        _ids.reset(token)


def variables() -> dict[str, str]:
    """What has to be in the environment of a process for its events to have the ids of this place."""
    ids = json.loads(os.environ.get(IDS, "{}")) | dict(_ids.get())
    return {IDS: json.dumps(ids)} if ids else {}


def _handler(target: str) -> logging.Handler:
    if target == _STANDARD_ERROR:
        return logging.StreamHandler()
    file = Path(target)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return WatchedFileHandler(file, encoding="utf-8")  # opened anew after it was rotated
    except OSError as error:
        mend = "name a file that can be written, or - for standard error; without the variable there is no log"
        raise ConfigError(f"the log cannot be written: {error.strerror}", where=f"{LOG}={target}", mend=mend) from error
