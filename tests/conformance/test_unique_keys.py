"""What every database must do for `uniqueKey`: one live job for each key, whoever saves it and when."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from core.exceptions import BadRequest, NotUnique
from core.job_queue.run import Outcome
from tests.conformance.conftest import Queue


@pytest.fixture
def once(queue: Queue) -> Queue:
    """A queue with the type Once, whose jobs are unique by their order."""
    queue.set_types(Once={"uniqueKey": "{order}"}, Also={"uniqueKey": "{order}"})
    return queue


def add(queue: Queue, order: Any = 1, job_type: str = "Once", **values: Any) -> str:
    return queue.add(type=job_type, payload={"order": order}, **values)


@pytest.mark.parametrize("status", ["Pending", "Awaiting"])
def test_a_second_live_job_is_refused_with_the_name_of_the_first(once: Queue, status: str) -> None:
    first = add(once, status=status)

    with pytest.raises(NotUnique, match=f"so has the job {first}, which is {status}"):
        add(once)
    assert add(once, order=2)
    assert add(once, job_type="Also")


def test_a_running_job_has_its_key_and_one_that_ended_has_none(once: Queue) -> None:
    add(once)
    run = once.claim()
    with pytest.raises(NotUnique, match="which is Running"):
        add(once)

    once.finish(Outcome(run, True))

    assert once.row(run.job_id)["unique_key"] is None
    assert add(once)


@pytest.mark.parametrize("status", ["Failed", "Canceled"])
def test_a_retry_takes_the_key_again_and_may_be_refused(once: Queue, status: str) -> None:
    first = add(once)
    once.set_status(first, status)
    second = add(once)

    with pytest.raises(NotUnique, match=f"so has the job {second}"):
        once.set_status(first, "Pending")
    once.set_status(second, "Canceled")
    once.set_status(first, "Pending")

    assert once.row(first)["unique_key"] == "1"


def test_one_that_fails_with_attempts_left_keeps_its_key(once: Queue) -> None:
    add(once, attemptLimit=2)
    once.finish(Outcome(once.claim(), False, "no"))

    with pytest.raises(NotUnique):
        add(once)


def test_a_removed_job_gives_its_key_free_and_may_not_come_back_beside_another(once: Queue) -> None:
    first = add(once)
    once.entity_manager.remove_entity(once.entity_manager.get_entity("Job", first))
    second = add(once)

    with pytest.raises(NotUnique):
        once.entity_manager.get_repository("Job").restore(first)
    once.set_status(second, "Canceled")
    assert once.entity_manager.get_repository("Job").restore(first)


def test_instead_of_a_second_one_the_first_may_be_had(once: Queue) -> None:
    first = add(once)
    jobs = [once.new(type="Once", payload={"order": order}, name="mine") for order in (1, 2, 2)]

    once.entity_manager.save_entities(jobs, {"on_conflict": "existing"})

    assert [jobs[0].id, jobs[0].get("name"), jobs[0].is_new()] == [first, "x", False]
    assert jobs[1].id == jobs[2].id != first
    assert len(once.candidates()) == 2


def test_of_many_at_once_none_is_saved_where_one_is_refused(once: Queue) -> None:
    jobs = [once.new(type="Once", payload={"order": order}) for order in (1, 2, 1)]

    with pytest.raises(NotUnique, match="Several of these jobs have the uniqueKey '1' of their type 'Once'"):
        once.entity_manager.save_entities(jobs)
    assert once.candidates() == []


def test_a_changed_payload_is_another_key(once: Queue) -> None:
    first, second = add(once), add(once, order=2)
    job = once.entity_manager.get_entity("Job", second)
    job.set("payload", {"order": 3})
    once.entity_manager.save_entity(job)
    job.set("payload", {"order": 1})

    with pytest.raises(NotUnique, match=f"so has the job {first}"):
        once.entity_manager.save_entity(job)
    assert add(once, order=2)


def test_a_payload_without_the_value_is_refused(once: Queue) -> None:
    with pytest.raises(BadRequest, match="The payload of the job 'x' has no 'order', which the uniqueKey"):
        once.add(type="Once", payload={"ordr": 5})


def test_what_may_follow_a_conflict_is_judged(once: Queue) -> None:
    with pytest.raises(BadRequest, match="on_conflict is 'replace'; it may be 'refuse' or 'existing'"):
        once.entity_manager.save_entity(once.new(), {"on_conflict": "replace"})
    things = [once.new(), once.entity_manager.get_entity("User")]
    with pytest.raises(BadRequest, match="on_conflict is for saves of jobs alone"):
        once.entity_manager.save_entities(things, {"on_conflict": "existing"})


def test_of_several_savers_at_once_one_wins_and_all_have_the_same_job(once: Queue) -> None:
    begin, ids, errors = threading.Barrier(4), [], []

    def save(on_conflict: str) -> None:
        job = once.new(type="Once", payload={"order": 1})
        begin.wait()
        try:
            once.entity_manager.save_entity(job, {"on_conflict": on_conflict})
            ids.append(job.id)
        except NotUnique as error:
            errors.append(error)

    threads = [threading.Thread(target=save, args=("existing",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(ids), len(set(ids)), errors) == (4, 1, [])
