"""Rules of the house that a linter does not know."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.architecture.source import REPOSITORY, Source, sources

#: Reading a clock, by the name of the module or class and the function; `_ns` forms as well.
CLOCKS = re.compile(
    r"\b(?:time\.(?:(?:time|monotonic|perf_counter|process_time|clock_gettime)(?:_ns)?|localtime|gmtime)"
    r"|(?:datetime|date)\.(?:now|utcnow|today))$"
)

SKIP = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)")

CONVENTION_ROOMS = {
    *("Console", "Entities", "Jobs", "Listeners", "Migrations", "Repositories", "SelectManagers", "Services"),
}

MARKER = re.compile(
    r"#\s*(?:(?:ruff|flake8):\s*)?(?:noqa(?::\s*[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*)?"
    r"|type:\s*ignore(?:\[[\w, -]+\])?|pragma:\s*no cover)"
)


def ours() -> list[Source]:
    return [source for folder in ("core", "modules", "benchmarks", "tests") for source in sources(folder)]


def calls(source: Source) -> Iterator[tuple[int, str]]:
    """Line and dotted name of what is called or handed on: `time.time`, `print`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.lineno, dotted(node)


def dotted(node: ast.expr) -> str:
    """As it is written; what is no name within it is `?`. Much faster than `ast.unparse`."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def test_only_the_clock_reads_the_time() -> None:
    readers = [
        f"{source.place}:{line} {name}"
        for source in [*sources("core"), *sources("modules")]
        if source.module != "core.clock"
        for line, name in calls(source)
        if CLOCKS.search(name)
    ]

    assert readers == []


def test_nothing_is_imported_out_of_time() -> None:
    """`from time import monotonic` would go round the rule above."""
    out = [
        f"{source.place}:{node.lineno}"
        for source in [*sources("core"), *sources("modules")]
        if source.module != "core.clock"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time" and {a.name for a in node.names} != {"sleep"}
    ]

    assert out == []


def test_core_prints_on_the_console_only() -> None:
    printed = [
        f"{source.place}:{line}"
        for source in sources("core")
        if source.room not in {"Console", "console_manager"}
        for line, name in calls(source)
        if name == "print"
    ]

    assert printed == []


def test_every_suppression_says_why() -> None:
    silent = [
        f"{source.place}:{line} {comment}"
        for source in ours()
        if MARKER.search(source.text)  # splitting all files into tokens takes seconds
        for line, comment in comments(source)
        if MARKER.search(comment) and not re.search(r"\w+\W+\w+", MARKER.sub("", comment))
    ]

    assert silent == []


def comments(source: Source) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_every_skipped_test_says_why() -> None:
    silent = [
        f"{source.place}:{node.lineno}"
        for source in sources("tests")
        if SKIP.search(source.text)
        for node in ast.walk(source.tree)
        if is_skip(node) and not has_reason(source, node)
    ]

    assert silent == []


def is_skip(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and bool(SKIP.fullmatch(dotted(node)))


def has_reason(source: Source, attribute: ast.AST) -> bool:
    """A bare `pytest.mark.skip` has none; a call has a keyword `reason`, or a text as its first argument."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and node.func is attribute:
            texts = [argument for argument in node.args if isinstance(argument, ast.Constant | ast.JoinedStr)]
            return any(keyword.arg == "reason" for keyword in node.keywords) or bool(texts)
    return False


def test_a_convention_room_has_one_class_a_file_named_as_the_file() -> None:
    misnamed = [
        source.place
        for source in [*sources("core"), *sources("modules")]
        if source.path.parent.name in CONVENTION_ROOMS
        if source.path.name != "__init__.py"
        if public_classes(source) != [source.path.stem]
    ]

    assert misnamed == []


def public_classes(source: Source) -> list[str]:
    """The classes that others may take from the file; a Protocol only says what one of its neighbours needs."""
    classes = [node for node in source.tree.body if isinstance(node, ast.ClassDef)]
    return [
        node.name
        for node in classes
        if not node.name.startswith("_") and "Protocol" not in map(ast.unparse, node.bases)
    ]


def test_every_room_says_what_it_is() -> None:
    silent = [
        source.place
        for source in sources("core")
        if source.path.name == "__init__.py" and source.path.parent != REPOSITORY / "core"
        if not ast.get_docstring(source.tree)
    ]

    assert silent == []
