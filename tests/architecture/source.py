"""The source files of the repository as syntax trees, and what they import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
CORE = REPOSITORY / "core"


@dataclass(frozen=True)
class Import:
    """One imported module, and whether importing the file is enough to load it (no function, no TYPE_CHECKING)."""

    target: str
    line: int
    at_load: bool


@dataclass(frozen=True)
class Source:
    """One Python file; `module` is its dotted name."""

    path: Path
    module: str

    @property
    def place(self) -> str:
        return str(self.path.relative_to(REPOSITORY))

    @property
    def room(self) -> str:
        """The part of core that the file belongs to: `orm` for `core.orm.query`; core itself is the empty room."""
        return f"{self.module}.".split(".")[1]

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @cached_property
    def imports(self) -> list[Import]:
        return list(_imports(self.tree, at_load=True))


def _imports(node: ast.AST, at_load: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, at_load) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from (Import(target, child.lineno, at_load) for target in _targets(child))
        else:
            yield from _imports(child, at_load and not _runs_later(child))


def _runs_later(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _targets(node: ast.ImportFrom) -> set[str]:
    """`from core.orm import query` imports the file `core.orm.query`; what is no file comes from `core.orm` itself.

    So does a class of a convention room, though a file goes by its name: `from core.Jobs import AbstractJob`.
    """
    base = "." * node.level + (node.module or "")
    names = [alias.name for alias in node.names]
    return {f"{base}.{name}" if name.islower() and is_core_module(f"{base}.{name}") else base for name in names}


def is_core_module(name: str) -> bool:
    """Whether a file or folder of core goes by this dotted name."""
    path = REPOSITORY.joinpath(*name.split("."))
    return name.split(".")[0] == "core" and (path.with_suffix(".py").is_file() or (path / "__init__.py").is_file())


@cache
def sources(folder: str) -> list[Source]:
    """All Python files below a folder of the repository."""
    return [_source(path) for path in sorted((REPOSITORY / folder).rglob("*.py")) if "__pycache__" not in path.parts]


def _source(path: Path) -> Source:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return Source(path, ".".join(parts[:-1] if parts[-1] == "__init__" else parts))


@cache
def core_by_module() -> dict[str, Source]:
    """The files of core by dotted name."""
    return {source.module: source for source in sources("core")}
