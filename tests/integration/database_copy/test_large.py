"""A large table, and a copy that is killed again and again."""

from __future__ import annotations

import random
import signal
import subprocess
import sys

import pytest

from core.testing import Installation
from tests.databases import KINDS, Servers

_JOBS = 100_000
_FIRST_SECONDS = 3.0
_TEXTS = "SELECT id, name, message, payload, type, status FROM job ORDER BY id"


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_no_row_is_lost_however_often_the_copy_is_killed(
    installation: Installation, servers: Servers, kind: str
) -> None:
    fill(installation)
    folder = installation.root / "target"
    folder.mkdir()
    chance, kills = random.Random(7), 0
    with servers.new_database(kind, folder) as url:
        # More time with each run, so that one of them comes to the end however slow the machine is.
        while (status := copy_for(installation, url, _FIRST_SECONDS * (1 + kills / 2) * chance.random())) != 0:
            assert status == -signal.SIGKILL
            kills += 1

        there = Installation(installation.root)
        there.database_url = url
        assert there.query(_TEXTS) == installation.query(_TEXTS)
    assert kills > 0


def fill(installation: Installation) -> None:
    installation.console("job", "list")  # makes the tables
    installation.execute(
        "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?) "
        "INSERT INTO job (id, name, type, status, execute_time, attempt, deleted, message, payload) "
        "SELECT lower(hex(randomblob(16))), 'Number ' || n, 'Greet', 'Success', '2026-11-23 10:20:30.' || (n % 999), "
        "1, 0, 'it is the ' || n || 'ᵗʰ', '{\"n\":' || n || '}' FROM number",
        _JOBS,
    )


def copy_for(installation: Installation, url: str, seconds: float) -> int:
    """Copy, and kill -9 it after so many seconds; answers the exit status."""
    command = [sys.executable, "console.py", "database", "copy", url]
    with subprocess.Popen(command, cwd=installation.root, stdout=subprocess.DEVNULL) as process:
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        return process.wait()
