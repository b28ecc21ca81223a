"""A lineage as a graph: what depends on what, and where each node is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bioner.lineage.pipeline import File, Stage
from bioner.lineage.records import Lineage
from bioner.lineage.tree import teacher_lines, use_in_words, validation_lines

WIDTH, HEIGHT = 190, 44  # of a node
_GAP_X, _GAP_Y, _EDGE = 70, 22, 20
_MODEL = "model"


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the graph.

    Attributes:
        kind: corpus, stage or model.
        note: the second line of its box.
        details: what is shown of it below the graph, as headed lists.
        x, y: the upper left corner of its box.
    """

    id: str
    kind: str
    title: str
    note: str
    details: Mapping[str, tuple[str, ...]]
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes from the sources (left) to the model (right), and the pairs that are joined."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[Node, Node], ...]
    width: int
    height: int


def draw(chain: Lineage) -> Graph:
    """Put each node one column left of the leftmost that reads from it."""
    stages = {stage.name: stage for stage in chain.stages}
    parents = {name: list(stage.parents) for name, stage in stages.items()}
    for corpus in chain.corpora:
        reader = f"ingest@{corpus.name}"
        parents[f"corpus {corpus.name}"] = []
        parents[reader] = [*parents.get(reader, []), f"corpus {corpus.name}"]
    parents = {_MODEL: [chain.stages[0].name] if chain.stages else []} | parents
    columns = _columns(parents)
    last = max(columns.values())
    places: dict[str, tuple[int, int]] = {}
    rows: dict[int, int] = {}
    for name in sorted(parents, key=lambda name: (columns[name], name)):
        column, row = columns[name], rows.get(columns[name], 0)
        rows[column] = row + 1
        places[name] = (_EDGE + (last - column) * (WIDTH + _GAP_X), _EDGE + row * (HEIGHT + _GAP_Y))
    nodes = {name: _node(chain, name, stages.get(name), *places[name]) for name in parents}
    edges = tuple((nodes[parent], nodes[name]) for name, found in parents.items() for parent in found)
    width = 2 * _EDGE + (last + 1) * (WIDTH + _GAP_X) - _GAP_X
    height = 2 * _EDGE + max(rows.values()) * (HEIGHT + _GAP_Y) - _GAP_Y
    return Graph(tuple(nodes.values()), edges, width, height)


def _columns(parents: Mapping[str, list[str]]) -> dict[str, int]:
    """The longest way from the model to each node, in steps."""
    columns = dict.fromkeys(parents, 0)
    for _ in parents:
        before = dict(columns)
        for name, found in parents.items():
            for parent in found:
                columns[parent] = max(columns[parent], columns[name] + 1)
        if columns == before:
            break
    return columns


def _node(chain: Lineage, name: str, stage: Stage | None, x: int, y: int) -> Node:
    if name == _MODEL:
        return Node(name, "model", chain.subject, _note(chain), _about(chain), x, y)
    if stage is not None:
        return Node(name, "stage", name, f"{len(stage.writes)} outputs", _about_stage(chain, stage), x, y)
    corpus = next(corpus for corpus in chain.corpora if f"corpus {corpus.name}" == name)
    about = tuple(f"{key}: {getattr(corpus, key)}" for key in ("language", "licence", "citation", "source"))
    return Node(name, "corpus", corpus.name, corpus.licence, {"corpus": about, "file": (_line(corpus.file),)}, x, y)


def _note(chain: Lineage) -> str:
    return ", ".join(chain.version.aliases) if chain.version else ""


def _about(chain: Lineage) -> dict[str, tuple[str, ...]]:
    """What is said of the version and of the whole."""
    found: dict[str, tuple[str, ...]] = {}
    version, run, code = chain.version, chain.run, chain.code
    if version:
        rules = (f"{r['name']}: {'passed' if r['passed'] else 'FAILED'}: {r['figures']}" for r in version.rules)
        found["decision"] = (version.decision, *rules)
        found["content"] = (f"sha256 {version.content}", f"registered {version.created}")
    if run:
        found["run"] = (f"{run.name} {run.id}", f"{run.status}, {run.started} to {run.ended}, on {run.host}")
    found["uses"] = tuple(map(use_in_words, chain.uses))
    found["code"] = (f"git {code.commit} ({code.state})", *(f"changed: {path}" for path in code.changed))
    found["environment"] = chain.environment
    return {key: lines for key, lines in found.items() if lines}


def _about_stage(chain: Lineage, stage: Stage) -> dict[str, tuple[str, ...]]:
    found = {
        "command": (stage.command,),
        "read": tuple(map(_line, stage.reads)),
        "wrote": tuple(map(_line, stage.writes)),
        "code": tuple(map(_line, stage.code)),
        "params": tuple(f"{key} = {value}" for key, value in stage.params.items()),
    }
    if stage.name == "teacher":
        found["teacher"] = tuple(teacher_lines(chain.teacher))
    if stage.name == "validate":
        found["validation"] = tuple(validation_lines(chain.validation))
    return {key: lines for key, lines in found.items() if lines}


def _line(file: File) -> str:
    return f"{file.path}  md5 {file.hash}"
