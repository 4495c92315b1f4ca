"""Looking for jobs by what no index has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.application import Application
from core.exceptions import BadRequest
from core.job_queue.job_search import Hits, JobSearch, Wanted

DAY = datetime(2026, 3, 1, tzinfo=UTC)
STATUSES = ("Pending", "Failed", "Success")
pytestmark = pytest.mark.every_database

Find = Callable[..., Hits]


@pytest.fixture
def find(application: Application) -> Find:
    """Looks at no more than 12 rows at a time, in steps of 6."""
    manager = application.container.get("entityManager")
    jobs = []
    for number in range(40):
        job = manager.get_entity("Job")
        values: dict[str, Any] = {"name": f"Job {number:02}", "type": "Odd" if number % 2 else "Even"}
        job.set({**values, "status": STATUSES[number % 3], "executeTime": DAY + timedelta(hours=number // 2)})
        jobs.append(job)
    manager.save_entities(jobs)
    search = JobSearch(application.container.get("schema"), most=12, step=6)
    names = {job.id: job.get("name")[4:] for job in jobs}

    def found(wanted: Wanted, size: int = 5, after: str | None = None) -> Hits:
        with application.container.get("connection").read() as connection:
            hits = search.find(connection, wanted, size, after)
        return Hits([names[each] for each in hits.ids], hits.after, hits.reached)

    return found


def all_pages(find: Find, wanted: Wanted) -> list[str]:
    hits = find(wanted)
    names = hits.ids
    while hits.after is not None:
        hits = find(wanted, after=hits.after)
        names += hits.ids
    return names


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(type="Odd"), [each for each in range(40) if each % 2]),
        (Wanted(name="OB 3"), range(30, 40)),
        (Wanted(name="%"), []),
        (Wanted(status="Failed", type="Odd"), [each for each in range(40) if each % 3 == 1 and each % 2]),
        (Wanted(since=DAY + timedelta(hours=5), before=DAY + timedelta(hours=8)), range(10, 16)),
        (Wanted(schedule_id="none", name="Job"), []),
    ],
    ids=str,
)
def test_all_pages_together_have_each_of_them_once(find: Find, wanted: Wanted, expected: Any) -> None:
    assert sorted(all_pages(find, wanted)) == [f"{each:02}" for each in expected]


def test_they_come_newest_first_and_a_search_that_takes_long_says_where_it_is(find: Find) -> None:
    assert find(Wanted(type="Odd")).ids == ["39", "37", "35", "33", "31"]

    rare = find(Wanted(name="Job 00"))

    assert (rare.ids, rare.reached) == ([], DAY + timedelta(hours=14))
    assert all_pages(find, Wanted(name="Job 00")) == ["00"]


#: after
REFUSED_PLACES = ["x", "e30=", "WzFd", "WyJhIiwgImIiXQ=="]


def test_what_is_no_place_in_the_list_is_refused(find: Find) -> None:
    for after in REFUSED_PLACES:
        with pytest.raises(BadRequest):
            find(Wanted(status="Failed"), after=after)
