"""The architecture holds: who may import whom, how long things may get, and what importing costs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "flows").rglob("*.py")])

# The modules that lie directly in src/bioner, and `config`, may import each other; a package may import them and those
# on the lines before its own; the packages of one line do not know each other.
FOUNDATION = {file.stem for file in (ROOT / "src" / "bioner").glob("*.py")} - {"__init__"} | {"config"}
LINES = [
    {"corpora"},
    {"curation"},
    {"inspection"},
    {"teacher"},
    {"review"},
    {"validation"},
    {"gliner", "tagger"},
    {"evaluation"},
    {"protocols"},
    {"suite"},
    {"report"},
    {"tracking"},
    {"lineage"},
    {"cards"},
    {"audit"},
    {"stages"},
    {"drift"},
    {"pipeline"},
    {"rebuild"},
    {"serving"},
    {"doctor", "playground", "watching"},
    {"cli", "flows"},
]
# they submit and register: no NER code
FLOWS_MAY_IMPORT = {"cards", "errors", "events", "files", "lineage", "pipeline", "processes", "tracking"}


def part_of(file: Path) -> str:
    """The part that a file belongs to: a module of the foundation, a package, or `flows`."""
    path = file.relative_to(ROOT / "src" / "bioner" if "src" in file.relative_to(ROOT).parts else ROOT)
    return path.parts[0].removesuffix(".py")


def trees() -> Iterator[tuple[str, str, ast.Module]]:
    """Every module: its path, its part and its syntax tree."""
    for file in MODULES:
        yield file.relative_to(ROOT).as_posix(), part_of(file), ast.parse(file.read_text(encoding="utf-8"))


def imports(tree: ast.AST) -> Iterator[str]:
    """The parts that a module imports, at its top or within functions; imports for annotations only do not count."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{'.' * node.level}{node.module}.{alias.name}" for alias in node.names]
        else:
            yield from imports(node)
            continue
        for name in names:
            top, *below = name.split(".")
            if not top:
                yield f"a relative name ({name})"
            if top == "bioner" and below and below[0] != "__version__":
                yield below[0]
            elif top == "flows":
                yield top


def allowed(part: str) -> set[str]:
    """What a part may import, itself included."""
    if part == "__init__":
        return set()
    if part == "flows":
        return FLOWS_MAY_IMPORT | {"flows"}
    if part in FOUNDATION:
        return FOUNDATION | ({"gliner", "tagger"} if part == "predictors" else set())  # which loads either
    line = next(number for number, parts in enumerate(LINES) if part in parts)
    more = {"cli": {"flows"}, "teacher": {"tagger"}}  # which starts them; which reads and samples what taggers write
    return FOUNDATION.union(*LINES[:line]) | {part} | more.get(part, set())


def test_every_part_has_its_place() -> None:
    assert {part_of(file) for file in MODULES} - {"__init__"} == FOUNDATION.union(*LINES)


def test_a_module_imports_only_what_comes_before_it() -> None:
    wrong = [f"{path} imports {name}" for path, part, tree in trees() for name in {*imports(tree)} - allowed(part)]
    assert not wrong


def test_a_module_says_what_it_holds() -> None:
    assert not [path for path, _, tree in trees() if tree.body and not ast.get_docstring(tree)]


def test_modules_and_functions_are_short() -> None:
    assert not [file.name for file in MODULES if file.read_text(encoding="utf-8").count("\n") > 400]
    functions = (
        (path, node)
        for path, _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert not [f"{path}: {node.name}" for path, node in functions if (node.end_lineno or 0) - node.lineno >= 60]


def test_no_error_is_swallowed() -> None:
    found = []
    for path, _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                broad = node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
                if broad and all(isinstance(line, ast.Pass | ast.Continue) for line in node.body):
                    found.append(f"{path}:{node.lineno}")
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
                found += [f"{path}:{node.lineno}" for kind in node.args if ast.unparse(kind) == "Exception"]
    assert not found


def test_one_function_moves_aliases() -> None:
    """What moves them elsewhere is not in the ledger."""
    moving = re.compile(r"\b(?:set|delete)_registered_model_alias\b")
    found = [file.name for file in MODULES if moving.search(file.read_text(encoding="utf-8"))]
    assert found == ["ledger_moves.py"]


@pytest.mark.parametrize("module", ["bioner.cli.app", "bioner.stages.__main__", "bioner.stages.curate"])
def test_importing_the_entry_points_loads_no_framework(module: str) -> None:
    script = f"import sys, {module}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "bioner" in loaded
    assert not loaded & {"torch", "transformers", "gliner", "mlflow", "great_expectations", "prefect", "dvc", "pandas"}


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    own = re.compile(rb"(?<![\w.:/$}~-])/(?:work|tmp|home|root|Users|mnt)/\w")
    found = [
        f"{name}: {match.group().decode()}"
        for name in listed.stdout.splitlines()
        if not name.startswith("tests/") and (ROOT / name).is_file()
        for match in own.finditer((ROOT / name).read_bytes())
    ]
    assert not found
