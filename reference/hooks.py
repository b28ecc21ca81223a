"""Called by MkDocs: adds the pages that are generated, and leads links out of `docs/` to where the site has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from bioner.cli.app import build
from bioner.config import Params
from reference.commands import commands
from reference.params import params

ROOT = Path(__file__).parents[1]
_LINKS = {  # as in the repository: as on the site
    "](docs/": "](",
    "](CHANGELOG.md)": "](changelog.md)",
    "](../params.yaml)": "](reference/params.md)",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the start page, the changelog and the reference; the first two are files of the repository's root."""
    pages = {
        "index.md": _read("README.md"),
        "changelog.md": _read("CHANGELOG.md"),
        "reference/commands.md": commands(build(), "bioner"),
        "reference/params.md": params(Params, _read("params.yaml")),
    }
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Lead the links of a page to the site."""
    for here, there in _LINKS.items():
        markdown = markdown.replace(here, there)
    return markdown


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")
