"""The rules of jobs when they are saved and removed."""

from __future__ import annotations

import logging
import os
import socket
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from core import clock
from core.exceptions import BadRequest, MetadataError
from core.job_queue.announcement import AnnouncementListener
from core.job_queue.states import STATUSES

#: As AtroCore has it, with Awaiting repaired. Same to same is no change.
ALLOWED = {
    "Running": {"Pending"},
    "Success": {"Running"},
    "Failed": {"Pending", "Running"},
    "Canceled": {"Pending", "Running", "Awaiting"},
    "Pending": {"Success", "Canceled", "Failed", "Awaiting"},
    "Awaiting": set(),
}


def read(data: Any, job: Any) -> Any:
    return data.entities.get_entity("Job", job.id)


def put(data: Any, job: Any, **columns: Any) -> Any:
    """What the job manager would have written; answers the job as it is now."""
    assignments = ", ".join(f"{name} = ?" for name in columns)
    data.execute(f"UPDATE job SET {assignments} WHERE id = ?", *columns.values(), job.id)
    return read(data, job)


def heard(listener: AnnouncementListener) -> int:
    """How many announcements have come."""
    with socket.socket(fileno=os.dup(listener.fileno())) as receiver:
        count = 0
        while True:
            try:
                receiver.recv(16)
            except BlockingIOError:
                return count
            count += 1


def test_a_new_job_is_pending_and_due_now(data: Any) -> None:
    before = clock.now()
    job = read(data, data.saved_job(payload={"a": 1}))

    assert (job.get("status"), job.get("priority"), job.get("attempt"), job.get("attemptLimit")) == (
        "Pending",
        100,
        0,
        1,
    )
    assert before <= job.get("executeTime") <= clock.now()
    assert job.get("ownerUserId") == "system"
    assert job.get_payload() == {"a": 1}


def test_get_payload_is_a_copy(data: Any) -> None:
    job = data.new_job(payload={"a": [1]})

    job.get_payload()["a"].append(2)

    assert job.get("payload") == {"a": [1]}
    assert data.new_job().get_payload() == {}


def test_a_job_type_gives_priority_and_attempts(data: Any) -> None:
    data.define_job_type("Slow", priority=20, maxAttempts=3)

    job = data.saved_job(type="Slow")
    assert (job.get("priority"), job.get("attemptLimit")) == (20, 3)
    assert data.saved_job(type="Slow", priority=100).get("priority") == 100


def test_what_a_job_type_says_and_is_no_number_is_left_out_and_told_once(
    data: Any, caplog: pytest.LogCaptureFixture
) -> None:
    data.define_job_type("Slow", priority="high", maxAttempts=[2], payloadSchema=None)

    for _ in range(2):
        job = data.saved_job(type="Slow")

    assert (job.get("priority"), job.get("attemptLimit")) == (100, 1)
    assert caplog.text.count("priority of the job type 'Slow' is 'high', which is no number") == 1
    assert caplog.text.count("maxAttempts of the job type 'Slow' is [2], which is no number") == 1


@pytest.mark.parametrize("job_types", [{"Slow": ["x"]}, {"Slow": None}, {"Slow": "x"}])
def test_a_job_type_that_is_no_object_is_none(
    data: Any, caplog: pytest.LogCaptureFixture, job_types: dict[str, Any]
) -> None:
    data.write("metadata/app/jobTypes.json", job_types)

    data.saved_job(type="Slow")

    assert "No module has the job type 'Slow'" in caplog.text


def test_a_payload_schema_that_is_none_is_refused_by_name(data: Any) -> None:
    data.define_job_type("Slow", payloadSchema=5)

    with pytest.raises(MetadataError, match="the payloadSchema of Slow is 5, no object"):
        data.saved_job(type="Slow")


@pytest.mark.parametrize("schema", [{"properties": {"a": {"$ref": "#/nope"}}}, {"properties": {"a": {"pattern": "("}}}])
def test_a_payload_schema_that_cannot_be_used_is_refused_by_name(data: Any, schema: dict[str, Any]) -> None:
    data.define_job_type("Slow", payloadSchema=schema)

    with pytest.raises(MetadataError, match=r"jobTypes\.json: the payloadSchema of Slow: the "):
        data.saved_job(type="Slow", payload={"a": "x"})


def test_the_table_of_transitions_decides(data: Any) -> None:
    for old, new in product(STATUSES, STATUSES):
        job = put(data, data.saved_job(), status=old)
        job.set("status", new)

        if old == new or old in ALLOWED[new]:
            data.entities.save_entity(job)
            assert read(data, job).get("status") == new, old
        else:
            with pytest.raises(BadRequest, match=f"It is impossible to change the status from '{old}' to '{new}'"):
                data.entities.save_entity(job)


def test_an_unknown_status_is_refused(data: Any) -> None:
    job = data.saved_job()
    job.set("status", "Done")

    with pytest.raises(BadRequest, match="Unknown status 'Done'"):
        data.entities.save_entity(job)
    with pytest.raises(BadRequest, match="status = 'Done' is none of"):
        data.saved_job(status="Done")


def test_a_row_that_moved_on_refuses_a_stale_change(data: Any) -> None:
    job = data.saved_job()
    put(data, job, status="Success")

    job.set("status", "Canceled")
    with pytest.raises(BadRequest, match="from 'Success' to 'Canceled'"):
        data.entities.save_entity(job)

    assert read(data, job).get("status") == "Success"


def test_a_job_can_be_canceled_though_it_has_started_since(data: Any) -> None:
    job = data.saved_job()
    put(data, job, status="Running", pid=7)

    job.set("status", "Canceled")
    data.entities.save_entity(job)

    assert (read(data, job).get("status"), read(data, job).get("pid")) == ("Canceled", 7)


def test_returning_to_pending_clears_the_last_run_and_grants_attempts(data: Any) -> None:
    moment = "2026-11-23 10:20:30.000000"
    run = {"status": "Failed", "pid": 7, "started_at": moment, "ended_at": moment, "message": "oh", "attempt": 4}
    job = put(data, data.saved_job(priority=7, payload={"a": 1}), **run)

    job.set("status", "Pending")
    data.entities.save_entity(job)

    again = read(data, job)
    assert [again.get(name) for name in ("pid", "startedAt", "endedAt", "message")] == [None] * 4
    assert (again.get("attempt"), again.get("attemptLimit")) == (4, 5)
    assert (again.get("priority"), again.get("payload")) == (7, {"a": 1})


def test_a_retry_counts_from_the_attempt_in_the_row(data: Any) -> None:
    job = put(data, data.saved_job(), status="Failed", attempt=1)
    put(data, job, attempt=3)

    job.set("status", "Pending")
    data.entities.save_entity(job)

    assert read(data, job).get("attemptLimit") == 4


def test_an_awaiting_job_is_released(data: Any) -> None:
    job = data.saved_job(status="Awaiting", attemptLimit=5)
    job.set("status", "Pending")
    data.entities.save_entity(job)

    assert (read(data, job).get("status"), read(data, job).get("attemptLimit")) == ("Pending", 5)


def test_a_partly_read_job_can_be_canceled(data: Any) -> None:
    data.saved_job()
    job = data.entities.get_repository("Job").select(["name"]).find_one()

    job.set("status", "Canceled")
    data.entities.save_entity(job)

    assert read(data, job).get("status") == "Canceled"


def test_a_running_job_is_not_removed(data: Any) -> None:
    job = data.saved_job()
    put(data, job, status="Running")

    for remove in (data.entities.remove_entity, lambda job: data.entities.get_repository("Job").delete_from_db(job.id)):
        with pytest.raises(BadRequest, match=r"A running job cannot be removed\."):
            remove(job)

    assert read(data, job) is not None


def test_a_waiting_job_is_removed(data: Any) -> None:
    job = data.saved_job()
    data.entities.remove_entity(job)

    assert read(data, job) is None


def test_an_unknown_type_is_saved_with_a_warning(data: Any, caplog: pytest.LogCaptureFixture) -> None:
    data.saved_job(type="Rebuilt")

    assert "No module has the job type 'Rebuilt'" in caplog.text
    assert "Did you mean 'Rebuild'?" in caplog.text


@pytest.mark.parametrize(("length", "is_told"), [(60_000, False), (70_000, True)])
def test_a_long_payload_is_a_warning(data: Any, caplog: pytest.LogCaptureFixture, length: int, is_told: bool) -> None:
    with caplog.at_level(logging.WARNING, "atro"):
        job = data.saved_job(name="Big one", payload={"text": "x" * length})

    assert ("The payload of the job 'Big one'" in caplog.text) == is_told
    assert len(read(data, job).get("payload")["text"]) == length


SCHEMA = {
    "type": "object",
    "required": ["path"],
    "properties": {"path": {"type": "string"}, "options": {"properties": {"count": {"type": "integer"}}}},
}


def test_a_payload_is_judged_by_its_type(data: Any) -> None:
    data.define_job_type("Read", payloadSchema=SCHEMA)

    with pytest.raises(BadRequest) as caught:
        data.saved_job(type="Read", payload={"options": {"count": "x"}})

    assert "payload: 'path' is a required property" in str(caught.value)
    assert "payload.options.count: 'x' is not of type 'integer'" in str(caught.value)


def test_a_missing_payload_is_judged_as_an_empty_one(data: Any) -> None:
    data.define_job_type("Read", payloadSchema=SCHEMA)

    with pytest.raises(BadRequest, match="'path' is a required property"):
        data.saved_job(type="Read")


def test_what_a_run_leaves_in_its_payload_is_not_judged(data: Any) -> None:
    data.define_job_type("Read", payloadSchema={**SCHEMA, "additionalProperties": False})
    job = put(data, data.saved_job(type="Read", payload={"path": "a"}), status="Running")

    job.get("payload")["result"] = 5
    data.entities.save_entity(job)

    assert read(data, job).get("payload") == {"path": "a", "result": 5}


def test_a_saved_job_is_announced(data: Any, announcements: AnnouncementListener) -> None:
    job = data.saved_job()
    assert heard(announcements) == 1

    job.set("status", "Canceled")
    data.entities.save_entity(job)
    assert heard(announcements) == 1


def test_an_awaiting_job_is_not_announced(data: Any, announcements: AnnouncementListener) -> None:
    data.saved_job(status="Awaiting")

    assert heard(announcements) == 0


def test_many_jobs_are_announced_once(data: Any, announcements: AnnouncementListener) -> None:
    data.entities.save_entities([data.new_job() for _ in range(10)])
    assert heard(announcements) == 1

    with data.entities.transaction() as connection:
        for _ in range(3):
            data.entities.get_repository("Job").after_write(connection, [data.new_job()])
    assert heard(announcements) == 1


def test_a_job_is_announced_after_the_commit_and_not_after_a_rollback(
    data: Any, announcements: AnnouncementListener
) -> None:
    with data.entities.transaction():
        data.saved_job()
        assert heard(announcements) == 0
    assert heard(announcements) == 1

    with pytest.raises(RuntimeError), data.entities.transaction():
        data.saved_job()
        raise RuntimeError
    assert heard(announcements) == 0


def test_a_restored_job_is_announced(data: Any, announcements: AnnouncementListener) -> None:
    job = data.saved_job()
    data.entities.remove_entity(job)
    heard(announcements)

    data.entities.get_repository("Job").restore(job.id)

    assert heard(announcements) == 1


def test_execute_time_takes_texts_and_moments(data: Any) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)

    assert data.saved_job(executeTime="2030-01-01 00:00:00").get("executeTime") == datetime(2030, 1, 1, tzinfo=UTC)
    assert read(data, data.saved_job(executeTime=tomorrow)).get("executeTime") == tomorrow


def test_an_emptied_execute_time_is_now(data: Any) -> None:
    job = data.saved_job(executeTime="2030-01-01 00:00:00")
    job.set("executeTime", None)
    data.entities.save_entity(job)

    assert read(data, job).get("executeTime") <= clock.now()


def test_outside_of_a_run_a_job_knows_whether_it_was_canceled(data: Any) -> None:
    job = data.saved_job()
    job.report_progress(1, 2)
    assert not job.is_canceled()

    job.set("status", "Canceled")
    assert job.is_canceled()


def test_the_example_of_the_documentation(data: Any) -> None:
    job = data.entities.get_entity("Job")
    job.set(
        {
            "name": "Process data for product X",
            "type": "ClearEntity",
            "priority": 100,
            "payload": {"entityName": "User", "options": {"processImages": True}},
        }
    )
    data.entities.save_entity(job)

    job = data.entities.get_entity("Job", job.id)
    assert (job.get("status"), job.get("pid"), job.get("message")) == ("Pending", None, None)
