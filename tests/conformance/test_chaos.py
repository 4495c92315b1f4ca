"""`python -m benchmarks chaos` as a person types it: everything is killed at random, and each job is accounted for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PROOF = [pytest.mark.proof, pytest.mark.timeout(800)]


@pytest.mark.parametrize(
    ("kind", "minutes", "seed"),
    [
        ("sqlite", "0.05", "1"),
        *(pytest.param(kind, "5", "2", marks=PROOF, id=f"{kind}-long") for kind in ("sqlite", "postgres", "mariadb")),
    ],
)
def test_no_job_is_lost_and_none_runs_twice(tmp_path: Path, kind: str, minutes: str, seed: str) -> None:
    words = ["--db", kind, "--minutes", minutes, "--seed", seed, "--folder", str(tmp_path), "--keep", str(tmp_path)]

    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks", "chaos", *words], cwd=REPOSITORY, capture_output=True, text=True
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "Nothing was lost, and nothing ran twice." in finished.stdout
