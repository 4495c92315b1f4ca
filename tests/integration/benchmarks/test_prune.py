"""Old jobs are cleared beside others who save."""

from pathlib import Path

import pytest

from benchmarks.options import Options
from benchmarks.prune import prune_once


@pytest.mark.proof
def test_old_jobs_are_cleared_while_others_save(tmp_path: Path) -> None:
    options = Options(jobs=0, workers=4, runs=1, seconds=0.2, synchronous="FULL", folder=tmp_path, rows=400)

    pruned = prune_once(options)  # raises if an old job was left, or another one taken

    assert pruned.rate > 0
    assert pruned.beside
