"""What the page of the jobs is asked for."""

from __future__ import annotations

import pytest

from core.web.panel.job_filter import JobFilter


@pytest.mark.parametrize(
    ("query", "is_searched"),
    [
        ({}, False),
        ({"status": "Failed", "since": "2026-03-01"}, False),
        ({"type": "Report"}, False),
        ({"type": "Report", "status": "Failed"}, True),
        ({"since": "2026-03-01"}, True),
        ({"name": "March"}, True),
        ({"owner": "anna"}, True),
    ],
    ids=str,
)
def test_only_what_no_index_has_is_searched_for(query: dict[str, str], is_searched: bool) -> None:
    assert JobFilter.read(query).is_searched is is_searched
