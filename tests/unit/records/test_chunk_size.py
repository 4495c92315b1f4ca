"""Into how large chunks a mass action is cut."""

from __future__ import annotations

import pytest

from core.records.mass_action import chunk_size


@pytest.mark.parametrize(
    ("total", "workers", "size"),
    [
        (0, 6, 400),
        (1, 6, 400),
        (2400, 6, 400),
        (2401, 6, 401),
        (6001, 6, 1001),
        (18_000, 6, 3000),
        (18_001, 6, 3000),
        (10_000_000, 6, 3000),
        (1601, 4, 401),
        (20_001, 50, 401),
    ],
)
def test_chunks_are_as_large_as_keeps_all_workers_busy(total: int, workers: int, size: int) -> None:
    assert chunk_size(total, workers) == size
