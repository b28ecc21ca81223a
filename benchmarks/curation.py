"""How curation grows: 10 k to 1 M documents with planted near-duplicates, against TF-IDF with exact neighbours at 50 k.

The sizes are measured on the whole of curation, from a document file to the sentences kept: repair, splitting, filters,
near-duplicates, sample. The baseline is compared with the search for near-duplicates alone. Every measurement is a
process of its own, whose peak memory is that of its run alone.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from common import Result, Spread, hardware, options, peak_gib, show
from planted import FAR, NEAR, write_documents
from rich.console import Console
from rich.table import Table

from bioner.config import load_params
from bioner.curation.compare import Comparison
from bioner.curation.curate import NEAR_DUPLICATE, REPEATED, curate
from bioner.curation.duplicates import repeated
from bioner.curation.minhash import Signed
from bioner.documents import Document, read_documents
from bioner.files import write_json

_ROOT = Path(__file__).resolve().parents[1]
_ROUNDS = 3  # of the comparison, whose baseline takes minutes
_COSINE = 0.9  # from which the baseline calls two documents near-duplicates


@dataclass(frozen=True, slots=True)
class Measured:
    """One run over one file.

    Attributes:
        documents: in the file.
        seconds: of the run, imports included.
        peak_gib: the most memory that its process held.
        found: documents that were called near-duplicates.
        recall: of the planted documents with a Jaccard similarity of at least 0.9, the share that was found.
        precision: of the documents found, the share that was planted with a similarity above the threshold.
    """

    documents: int
    seconds: float
    peak_gib: float
    found: int
    recall: float
    precision: float


def main() -> None:
    """Measure all sizes, then the baseline and ours on one size in turn, and print."""
    chosen = options(__doc__ or "")
    sizes = [5_000, 20_000, 50_000] if chosen.quick else [10_000, 100_000, 1_000_000]
    compared = 20_000 if chosen.quick else 50_000  # the baseline's time grows with the square
    with tempfile.TemporaryDirectory() as folder:
        measured = [_measure(ours, _file(Path(folder), size)) for size in sizes]
        file = _file(Path(folder), compared)
        rounds = [[_measure(keep, file) for keep in (tf_idf, near_duplicates, ours)] for _ in range(_ROUNDS)]
    exponent = float(np.polyfit(np.log(sizes), np.log([one.seconds for one in measured]), 1)[0])
    before, after, curation = (Spread.of([one.seconds for one in side]) for side in zip(*rounds, strict=True))
    ratio = Spread.of([baseline.seconds / alone.seconds for baseline, alone, _ in rounds])
    name = f"near-duplicates of {compared:,} documents; the baseline is TF-IDF with exact neighbours"
    result = Result(name, hardware(), _ROUNDS, before, after, ratio, {"the whole of curation": curation})
    baseline = rounds[0][0]
    _show_sizes([*measured, baseline], exponent)
    show(result, None)
    if chosen.json:
        more = {"sizes": [asdict(one) for one in measured], "growth_exponent": exponent, "tf_idf": asdict(baseline)}
        write_json(chosen.json, asdict(result) | more)


def _file(folder: Path, size: int) -> Path:
    """A document file of this size, made once."""
    file = folder / f"{size}.jsonl"
    if not file.is_file():
        write_documents(file, size, seed=size)
    return file


def _measure(keep: Callable[[Path], set[str]], file: Path) -> Measured:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn) as pool:
        seconds, peak, kept = pool.submit(_timed, keep, file).result()
    similarity = {document.id: document.meta["jaccard"] for document in read_documents(file)}
    found = set(similarity) - kept
    planted = {name for name, value in similarity.items() if value >= NEAR}
    right = sum(similarity[name] > FAR for name in found)
    recall, precision = len(planted & found) / len(planted), right / max(len(found), 1)
    return Measured(len(similarity), seconds, peak, len(found), recall, precision)


def _timed(keep: Callable[[Path], set[str]], file: Path) -> tuple[float, float, set[str]]:
    began = time.perf_counter()
    kept = keep(file)
    seconds = time.perf_counter() - began
    return seconds, peak_gib(), kept


@dataclass(frozen=True, slots=True)
class _File:
    """The documents of a file, read anew each time."""

    path: Path

    def __iter__(self) -> Iterator[Document]:
        return read_documents(self.path)


def ours(file: Path) -> set[str]:
    """The ids of the documents that curation keeps; it may drop nothing but near-duplicates."""
    rules = load_params(_ROOT / "params.yaml").curate
    limits = rules.quality["en"].model_copy(update={"words": (1, 1000)})  # the planted sentences are long
    rules = rules.model_copy(update={"limit": 10**9, "quality": {"en": limits}})
    result = curate(_File(file), {}, rules, seed=1)
    if other := set(result.reasons) - {NEAR_DUPLICATE, REPEATED}:
        raise AssertionError(f"documents were dropped for other reasons: {other}")
    return {sentence.meta["document"] for sentence in result}


def near_duplicates(file: Path) -> set[str]:
    """The ids of the documents that the search for near-duplicates leaves: what the baseline does, and no more."""
    rules = load_params(_ROOT / "params.yaml").curate
    comparison = Comparison.of(rules.near_duplicate, rules.decontaminate_ngram, seed=1)
    ids: list[str] = []
    parts: list[Signed] = []
    documents = iter(_File(file))
    while chunk := list(islice(documents, 1000)):
        ids += [document.id for document in chunk]
        parts.append(comparison.prepare([document.text for document in chunk], "en").signed)
    flags = repeated(Signed.joined(parts), rules.near_duplicate, np.zeros(len(ids), np.bool_))
    return {ids[number] for number in np.flatnonzero(~flags)}


def tf_idf(file: Path) -> set[str]:
    """The published way: the ids of documents without an earlier one among the ten nearest by the cosine of TF-IDF."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.neighbors import NearestNeighbors

    documents = list(read_documents(file))
    vectors = TfidfVectorizer().fit_transform([document.text for document in documents])
    nearest = NearestNeighbors(n_neighbors=10, metric="cosine", algorithm="brute").fit(vectors)
    distances, neighbours = nearest.kneighbors(vectors)
    earlier = neighbours < np.arange(len(documents))[:, None]
    flags = (earlier & (distances <= 1 - _COSINE)).any(axis=1)
    return {documents[number].id for number in np.flatnonzero(~flags)}


def _show_sizes(measured: list[Measured], exponent: float) -> None:
    table = Table("documents", "seconds", "peak GiB", "found", "recall", "precision", title="curation")
    for one in measured:
        cost = (f"{one.documents:,}", f"{one.seconds:.1f}", f"{one.peak_gib:.2f}")
        table.add_row(*cost, f"{one.found:,}", f"{one.recall:.4f}", f"{one.precision:.4f}")
    table.caption = f"time grows with the number of documents to the power of {exponent:.2f}; the last row is TF-IDF"
    Console().print(table)


if __name__ == "__main__":
    main()
