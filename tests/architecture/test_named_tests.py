"""docs/reliability.md names tests as proofs: each of them exists."""

from __future__ import annotations

import ast
import re

from tests.architecture.source import REPOSITORY, sources

NAME = re.compile(r"\btest_\w+\b")


def test_every_test_that_is_named_as_a_proof_exists() -> None:
    tests = list(sources("tests"))
    functions = {node.name for each in tests for node in ast.walk(each.tree) if isinstance(node, ast.FunctionDef)}

    named = set(NAME.findall((REPOSITORY / "docs" / "reliability.md").read_text()))

    assert named - functions - {each.path.stem for each in tests} == set()
    assert len(named) > 50
