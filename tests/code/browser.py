"""A headless Chromium as tests drive it: by its DevTools protocol, with what a page asks for and complains of noted."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # which does not work for root, in containers
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
_START = 60.0  # seconds
_ANSWER = 60.0
_KEYS = {"Tab": 9, "Enter": 13, " ": 32, "Delete": 46}


def find_browser() -> str:
    """The browser's program; without one the test fails and says how to get it."""
    named = os.environ.get("CHROME_BIN")
    found = next((path for name in ([named] if named else _NAMES) if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(
            "no Chromium or Chrome here, and pages are tested in a real one: install it (apt-get install chromium), "
            "or name its program in CHROME_BIN"
        )
    return found


@contextmanager
def open_browser(home: Path) -> Iterator[Page]:
    """A browser with one empty page; its profile lies in `home`, which should be empty."""
    command = [find_browser(), *_FLAGS, f"--user-data-dir={home}", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            port, path = _address(home / "DevToolsActivePort", process)
            with connect(f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None) as line:
                yield Page(line)
        finally:
            process.terminate()


def _address(file: Path, process: subprocess.Popen[bytes]) -> tuple[str, str]:
    """Port and path of the protocol, which the browser writes to a file when it listens."""
    until = time.monotonic() + _START
    while time.monotonic() < until and process.poll() is None:
        lines = file.read_text().split() if file.is_file() else []
        if len(lines) == 2:
            return lines[0], lines[1]
        time.sleep(0.05)
    raise AssertionError(f"the browser did not start within {_START:.0f} s, or ended (exit code {process.poll()})")


class Page:
    """One page.

    Attributes:
        requests: the addresses that the page asked for, `data:` left out.
        complaints: exceptions, errors and warnings of the console, and refusals of the page's own policy.
    """

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._last = 0
        self._session: str | None = None
        self._loaded = False
        self.requests: list[str] = []
        self.complaints: list[str] = []
        target = self._do("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._do(f"{domain}.enable")
        self._do("Page.bringToFront")
        self._do("Emulation.setFocusEmulationEnabled", enabled=True)

    def load(self, page: Path | str) -> None:
        """Open a file or an address and wait until it is loaded; what was noted before is forgotten."""
        self.requests.clear()
        self.complaints.clear()
        self._loaded = False
        self._do("Page.navigate", url=page.as_uri() if isinstance(page, Path) else page)
        while not self._loaded:
            self._note(self._receive())

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        answer = self._do("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def resize(self, width: int, height: int = 800) -> None:
        """Make the window another size; below 600 pixels it is a phone's."""
        mobile = width < 600
        self._do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def colours(self, scheme: str) -> None:
        """Prefer `light` or `dark`."""
        self._do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        code, text = _KEYS[key], {"Enter": "\r", " ": " "}.get(key, "")
        shared = {"key": key, "windowsVirtualKeyCode": code, "code": "Space" if key == " " else key}
        self._do("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **shared)
        self._do("Input.dispatchKeyEvent", type="keyUp", **shared)

    def write(self, text: str) -> None:
        """Write into what has the focus, as a keyboard or an input method does."""
        self._do("Input.insertText", text=text)

    def wait(self, condition: str) -> None:
        """Until an expression in the page is true."""
        until = time.monotonic() + _ANSWER
        while not self.run(condition):
            assert time.monotonic() < until, f"not within {_ANSWER:.0f} s: {condition}; {self.complaints}"
            time.sleep(0.05)

    def choose(self, selector: str, file: Path) -> None:
        """Choose a file for an input of that kind."""
        document = self._do("DOM.getDocument")["root"]["nodeId"]
        found = self._do("DOM.querySelector", nodeId=document, selector=selector)["nodeId"]
        self._do("DOM.setFileInputFiles", nodeId=found, files=[str(file)])

    def picture(self, path: Path) -> None:
        """Write what the window shows as PNG."""
        path.write_bytes(base64.b64decode(self._do("Page.captureScreenshot", format="png")["data"]))

    def _do(self, method: str, **arguments: Any) -> dict[str, Any]:
        self._last += 1
        message = {"id": self._last, "method": method, "params": arguments}
        self._line.send(json.dumps(message | ({"sessionId": self._session} if self._session else {})))
        while (answer := self._receive()).get("id") != self._last:
            self._note(answer)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return dict(answer["result"])

    def _receive(self) -> dict[str, Any]:
        return dict(json.loads(self._line.recv(timeout=_ANSWER)))

    def _note(self, event: dict[str, Any]) -> None:
        method, details = event.get("method"), event.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Network.requestWillBeSent" and not details["request"]["url"].startswith("data:"):
            self.requests.append(details["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(details["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and details["type"] in ("error", "warning", "assert"):
            self.complaints.append(str(details["args"]))
        elif method == "Log.entryAdded" and details["entry"]["level"] in ("error", "warning"):
            self.complaints.append(details["entry"]["text"])
