"""Attempts and what lies between them, with a job manager that runs."""

from __future__ import annotations

import pytest

from core.orm.column_types import to_moment
from tests.integration.job_manager.manager import Manager

#: The first attempt fails.
FAILS_ONCE = "job.get('attempt') == 1 and 1 / 0"


@pytest.mark.every_database
def test_a_failed_job_is_tried_again_after_the_pause_of_its_type(manager: Manager) -> None:
    row = manager.run(FAILS_ONCE, "Patient")

    assert (row["status"], row["attempt"]) == ("Success", 2)
    assert (to_moment(row["execute_time"]) - to_moment(row["created_at"])).total_seconds() >= 0.3
    assert row["started_at"] >= row["execute_time"]
    assert f"Job {row['id']} failed at attempt 1 of 2 and is tried again at " in manager.main_log()
