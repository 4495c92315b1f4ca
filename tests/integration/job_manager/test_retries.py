"""Attempts and what lies between them, with a job manager that runs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from core import clock
from core.orm.column_types import to_moment
from tests.integration.job_manager.manager import Manager

#: The first attempt fails.
FAILS_ONCE = "job.get('attempt') == 1 and 1 / 0"


def attempts(manager: Manager, job_id: str) -> list[dict[str, Any]]:
    """What is kept of them, in order."""
    return manager.installation.query("SELECT * FROM job_attempt WHERE job_id = ? ORDER BY attempt", job_id)


@pytest.mark.every_database
def test_a_failed_job_is_tried_again_after_the_pause_of_its_type(manager: Manager) -> None:
    row = manager.run(FAILS_ONCE, "Patient")

    assert (row["status"], row["attempt"]) == ("Success", 2)
    assert (to_moment(row["execute_time"]) - to_moment(row["created_at"])).total_seconds() >= 0.3
    assert row["started_at"] >= row["execute_time"]
    assert f"Job {row['id']} failed at attempt 1 of 2 and is tried again at " in manager.main_log()


def test_a_job_in_the_future_is_unfinished_only_where_it_waits_for_its_next_attempt(manager: Manager) -> None:
    def unfinished() -> set[str]:
        return {job.id for job in manager.entity_manager.get_repository("Job").unfinished(clock.now()).find()}

    # Given a job that failed, and waits for its second attempt of two
    job_id = manager.add("from core.exceptions import Retry; raise Retry(in_seconds=1000)", "Twice")
    manager.until(lambda: manager.row(job_id)["attempt"] == 1 and manager.row(job_id)["status"] == "Pending")
    assert job_id in unfinished()
    # When a person gives it two new ones, at the same time
    manager.set_status(job_id, "Canceled")
    manager.set_status(job_id, "Pending")
    # Then
    assert job_id not in unfinished()
    manager.set_status(job_id, "Canceled")


def test_a_job_asks_for_another_attempt(manager: Manager) -> None:
    row = manager.run("from core.exceptions import Retry\nif job.get('attempt') == 1: raise Retry(0.2, 'x')", "Twice")

    assert (row["status"], row["attempt"]) == ("Success", 2)
    assert row["execute_time"] > row["created_at"]


def test_a_job_that_asks_for_more_attempts_than_it_has_is_failed_with_its_reason(manager: Manager) -> None:
    row = manager.run("from core.exceptions import Retry\nraise Retry(0, 'the service is down')", "Twice")

    assert (row["status"], row["attempt"], row["message"]) == ("Failed", 2, "the service is down")


DISCARDS = "from core.exceptions import Discard; raise Discard('the order is closed')"


def test_a_discarded_job_is_not_tried_again_and_says_why(manager: Manager) -> None:
    row = manager.run(DISCARDS, "Twice")

    assert (row["status"], row["attempt"]) == ("Failed", 1)
    assert row["message"] == "The job was discarded: the order is closed"


def test_by_hand_a_job_is_discarded_or_asks_in_vain(manager: Manager) -> None:
    messages = []
    for code in (DISCARDS, "from core.exceptions import Retry; raise Retry(60)"):
        job_id = manager.add(code, "Twice", status="Awaiting")
        manager.installation.console("job", job_id, "--run")
        messages.append((manager.row(job_id)["status"], manager.row(job_id)["message"]))

    discarded = "The job was discarded: the order is closed"
    assert messages == [("Failed", discarded), ("Failed", "The job asked for another attempt.")]


def test_a_debug_run_of_a_job_that_discards_writes_nothing(manager: Manager) -> None:
    job_id = manager.add(DISCARDS, status="Awaiting")

    done = manager.installation.console("job", f"debug_{job_id}", "--run")

    assert (done.returncode, manager.row(job_id)["status"]) == (1, "Awaiting")
    assert "the order is closed" in done.stderr


def test_an_attempt_keeps_its_traceback(manager: Manager) -> None:
    row = manager.run(FAILS_ONCE, "Twice")

    first, second = attempts(manager, row["id"])
    assert (first["attempt"], first["status"], first["error"]) == (1, "Failed", "division by zero")
    assert first["traceback"].startswith("Traceback (most recent call last):")
    assert first["traceback"].endswith("ZeroDivisionError: division by zero\n")
    assert (second["attempt"], second["status"], second["pid"]) == (2, "Success", row["pid"])


def test_a_traceback_that_is_very_long_keeps_its_beginning_and_its_end(manager: Manager) -> None:
    row = manager.run("raise ValueError('x' * 100_000 + 'end')")

    (attempt,) = attempts(manager, row["id"])
    assert attempt["traceback"].startswith("Traceback (most recent call last):")
    assert attempt["traceback"].endswith("xend\n")
    assert len(attempt["traceback"]) < 17_000


def test_the_attempts_of_dead_workers_and_runs_by_hand_are_kept(manager: Manager) -> None:
    job_id = manager.run("import os; job.get('attempt') == 1 and os._exit(3); raise ValueError('by hand')")["id"]

    manager.installation.console("job", job_id, "--run")

    dead, by_hand = attempts(manager, job_id)
    assert "Its process ended with exit status 3" in dead["error"]
    assert (by_hand["error"], by_hand["pid"]) == ("by hand", manager.row(job_id)["pid"])


def test_job_show_lists_the_attempts(manager: Manager) -> None:
    job_id = manager.run("raise ValueError('no')", "Twice")["id"]

    shown = manager.installation.console("job", "show", job_id).stdout
    document = json.loads(manager.installation.console("job", "show", job_id, "--json").stdout)

    assert re.search(r"\n1 +Failed .* no\n2 +Failed .* no\n", shown)
    assert [each["error"] for each in document["attempts"]] == ["no", "no"]
    assert "ValueError: no" in document["attempts"][1]["traceback"]


def test_a_job_that_kills_its_workers_is_set_aside(manager: Manager) -> None:
    row = manager.run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "Fragile")

    assert (row["status"], row["attempt"]) == ("Failed", 2)
    assert row["message"].startswith("The job was set aside after 2 crashes, though attempts are left. The last one: ")
    assert "killed by signal 11 (SIGSEGV)" in row["message"]


def test_what_the_job_manager_kills_is_no_crash(manager: Manager) -> None:
    row = manager.run("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)", "Deaf")

    assert (row["status"], row["attempt"], row["crashes"]) == ("Failed", 2, None)
