"""The reasons why a job does not run have names in every language of core but English, in which the sentences are."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import core

CORE = Path(core.__file__).parent
ANSWERS = {"Answer": 0, "HeldUp": 1}


def test_each_reason_has_a_german_name() -> None:
    sources = [*(CORE / "job_manager").glob("*.py")]
    said = {reason for source in sources for reason in _reasons(ast.parse(source.read_text()))}
    texts = json.loads((CORE / "Resources/i18n/de_DE/Panel.json").read_text())

    assert said - {""} == set(texts["options"]["reason"])


def _reasons(tree: ast.AST) -> set[str]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    named = [(call, ANSWERS[call.func.id]) for call in calls if call.func.id in ANSWERS]
    first = [call.args[position] for call, position in named if len(call.args) > position]
    return {each.value for each in first if isinstance(each, ast.Constant)}
