"""A job that was read earlier and is saved later, when the job manager or somebody else has changed it meanwhile."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text

from core.exceptions import BadRequest, Conflict
from core.job_queue.states import AWAITING, CANCELED, FAILED, PENDING, RUNNING, STATUSES, SUCCESS
from tests.conformance.conftest import Queue

#: What is saved -> as what the job may have been read.
CHANGES = {
    RUNNING: (PENDING,),
    SUCCESS: (RUNNING,),
    FAILED: (PENDING, RUNNING),
    CANCELED: (PENDING, RUNNING, AWAITING),
    PENDING: (SUCCESS, CANCELED, FAILED, AWAITING),
}
#: What is saved -> what the job may be by now, though it was read as something else. Nothing else comes through.
STILL_MEANT = {RUNNING: (PENDING,), SUCCESS: (RUNNING,), FAILED: (PENDING, RUNNING), CANCELED: CHANGES[CANCELED]}


def _force(queue: Queue, job_id: str, status: str) -> None:
    with queue.database.write() as connection:
        connection.execute(text("UPDATE job SET status = :status WHERE id = :id"), {"status": status, "id": job_id})


def _row(queue: Queue, job_id: str) -> dict[str, Any]:
    with queue.database.read() as connection:  # many are looked at: each time a new connection takes long
        return dict(connection.execute(text("SELECT * FROM job WHERE id = :id"), {"id": job_id}).mappings().one())


def _read_as(queue: Queue, status: str, **values: Any) -> Any:
    job_id = queue.add(**values)
    _force(queue, job_id, status)
    return queue.entity_manager.get_entity("Job", job_id)


def test_a_stale_change_of_status_comes_through_only_where_it_is_still_meant(queue: Queue) -> None:
    for new, readable in CHANGES.items():
        for read in readable:
            for now in set(STATUSES) - {read}:
                stale = _read_as(queue, read)
                _force(queue, stale.id, now)
                before = _row(queue, stale.id)

                stale.set({"status": new, "name": "stale"})
                with suppress(BadRequest, Conflict):
                    queue.entity_manager.save_entity(stale)

                case, row = f"read as {read}, {now} by now, saved as {new}", _row(queue, stale.id)
                if now in STILL_MEANT.get(new, ()):
                    assert (row["status"], row["name"]) == (new, "stale"), case
                else:
                    assert row == before, case


@pytest.mark.parametrize(("read", "now"), [(AWAITING, CANCELED), (FAILED, SUCCESS), (SUCCESS, CANCELED)])
def test_who_lets_a_job_go_that_moved_on_is_told_what_it_is(queue: Queue, read: str, now: str) -> None:
    stale = _read_as(queue, read)
    _force(queue, stale.id, now)

    stale.set("status", PENDING)
    with pytest.raises(Conflict, match=f"is {now} by now, and was {read} when it was read. Read it again"):
        queue.entity_manager.save_entity(stale)


def test_a_stale_save_without_a_change_of_status_leaves_it_as_it_is(queue: Queue) -> None:
    stale = _read_as(queue, PENDING)
    _force(queue, stale.id, CANCELED)

    stale.set("priority", 5)
    queue.entity_manager.save_entity(stale)

    assert (queue.row(stale.id)["status"], queue.row(stale.id)["priority"]) == (CANCELED, 5)


@pytest.mark.parametrize("now", [RUNNING, SUCCESS, FAILED, CANCELED])
def test_a_stale_payload_gives_no_key_to_a_job_that_does_not_wait_any_more(queue: Queue, now: str) -> None:
    queue.set_types(Once={"uniqueKey": "{order}", "concurrencyKey": "{order}"})
    stale = queue.entity_manager.get_entity("Job", queue.add(type="Once", payload={"order": 1}))
    queue.installation.execute(
        "UPDATE job SET status = ?, unique_key = NULL, concurrency_key = NULL WHERE id = ?", now, stale.id
    )

    stale.set("payload", {"order": 2})
    queue.entity_manager.save_entity(stale)

    row = queue.row(stale.id)
    assert (row["unique_key"], row["concurrency_key"]) == (None, None)
    assert queue.add(type="Once", payload={"order": 2})


def test_a_waiting_job_gets_the_key_of_its_new_payload(queue: Queue) -> None:
    queue.set_types(Once={"uniqueKey": "{order}"})
    job = queue.entity_manager.get_entity("Job", queue.add(type="Once", payload={"order": 1}))

    job.set("payload", {"order": 2})
    queue.entity_manager.save_entity(job)

    assert queue.row(job.id)["unique_key"] == "2"
