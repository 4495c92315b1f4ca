"""What every database must do where job types have limits or are paused: which due jobs come next."""

from __future__ import annotations

import re

from core import clock
from core.job_queue.lanes import LaneStatements
from tests.conformance.conftest import Queue


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
