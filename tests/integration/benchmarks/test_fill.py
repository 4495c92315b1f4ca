"""An installation with many jobs stays until it is taken away."""

from pathlib import Path

import pytest

from benchmarks import fill
from benchmarks.options import Options
from core.testing import Installation

COUNTS = (
    "SELECT CASE WHEN status = 'Pending' THEN 'Pending' ELSE 'ended' END AS kind, count(*) AS n FROM job GROUP BY 1"
)


def test_an_installation_is_filled_and_taken_away(tmp_path: Path) -> None:
    folder = tmp_path / "filled"

    fill.make(folder, Options(0, 4, 1, 1, "FULL", folder), finished=3_000, pending=40)

    assert {row["kind"]: row["n"] for row in Installation(folder).query(COUNTS)} == {"ended": 3_000, "Pending": 40}
    fill.remove(folder)
    assert not folder.exists()


def test_what_was_not_filled_is_not_taken_away(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="was not made by"):
        fill.remove(tmp_path)

    assert tmp_path.exists()
