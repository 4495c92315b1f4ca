"""Each condition of the job queue's statements is needed: where one is taken out, a test notices."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.testing import Installation
from tests.conformance.mutants import STATEMENTS, VARIABLE, mutants
from tests.databases import SQLITE

REPOSITORY = Path(__file__).parents[2]
TESTS = ("tests/conformance/test_guards.py", "tests/conformance/test_queue.py")
_ATTEMPT = "CAST(coalesce(attempt, 0) AS INTEGER) = ?"
#: What another condition says as well, or what no test can bring about.
SPARE = {
    # Between the reading and the writing of one transaction; on SQLite nobody can come between.
    f"close_adrift without {_ATTEMPT}",
    "close_adrift without status IS 'Running'",
    "close_adrift without run_process IS NULL",
    # The process says it alone, as none holds two rows.
    f"started without {_ATTEMPT}",
    "started without status IS 'Running'",
    # The moment says it alone.
    f"written without {_ATTEMPT}",
    "written without run_process IS NULL",
    # SQLite sorts NULL behind everything; others do not.
    "highest_priority without priority IS NOT NULL",
}


@pytest.fixture
def database_kind() -> str:
    """The conditions are the same on all of them."""
    return SQLITE


def is_noticed(mutant: str) -> bool:
    """Whether a test fails."""
    words = ["-q", "-x", "-p", "tests.conformance.mutants", "-p", "no:cacheprovider", "-m", "not proof", "-k", "sqlite"]
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", *words, *TESTS],
        cwd=REPOSITORY,
        env={**os.environ, VARIABLE: mutant},
        capture_output=True,
        text=True,
    )
    assert finished.returncode in (0, 1), finished.stdout + finished.stderr
    return finished.returncode == 1


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize("statement", STATEMENTS)
def test_each_condition_of_a_statement_is_needed(installation: Installation, statement: str) -> None:
    with installation.application() as application:
        names = {mutant.name for mutant in mutants(application.container.get("schema").table("Job"), statement)}

    unnoticed = {name for name in names - SPARE if not is_noticed(name)}

    assert unnoticed == set()
    assert {name for name in SPARE if name.startswith(f"{statement} without")} <= names
