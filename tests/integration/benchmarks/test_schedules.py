"""The benchmark of schedules, with few of them."""

from pathlib import Path

import pytest

from benchmarks.options import Options
from benchmarks.schedules import Scale, measure
from tests.databases import SQLITE


@pytest.mark.proof  # starts three job managers
def test_a_run_measures_everything(tmp_path: Path) -> None:
    options = Options(jobs=1, workers=4, runs=1, seconds=0.2, synchronous="NORMAL", folder=tmp_path)

    report = measure(options, SQLITE, Scale(active=20, due=10, new=1, rest_seconds=1))

    assert [figure.name for figure in report.figures] == [
        "daemon, 20 active",
        "daemon, no schedule",
        "10 due at once",
        "saved until planned",
    ]
    # In so short a time an idle daemon may do nothing.
    assert all(figure.median > 0 for figure in report.figures[2:])
    assert list(tmp_path.iterdir()) == []
