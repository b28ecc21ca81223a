"""How long a person waits in the playground: from the question to the marked text, once a model is loaded.

It is run in a project's folder and asks every model that the page offers. What a browser takes to draw is not in it.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from common import Spread, hardware, seconds

_HEADER = "X-Playground-Token"
_SENTENCES = {
    "en": "Metformin was stopped in a woman with type 2 diabetes mellitus because of severe lactic acidosis. ",
    "zh": "患者因急性心肌梗死入院，予阿司匹林和氯吡格雷治疗，后出现上消化道出血。",
}
_TIMES = 3  # that each text is asked again


class Page:
    """The page, as its script asks; the models are loaded by their first question."""

    def __init__(self, place: str) -> None:
        self._line = HTTPConnection(place, timeout=600)
        self._line.request("GET", "/")
        text = self._line.getresponse().read().decode()
        self._token = re.findall(r'name="token" content="([^"]+)"', text)[0]
        options = text.partition('id="model"')[2].partition("</select>")[0]
        self.models = [html.unescape(option) for option in re.findall(r'<option value="([^"]+)"', options)]

    def find(self, model: str, text: str, language: str) -> None:
        """Ask for the mentions of a text, and for the text with them marked."""
        documents = [{"id": "text", "text": text, "language": language}]
        found = self._ask(f"/predict?model={model}", {"documents": documents})
        side = {key: found[key] for key in ("labels", "spans")}
        self._ask("/show", {"text": text, "language": language, "sides": [side], "page": "en"})

    def _ask(self, path: str, value: Any) -> Any:
        self._line.request("POST", path, json.dumps(value), {_HEADER: self._token})
        answer = self._line.getresponse()
        found = json.loads(answer.read())
        if answer.status != 200:
            raise SystemExit(f"{path}: {found['error']}")
        return found


def main() -> None:
    """Start the playground, ask, end it, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", action="append", default=[], metavar="REF", help="offer this model, too")
    with _playground([part for name in parser.parse_args().model for part in ("--model", name)]) as place:
        page = Page(place)
        print(f"{hardware()}; seconds: median (least to most) of {_TIMES}")
        for model in page.models:
            print(f"{model}: loading and one answer {seconds(partial(page.find, model, 'Aspirin.', 'en')):.2f}")
            for language, sentence in _SENTENCES.items():
                for text in (sentence, (sentence * 100)[:2000]):
                    ask = partial(page.find, model, text, language)
                    first, *others = (seconds(ask) for _ in range(_TIMES + 1))
                    print(
                        f"  {language}, {len(text)} characters: first {first:.2f}, then {Spread.of(others)}", flush=True
                    )


@contextmanager
def _playground(options: list[str]) -> Iterator[str]:
    """The playground on a free port; host and port."""
    command = [sys.executable, "-c", "from bioner.cli import main; main()", "playground", *options]
    with subprocess.Popen([*command, "--port", "0", "--json"], stdout=subprocess.PIPE, text=True) as process:
        try:
            said = "".join(iter(process.stdout.readline, "}\n")) if process.stdout else ""
            yield urlsplit(json.loads(said + "}")["url"]).netloc
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
