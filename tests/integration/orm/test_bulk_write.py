"""Changing and removing many entities by conditions."""

from __future__ import annotations

import select
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from core.exceptions import BadRequest, NotUnique, ValidationError

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LISTENER = """
from core.Listeners import AbstractListener

class ThingEntity(AbstractListener):
    def before_save(self, event):
        if event.get_argument("entity").get("name") == "new":
            raise ValueError("no")

    def before_remove(self, event):
        raise ValueError("no")
"""


@pytest.fixture
def things(data: Any) -> Any:
    """Six things in two boxes."""
    data.define(
        "Thing",
        {
            "name": {"type": "varchar", "maxLength": 10},
            "code": {"type": "varchar", "unique": True},
            "size": {"type": "int", "max": 100},
            "data": {"type": "jsonObject"},
            "isOpen": {"type": "bool"},
            "note": {"type": "varchar", "conditionalProperties": {"required": {"conditionGroup": [IS_OPEN]}}},
            "shown": {"type": "notStorable"},
            "box": {"type": "link"},
        },
        links={
            "box": {"type": "belongsTo", "entity": "Box", "foreign": "things"},
            "next": {"type": "hasMany", "entity": "Thing", "foreign": "former", "relationName": "thingNext"},
            "former": {"type": "hasMany", "entity": "Thing", "foreign": "next", "relationName": "thingNext"},
        },
    )
    data.define("Box", {"name": {"type": "varchar"}}, links={"things": HAS_THINGS})
    boxes = [data.entities.get_entity("Box") for _ in range(2)]
    for number, box in enumerate(boxes):
        box.set({"name": f"Box {number}"})
    data.entities.save_entities(boxes)
    made = []
    for number in range(6):
        thing = data.entities.get_entity("Thing")
        thing.set({"name": f"T{number}", "code": f"c{number}", "size": number, "boxId": boxes[number % 2].id})
        thing.set({"modifiedAt": LONG_AGO})
        made.append(thing)
    data.entities.save_entities(made)
    return data.entities.get_repository("Thing")


IS_OPEN = {"type": "isTrue", "attribute": "isOpen"}
HAS_THINGS = {"type": "hasMany", "entity": "Thing", "foreign": "box"}


def names(query: Any) -> list[str]:
    return [thing.get("name") for thing in query.order("code").find()]


def test_values_are_set_in_all_that_meet_the_conditions(things: Any) -> None:
    count = things.update_where({"code>=": "c4"}, {"name": "new", "data": {"a": [1]}})

    assert count == 2
    assert names(things) == ["T0", "T1", "T2", "T3", "new", "new"]
    changed = things.where({"name": "new"}).find_one()
    assert changed.get("data") == {"a": [1]}
    assert changed.get("modifiedAt") > LONG_AGO
    assert things.where({"code": "c0"}).find_one().get("modifiedAt") == LONG_AGO


def test_conditions_over_links_may_lead_to_the_same_table(things: Any) -> None:
    assert things.update_where({"box.things.code": "c1", "box.name": "Box 1"}, {"size": 40}) == 3

    assert names(things.where({"size": 40})) == ["T1", "T3", "T5"]


@pytest.fixture
def refusing(data: Any) -> None:
    data.add_module("Refusing", {"Listeners/ThingEntity.py": LISTENER})


@pytest.mark.usefixtures("refusing")
def test_no_hook_and_no_listener_is_asked(data: Any, things: Any) -> None:
    one = things.find_one()
    one.set("name", "new")
    with pytest.raises(ValueError, match="no"):
        data.entities.save_entity(one)

    assert things.update_where({}, {"name": "new"}) == 6
    assert things.delete_where({}) == 6


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"nam": "x"}, "Did you mean 'name'"),
        ({"size": "big"}, "is not a whole number"),
        ({"size": 101}, "is more than 100"),
        ({"name": "x" * 11}, "is longer than 10 characters"),
        ({"id": "x"}, "'id' cannot be set in many at once"),
        ({"shown": 1}, "'shown' cannot be set in many at once"),
        ({"deleted": True}, "is set by remove and restore"),
        ({"note": None}, "'note' is required under a condition"),
        ({"isOpen": True}, "'note' is required under a condition"),
        ({}, "there is nothing to set"),
    ],
)
def test_values_are_judged(things: Any, values: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        things.update_where({}, values)


def test_all_faults_are_told_at_once(things: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        things.update_where({}, {"name": "x" * 11, "code": "y" * 256})

    assert [problem.field for problem in caught.value.problems] == ["name", "code"]


def test_a_unique_value_cannot_be_set_in_several(things: Any) -> None:
    with pytest.raises(NotUnique, match="the same code"):
        things.update_where({}, {"code": "same"})

    assert len(set(names(things))) == 6


def test_unknown_conditions_change_nothing(things: Any) -> None:
    with pytest.raises(BadRequest, match="names no stored attribute"):
        things.update_where({"siz": 1}, {"size": 2})
    with pytest.raises(BadRequest, match="names no stored attribute"):
        things.delete_where({"siz": 1})


def test_removed_ones_can_be_restored(things: Any) -> None:
    removed = things.where({"code": "c1"}).find_one()

    assert things.delete_where({"code": ["c1", "c2"]}) == 2
    assert names(things) == ["T0", "T3", "T4", "T5"]
    assert things.delete_where({"code": ["c1", "c2"]}) == 0
    assert things.restore(removed.id)


def test_an_older_removed_one_gives_way(data: Any, things: Any) -> None:
    things.delete_where({"code": "c1"})
    again = data.entities.get_entity("Thing")
    again.set({"name": "again", "code": "c1"})
    data.entities.save_entity(again)

    assert things.delete_where({"code>=": "c1"}) == 5
    assert names(things.where({"deleted": True, "code": "c1"})) == ["again"]


def test_permanently_removed_ones_leave_no_relation(data: Any, things: Any) -> None:
    first, second = (things.where({"code": code}).find_one() for code in ("c0", "c1"))
    things.relate(first, "next", second)

    assert things.delete_where({"next.code": "c1"}, permanently=True) == 1
    assert things.with_deleted().count() == 5
    assert data.entities.get_repository("ThingNext").with_deleted().count() == 0


def test_what_was_removed_can_be_deleted_for_good(things: Any) -> None:
    things.delete_where({"code": "c0"})

    assert things.delete_where({"code": ["c0", "c1"]}, permanently=True) == 1
    assert things.delete_where({"deleted": True}, permanently=True) == 1
    assert things.with_deleted().count() == 4


def test_an_outer_transaction_decides(data: Any, things: Any) -> None:
    with pytest.raises(RuntimeError), data.entities.transaction():
        things.update_where({}, {"size": 9})
        things.delete_where({})
        raise RuntimeError

    assert things.where({"size": 9}).count() == 0
    assert things.count() == 6


@pytest.mark.parametrize("name", ["status", "pid", "startedAt", "attempt", "runProcess"])
def test_the_state_of_jobs_is_the_job_managers(data: Any, name: str) -> None:
    with pytest.raises(BadRequest, match=f"Job: {name} cannot be set in many at once"):
        data.entities.get_repository("Job").update_where({}, {name: None})


def test_jobs_that_are_brought_forward_are_announced(data: Any, announcements: Any) -> None:
    data.saved_job(executeTime="2099-01-01 00:00:00")
    announcements.drain()

    assert data.entities.get_repository("Job").update_where({}, {"executeTime": LONG_AGO}) == 1
    assert select.select([announcements], [], [], 5)[0]


def test_a_running_job_stays(data: Any) -> None:
    running, waiting = data.saved_job(), data.saved_job()
    data.execute("UPDATE job SET status = 'Running' WHERE id = ?", running.id)
    jobs = data.entities.get_repository("Job")

    assert jobs.delete_where({}) == 1
    assert [job.id for job in jobs.find()] == [running.id]
    assert jobs.delete_where({"id": [running.id, waiting.id], "deleted": [True, False]}, permanently=True) == 1


@pytest.mark.only_sqlite("the others know how many rows a status has")
def test_jobs_that_are_named_are_looked_up_by_their_ids(data: Any) -> None:
    jobs, engine = data.entities.get_repository("Job"), data.entities.database.engine
    made = [data.entities.get_entity("Job") for _ in range(3)]
    for job in made:
        job.set({"name": "x", "type": "NoSuchType"})
    data.entities.save_entities(made)
    named = [job.id for job in made]
    statements: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2:4]))

    assert jobs.delete_where({"id": named, "status": ("Pending", "Failed"), "createdAt>": LONG_AGO}) == 3

    plans = []
    with data.entities.database.read() as connection:
        for statement, values in [each for each in statements if "job" in each[0] and not each[0].startswith("PRAGMA")]:
            plans += [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    searches = [plan for plan in plans if plan.startswith(("SCAN", "SEARCH"))]
    assert len(searches) == 3
    assert all("(id=?)" in plan or "unique_key=?" in plan for plan in searches), searches
