"""An S3 store on loopback that answers 503, as the real one does when it is overloaded, while a file is there.

python moody_s3.py PORT FILE
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_SLOW_DOWN = b"""<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message><RequestId>0</RequestId></Error>"""


class Moody:
    """The store behind its mood."""

    def __init__(self, store: Callable[..., Iterable[bytes]], overloaded: Path) -> None:
        self._store = store
        self._overloaded = overloaded

    def __call__(self, request: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if not self._overloaded.exists():
            return self._store(request, start)
        request["wsgi.input"].read(int(request.get("CONTENT_LENGTH") or 0))  # else the client is cut off while it sends
        start("503 Slow Down", [("Content-Type", "application/xml"), ("Content-Length", str(len(_SLOW_DOWN)))])
        return [] if request["REQUEST_METHOD"] == "HEAD" else [_SLOW_DOWN]


def main(port: int, overloaded: Path) -> None:
    """Serve for ever."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import run_simple

    store = Moody(DomainDispatcherApplication(create_backend_app), overloaded)
    run_simple("127.0.0.1", port, store, threaded=True, request_handler=MotoRequestHandler)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
