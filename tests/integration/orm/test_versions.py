"""Two people who change the same record."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import BadRequest, Conflict, NotFound
from tests.integration.orm.conftest import DataLayer

CHECKED = {"check_version": True}


@pytest.fixture
def things(data: DataLayer) -> DataLayer:
    data.define("Thing", {"name": {"type": "varchar"}, "size": {"type": "int"}})
    thing = data.entities.get_entity("Thing")
    thing.set({"name": "old", "size": 1})
    data.entities.save_entity(thing)
    return data


def read(data: DataLayer) -> Any:
    return data.entities.get_repository("Thing").find_one()


def test_the_last_writer_of_each_attribute_counts(things: DataLayer) -> None:
    first, second = read(things), read(things)
    first.set({"name": "first", "size": 2})
    second.set("name", "second")

    things.entities.save_entity(first)
    things.entities.save_entity(second)

    assert (read(things).get("name"), read(things).get("size")) == ("second", 2)


def test_who_asks_for_it_is_told_of_a_change_in_between(things: DataLayer) -> None:
    first, second = read(things), read(things)
    first.set("name", "first")
    things.entities.save_entity(first, CHECKED)
    second.set("size", 3)

    with pytest.raises(Conflict, match=r"Read the Thing '.*' again, and repeat the change"):
        things.entities.save_entity(second, CHECKED)
    assert (read(things).get("name"), read(things).get("size")) == ("first", 1)
    assert second.is_attribute_changed("size")


def test_the_same_person_may_save_again_and_again(things: DataLayer) -> None:
    thing = read(things)
    for size in (5, 6, 7):
        thing.set("size", size)
        things.entities.save_entity(thing, CHECKED)

    assert read(things).get("size") == 7


def test_of_several_none_is_saved_where_one_has_changed(things: DataLayer) -> None:
    other = things.entities.get_entity("Thing")
    things.entities.save_entity(other)
    stale, fresh = things.entities.get_entity("Thing", other.id), things.entities.get_entity("Thing", other.id)
    assert stale is not None
    assert fresh is not None
    fresh.set("name", "fresh")
    things.entities.save_entity(fresh)
    mine = things.entities.get_repository("Thing").where({"name": "old"}).find_one()
    for each in (mine, stale):
        each.set("size", 9)

    with pytest.raises(Conflict):
        things.entities.save_entities([mine, stale], CHECKED)
    assert not things.entities.get_repository("Thing").where({"size": 9}).exists()


def test_a_removed_record_and_an_unknown_version_are_told(things: DataLayer) -> None:
    partly = things.entities.get_repository("Thing").select(["name"]).find_one()
    partly.set("name", "new")
    with pytest.raises(BadRequest, match="was read without modifiedAt"):
        things.entities.save_entity(partly, CHECKED)

    whole = read(things)
    things.entities.remove_entity(read(things))
    whole.set("name", "new")
    with pytest.raises(NotFound, match="was deleted in the meantime"):
        things.entities.save_entity(whole, CHECKED)


def test_who_made_and_changed_a_record_is_known(things: DataLayer) -> None:
    ann, bob = (things.entities.get_entity("User") for _ in range(2))
    ann.set({"name": "Ann", "userName": "ann"})
    bob.set({"name": "Bob", "userName": "bob"})
    things.entities.save_entities([ann, bob])
    things.entities.set_user(ann)
    thing = things.entities.get_entity("Thing")
    things.entities.save_entity(thing)
    things.entities.set_user(bob)
    thing.set("size", 4)
    things.entities.save_entity(thing)

    found = things.entities.get_entity("Thing", thing.id)
    assert found is not None
    assert (found.get("createdByName"), found.get("modifiedByName")) == ("Ann", "Bob")
    assert found.get("createdAt") < found.get("modifiedAt")
