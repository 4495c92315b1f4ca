"""All jobs by their execute time, which an index has for each status alone."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from sqlalchemy import event

from core.orm.term import EntityTerms
from core.orm.where import read_where
from tests.conformance.conftest import Queue

#: Statuses of today, texts around them and between them that only bare SQL writes, and none.
STATUSES = ["Pending", "Success", "Failed", "Awaiting", "A", "Canceled?", "Old", "success", "ß", "", None]
TIMES = ["2026-03-01 10:00:00.000000", "2026-03-01 10:00:00.000001", None]


@pytest.fixture
def jobs(queue: Queue) -> Any:
    """The jobs' repository, with jobs of each status at each time, and some that succeeded at the same one."""
    pairs = [*product(STATUSES, TIMES), *[("Success", TIMES[0])] * 3]
    made = [queue.new() for _ in pairs]
    queue.entity_manager.save_entities(made)
    for job, (status, moment) in zip(made, pairs, strict=True):
        queue.installation.execute("UPDATE job SET status = ?, execute_time = ? WHERE id = ?", status, moment, job.id)
    return queue.entity_manager.get_repository("Job")


def expected(jobs: Any, direction: str) -> list[str]:
    rows = [(each.get("executeTime"), each.id) for each in jobs.find()]
    rows.sort(key=lambda row: (row[0] is not None, row[0], row[1]), reverse=direction == "DESC")
    return [job_id for _, job_id in rows]


def test_pages_follow_each_other(jobs: Any) -> None:
    for direction, size in product(("ASC", "DESC"), (2, 100)):
        query, cursor = jobs.where([]).order("executeTime", direction), None
        found: list[str] = []
        while not found or cursor is not None:
            page = query.page(size, after=cursor)
            found += [job.id for job in page.entities]
            cursor = page.next_cursor

        assert found == expected(jobs, direction), (direction, size)
        first = [job.id for job in jobs.order([("executeTime", direction), ("id", direction)]).limit(size).find()]
        assert first == found[:size]


def test_no_table_is_read_whole_to_be_sorted(queue: Queue) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(queue.database.engine, "before_cursor_execute", note)
    jobs = queue.entity_manager.get_repository("Job").where([])
    for direction in ("ASC", "DESC"):
        jobs.order("executeTime", direction).page(5)
        jobs.order([("executeTime", direction), ("id", direction)]).limit(5).find()
    event.remove(queue.database.engine, "before_cursor_execute", note)

    merged = [each for each in asked if "UNION ALL" in each[0]]
    assert len(merged) >= 6  # a page asks for those with and without a time
    for statement, parameters in merged if queue.database.engine.dialect.name == "sqlite" else ():
        with queue.database.read() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        assert [step for *_, step in plan if step.startswith("SCAN job")] == []


def test_only_what_has_no_index_is_divided_and_only_by_few_values(queue: Queue) -> None:
    terms: EntityTerms = queue.entity_manager.get_repository("Job").terms

    division = terms.division(terms.term("executeTime"))

    assert division is not None
    assert (division.column, len(division.values)) == ("status", 6)
    assert terms.division(terms.term("name")) is None
    assert terms.division(terms.term("LOWER:name")) is None


def test_no_conditions_are_known_in_each_form(queue: Queue) -> None:
    terms = queue.entity_manager.get_repository("Job").terms

    assert all(read_where(terms, none).are_none for none in ((), {}, [], [{}], {"AND": [{"AND": []}]}))
    assert not any(read_where(terms, some).are_none for some in ({"name": None}, {"OR": []}, [{}, {"name": "x"}]))
