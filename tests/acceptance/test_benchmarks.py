"""`python -m benchmarks` as a person types it, in its shortest form."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.proof
def test_a_short_drain_ends_with_one_document(tmp_path: Path) -> None:
    words = ["drain", "--jobs", "200", "--workers", "4", "--runs", "1", "--json", "--folder", str(tmp_path)]

    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks", *words], cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )

    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout.splitlines()[-1])
    assert {"benchmark", "db", "jobs", "workers", "median", "unit", "runs", "raw_limit", "ratio"} <= found.keys()
    assert (found["benchmark"], found["db"], found["jobs"], found["workers"]) == ("drain", "sqlite", 200, 4)
