"""How fast an endpoint's teacher is asked: the stage `distill` against the plain way, and its memory as texts grow.

The endpoint is a server on loopback in a process of its own, which answers each request after 50 ms with JSON of three
entities, one of them in other words than the text; 64 requests are asked at a time, so that 1,280 answers a second
would be ideal. The plain way is httpx, on which the client of OpenAI is built, with a coroutine for each text under a
semaphore, `json` and `jsonschema`, and no cache. A bare client, which sends the same bytes again and again and reads
nothing of the answers, shows what server and machine can. Every measurement is a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from common import Result, Spread, hardware, options, peak_gib, show
from loopback import CONCURRENCY, ENTITIES, LATENCY, bare, server
from rich.console import Console
from rich.table import Table

from bioner.documents import Document, read_documents, write_documents
from bioner.files import write_json

_ROOT = Path(__file__).resolve().parents[1]
_ROUNDS = 3
_WORDS = "given daily before after surgery without further signs of hepatic cardiac disease in women".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Measured:
    """One run.

    Attributes:
        texts: that were asked about.
        seconds: of the whole run, with reading and writing documents.
        per_second: texts in a second, from the first request to the last answer.
        share: of the ideal rate.
        milliseconds: of a processor, for each text, over the whole run.
        peak_gib: the most memory that its process held.
    """

    texts: int
    seconds: float
    per_second: float
    share: float
    milliseconds: float
    peak_gib: float


def main() -> None:
    """Measure the plain way and ours in turn on few texts, then ours on more, and print."""
    chosen = options(__doc__ or "")
    size, more = (500, [1_000, 3_000]) if chosen.quick else (2_000, [10_000, 200_000])
    rounds = 1 if chosen.quick else _ROUNDS
    with tempfile.TemporaryDirectory() as folder, server() as url:
        ceiling = _measure(ceiling_of, url, more[0], Path(folder))
        sides = [[_measure(way, url, size, Path(folder)) for way in (plain, ours)] for _ in range(rounds)]
        grown = [_measure(ours, url, number, Path(folder)) for number in more]
    before, after = (Spread.of([one.seconds for one in side]) for side in zip(*sides, strict=True))
    ratio = Spread.of([first.seconds / second.seconds for first, second in sides])
    name = f"{size:,} texts; the baseline is httpx with a coroutine for each text"
    result = Result(name, hardware(), rounds, before, after, ratio)
    _show({"a bare client": [ceiling], "the plain way": [p for p, _ in sides], "ours": [o for _, o in sides] + grown})
    show(result, None)
    if chosen.json:
        runs = {"ceiling": ceiling, "plain": sides[0][0], "ours": [asdict(one) for one in (sides[0][1], *grown)]}
        write_json(chosen.json, asdict(result) | {k: v if isinstance(v, list) else asdict(v) for k, v in runs.items()})


def _measure(way: Callable[[str, Path], float | None], url: str, size: int, folder: Path) -> Measured:
    """Run one way in a process of its own; it returns the seconds of asking alone, if it knows them."""
    file = folder / f"{size}.jsonl"
    if not file.is_file():
        rng = random.Random(size)
        write_documents(file, (Document(f"d{n}", _text(n, rng), "en", source="s") for n in range(size)))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        seconds, asking, processor, peak = pool.submit(_timed, way, url, file).result()
    rate = size / asking
    figures = (rate, rate * LATENCY / CONCURRENCY, processor / size * 1e3, peak)
    return Measured(size, round(seconds, 3), *(float(f"{figure:.4g}") for figure in figures))


def _text(number: int, rng: random.Random) -> str:
    words = rng.choices(_WORDS, k=20)
    return f"Patient {number} took {ENTITIES[0]} {' '.join(words)}, then {ENTITIES[1]} and renal failure were seen."


def _timed(way: Callable[[str, Path], float | None], url: str, file: Path) -> tuple[float, float, float, float]:
    import bioner.stages.distill  # noqa: F401 (so that no way pays for imports)

    began, processor = time.perf_counter(), time.process_time()
    asking = way(url, file)
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    return seconds, asking or seconds, processor, peak_gib()


def ours(url: str, file: Path) -> float:
    """The stages `teacher` and `distill` in a folder of their own, with the params of the project."""
    import yaml

    from bioner.config import parse_params
    from bioner.stages import distill, layout, teacher
    from bioner.stages.context import Context
    from bioner.teacher.cache_status import read_status

    values = yaml.safe_load((_ROOT / layout.PARAMS).read_text(encoding="utf-8"))
    endpoint = {"url": url, "model": "invented", "task": "open_ner", "limits": {"concurrency": CONCURRENCY}}
    values["teacher"] = {"backend": "endpoint", "min_score": 0.5, "endpoint": endpoint}
    params = parse_params(values, str(layout.PARAMS))
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        os.chdir(folder)
        layout.CURATED.parent.mkdir()
        layout.CURATED.symlink_to(file)
        teacher.run(Context("teacher", None, params))
        distill.run(Context("distill", None, params))
        (cache,) = layout.RECORDS.glob("*.sqlite")
        progress = read_status(cache).progress
        os.chdir(file.parent)
    return progress.seconds if progress else 0.0


def plain(url: str, file: Path) -> None:
    """What a script would do: the same messages, answers checked against the schema, mentions found to the letter."""
    asyncio.run(_plain(url, file))


async def _plain(url: str, file: Path) -> None:
    import httpx
    import jsonschema

    from bioner.config import load_params
    from bioner.teacher.tasks.registry import open_task

    task = open_task("open_ner", types=load_params(_ROOT / "params.yaml").entity_types)
    slots = asyncio.Semaphore(CONCURRENCY)
    limits = httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)

    async def annotate(document: Document) -> dict[str, Any]:
        schema = task.schema("en")
        form = {"type": "json_schema", "json_schema": {"name": "open_ner", "schema": schema, "strict": True}}
        messages = [{"role": role, "content": content} for role, content in task.messages(document)]
        async with slots:
            body = {"model": "invented", "messages": messages, "temperature": 0.0, "response_format": form}
            answer = (await client.post(f"{url}/chat/completions", json=body)).json()
        value = json.loads(answer["choices"][0]["message"]["content"])
        jsonschema.validate(value, schema)
        places = [(document.text.find(entity["text"]), entity["type"]) for entity in value["entities"]]
        return {"id": document.id, "places": places}

    async with httpx.AsyncClient(limits=limits, timeout=120) as client:
        found = await asyncio.gather(*(annotate(document) for document in read_documents(file)))
    with file.with_suffix(".plain").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(one) + "\n" for one in found)


def ceiling_of(url: str, file: Path) -> None:
    """As many requests as the file has texts."""
    bare(url, sum(1 for _ in file.open(encoding="utf-8")))


def _show(ways: dict[str, list[Measured]]) -> None:
    table = Table("", "texts", "a second, asking", "share of the ideal", "CPU ms a text", "seconds in all", "peak GiB")
    for name, runs in ways.items():
        for one in runs:
            cost = (f"{one.milliseconds:.2f}", f"{one.seconds:.1f}", f"{one.peak_gib:.3f}")
            table.add_row(name, f"{one.texts:,}", f"{one.per_second:.0f}", f"{one.share:.0%}", *cost)
    Console().print(table)


if __name__ == "__main__":
    main()
