"""What every database must do where job types have limits or are paused: which due jobs come next."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from core import clock
from core.job_queue.lanes import LaneStatements
from core.job_queue.run import Outcome
from tests.conformance.conftest import Queue
from tests.databases import POSTGRESQL


def test_the_claim_by_types_reads_its_indexes_only(queue: Queue) -> None:
    queue.add_many(300)
    statements = LaneStatements(queue.queue._job, queue.database.engine.dialect)
    place = {"job_type": "A", "at_priority": 100.0, "now": clock.now()}

    steps = [
        queue.plan_of(statements.first_type),
        queue.plan_of(statements.next_type, last_type="A"),
        queue.plan_of(statements.first, job_type="A"),
        queue.plan_of(statements.next, job_type="A", ceiling=100.0),
    ]
    rows = [queue.plan_of(statements.due, **place, most=10), queue.plan_of(statements.window, **place)]

    assert all("IDX_JOB_CLAIM_OF_TYPE" in plan for plan in (*steps, *rows))
    assert not any(re.search("TEMP B-TREE|filesort|Sort", plan) for plan in steps)
    heads = queue.plan_of(statements.heads_of_keys, **place)
    assert not re.search("SCAN job|Seq Scan on job|filesort", heads)


@pytest.mark.parametrize("database_kind", [POSTGRESQL], indirect=True)
def test_no_other_index_has_the_order_of_the_claim_by_types(queue: Queue) -> None:
    """PostgreSQL would take one that has the jobs of all types in that order, and read past a crowd of other types."""
    statements = LaneStatements(queue.queue._job, queue.database.engine.dialect)
    place = {"job_type": "A", "at_priority": 100.0, "now": clock.now()}
    queue.add_many(300)
    with queue.database.write() as connection:
        connection.exec_driver_sql('DROP INDEX "IDX_JOB_CLAIM_OF_TYPE"')

    plans = [
        queue.plan_of(statements.first_type),
        queue.plan_of(statements.next_type, last_type="A"),
        queue.plan_of(statements.first, job_type="A"),
        queue.plan_of(statements.next, job_type="A", ceiling=300.0),
        queue.plan_of(statements.due, **place, most=10),
        queue.plan_of(statements.window, **place),
    ]

    assert all("Sort" in plan for plan in plans)


def test_a_type_at_its_limit_lets_others_pass_whatever_their_priority(queue: Queue) -> None:
    queue.set_types(Few={"maxConcurrent": 1})
    crowd = [queue.add(type="Few", priority=300) for _ in range(3)]
    low, high = queue.add(priority=1), queue.add(priority=400)

    before = [each.job_id for each in queue.candidates()]
    queue.start(*queue.candidates()[:2])

    assert before == [high, crowd[0], low]
    assert [each.job_id for each in queue.candidates()] == [low]


def test_jobs_of_several_types_come_in_one_order(queue: Queue) -> None:
    queue.set_types(Few={"maxConcurrent": 50})
    for number in range(60):
        queue.add(type=("Few", "A", "B")[number % 3], priority=100 + number % 2)

    found = queue.candidates(100)

    order = [(-each.row["priority"], each.row["execute_time"], each.job_id) for each in found]
    assert order == sorted(order)
    assert len(found) == 60


def test_few_are_read_of_many_types_and_none_is_left_out_between_them(queue: Queue) -> None:
    queue.set_types(Few={"maxConcurrent": 50})
    jobs = [queue.new(type=f"T{number % 7}") for number in range(350)]
    queue.entity_manager.save_entities(jobs)

    found = [each.job_id for each in queue.candidates(200)]

    assert 20 <= len(found) <= 200
    assert found == sorted(job.id for job in jobs)[: len(found)]


def test_jobs_of_a_key_that_is_taken_let_those_of_other_keys_pass(queue: Queue) -> None:
    queue.set_types(ByOne={"concurrencyKey": "{who}"})
    ada, bob = ([queue.add(type="ByOne", payload={"who": who}) for _ in range(2)] for who in ("ada", "bob"))

    assert [each.job_id for each in queue.candidates()] == [ada[0], bob[0]]
    run = queue.claim()
    assert [each.job_id for each in queue.candidates()] == [bob[0]]
    queue.finish(Outcome(run, True))
    assert [each.job_id for each in queue.candidates()] == [ada[1], bob[0]]


def test_behind_a_crowd_of_one_key_the_others_are_found(queue: Queue) -> None:
    queue.set_types(ByOne={"concurrencyKey": "{who}", "maxConcurrent": 3})
    crowd = [queue.new(type="ByOne", payload={"who": "m"}) for _ in range(600)]
    queue.entity_manager.save_entities(crowd)
    others = [queue.add(type="ByOne", payload={"who": who}) for who in ("zoe", "ada")]

    first = [each.job_id for each in queue.candidates()]
    queue.claim()

    assert first == [crowd[0].id, *others]
    assert [each.job_id for each in queue.candidates()] == others


def test_waiting_is_worth_priority_where_it_is_to_be(queue: Queue) -> None:
    def add(minutes: int, priority: float) -> str:
        return queue.add(executeTime=clock.now() - timedelta(minutes=minutes), priority=priority)

    urgent, old, new = add(1, 130), add(60, 100), add(2, 100)

    assert [each.job_id for each in queue.candidates()] == [urgent, old, new]
    queue.queue._priority_aging = lambda: 60.0
    assert [each.job_id for each in queue.candidates()] == [old, urgent, new]


def test_only_jobs_of_a_priority_from_which_on_are_read(queue: Queue) -> None:
    queue.add(priority=199)
    wanted = [queue.add(priority=priority) for priority in (500, 200)]

    with queue.database.read() as connection:
        found = queue.queue.read_ahead(connection, 10, 200.0).candidates

    assert [each.job_id for each in found] == wanted
