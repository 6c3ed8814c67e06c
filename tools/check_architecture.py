"""Keep the house in order: who may import whom, what files are called, where tests lie.

Run it from anywhere: `python tools/check_architecture.py [repository]`. Every line it prints is one violation, and the
exit code is 1 when there is any.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = "lamina"

# Top to bottom. A file imports, at module level, from floors above its own or from its own floor.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "registry", "tree", "typing", "checks", "recipe", "text"),
    ("storage",),
    ("data",),
    ("noise",),
    ("activations", "initializers", "losses", "metrics", "regularizers", "constraints"),
    ("layers",),
    ("optimizers",),
    ("callbacks",),  # the loop calls callbacks; no callback knows the loop
    ("engine",),
    ("models",),
    ("utils", "backend"),  # Keras' names for small functions around models; nothing of lamina imports them
    ("neural_network",),  # `.save` imports persistence lazily, inside the method
    ("persistence", "presets"),
    ("reuse",),
    ("search",),
    ("inspection", "plotting", "datasets"),
    ("report",),
    ("cli",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "misc", "common"}
# Keras' own name for a public module.
WANTED = {"src/lamina/utils.py"}

# Tests that mirror no source file.
TESTS_OF_THE_WHOLE = {"test_readme_and_docs.py", "test_architecture.py", "test_benchmarks.py", "test_examples.py"}
TEST_FOLDERS_OF_THE_WHOLE = {"parity"}

ALLOWED_IN_INIT = (ast.Import, ast.ImportFrom)
ALLOWED_FUNCTIONS_IN_INIT = {"__getattr__", "__dir__"}
ALLOWED_NAMES_IN_INIT = {"__all__", "__version__"}


def check(root: Path) -> list[str]:
    """Return every violation found in the repository at `root`, as `path:line: sentence`."""
    package = root / "src" / PACKAGE
    found: list[str] = []
    for path in sorted(package.rglob("*.py")):
        where = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        if path != package / "__init__.py":
            found += (f"{where}:{line}: {problem}" for line, problem in import_problems(path, tree, package))
            if path.name == "__init__.py":
                found += (f"{where}:{line}: {problem}" for line, problem in init_problems(tree))
    found += name_problems(root, ("src", "tests", "tools", "benchmarks"))
    found += mirror_problems(root, package)
    return found


def room_of(path: Path, package: Path) -> str:
    """The room a file belongs to: the folder or the file directly inside the package."""
    return path.relative_to(package).parts[0].removesuffix(".py")


def import_problems(path: Path, tree: ast.Module, package: Path) -> Iterator[tuple[int, str]]:
    """Imports at module level that go down the house instead of up."""
    room = room_of(path, package)
    if room == "__main__":
        return
    if room not in FLOOR_OF:
        yield 1, f"room '{room}' is on no floor; add it to FLOORS in tools/check_architecture.py"
        return
    for node in module_level(tree.body):
        for target in imported_rooms(node, path, package):
            if target is None:
                yield node.lineno, f"'{room}' imports from the package root, which imports every room"
            elif target not in FLOOR_OF:
                yield node.lineno, f"'{room}' imports '{target}', a room on no floor"
            elif FLOOR_OF[target] > FLOOR_OF[room]:
                yield node.lineno, f"'{room}' imports '{target}', which lies below it"


def module_level(body: Iterable[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Import statements that run when the module is imported: everywhere but inside functions."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from module_level(blocks(node))


def blocks(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements directly inside a compound statement (if, try, with, class, match)."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from child.body


def imported_rooms(node: ast.Import | ast.ImportFrom, path: Path, package: Path) -> Iterator[str | None]:
    """The rooms that one import statement names; None stands for the package root itself."""
    if isinstance(node, ast.Import):
        modules = [alias.name.split(".") for alias in node.names]
        names: list[str] = []
    else:
        modules = [absolute(node, path, package)]
        names = [alias.name for alias in node.names]
    for parts in modules:
        if parts[0] != PACKAGE:
            continue
        if len(parts) > 1:
            yield parts[1]
        elif not names:
            yield None
        else:
            yield from (name if is_room(name, package) else None for name in names)


def absolute(node: ast.ImportFrom, path: Path, package: Path) -> list[str]:
    """The absolute module path of a `from ... import`, relative dots resolved."""
    module = node.module.split(".") if node.module else []
    if not node.level:
        return module
    here = [PACKAGE, *path.relative_to(package).parent.parts]
    return here[: len(here) - node.level + 1] + module


def is_room(name: str, package: Path) -> bool:
    return name in FLOOR_OF or (package / name).is_dir() or (package / f"{name}.py").is_file()


def init_problems(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Anything in an `__init__.py` that is more than a re-export."""
    for position, node in enumerate(tree.body):
        if isinstance(node, ALLOWED_IN_INIT):
            continue
        if position == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.FunctionDef) and node.name in ALLOWED_FUNCTIONS_IN_INIT:
            continue
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if all(isinstance(target, ast.Name) and target.id in ALLOWED_NAMES_IN_INIT for target in targets):
                continue
        yield node.lineno, "an __init__.py only re-exports: docstring, imports, __all__, __getattr__, __dir__"


def name_problems(root: Path, folders: Iterable[str]) -> Iterator[str]:
    """Files and folders whose name says nothing."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            place = path.relative_to(root).as_posix()
            if "__pycache__" not in path.parts and path.stem in FORBIDDEN_NAMES and place not in WANTED:
                yield f"{place}:1: the name '{path.stem}' says nothing; name the one idea"


def mirror_problems(root: Path, package: Path) -> Iterator[str]:
    """Test files without a source file or room of the same name at the same place."""
    tests = root / "tests"
    for path in sorted(tests.rglob("test_*.py")):
        inside = path.relative_to(tests)
        if inside.parts[0] in TEST_FOLDERS_OF_THE_WHOLE | TESTS_OF_THE_WHOLE:
            continue
        name = path.stem.removeprefix("test_")
        folder = package / inside.parent
        if not any((folder / source).exists() for source in (f"{name}.py", f"_{name}.py", name)):
            source = (folder / f"{name}.py").relative_to(root).as_posix()
            yield f"{path.relative_to(root).as_posix()}:1: mirrors no source: there is no {source}"


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]).resolve() if arguments else Path(__file__).resolve().parents[1]
    problems = check(root)
    for problem in problems:
        print(problem)
    if not problems:
        print("architecture: in order")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
