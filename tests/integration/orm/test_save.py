"""Storing entities."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.exceptions import BadRequest, NotFound, NotUnique
from tests.integration.orm.saved_things import define_things, new, read, saved

MOMENT = datetime(2026, 11, 23, 10, 20, 30, 123456, UTC)


@pytest.fixture
def things(data: Any) -> Any:
    return define_things(data)


def test_every_value_comes_back(things: Any) -> None:
    values = {
        "name": "Äxte",
        "size": 3,
        "weight": 0.1,
        "isGood": True,
        "bornOn": MOMENT.date(),
        "seenAt": MOMENT,
        "kind": "a",
        "tags": ["x"],
        "payload": {"ä": [1, None, {"b": 2.5}]},
        "list": [1, "2"],
    }

    thing = read(things, saved(things, **values))

    assert {name: thing.get(name) for name in values} == values


def test_what_was_not_set_has_its_default(things: Any) -> None:
    thing = saved(things)

    assert (thing.get("weight"), thing.get("isGood"), thing.get("payload")) == (1.5, False, None)
    assert read(things, thing).to_dict() == thing.to_dict()


def test_a_new_entity_gets_id_moments_and_users(things: Any) -> None:
    thing = read(things, saved(things))

    assert len(thing.id) == 36
    assert "_" not in thing.id
    assert thing.get("createdAt") == thing.get("modifiedAt")
    assert [thing.get(f"{name}Id") for name in ("ownerUser", "createdBy", "modifiedBy")] == ["system"] * 3


def test_the_owner_is_the_current_user_unless_named(things: Any) -> None:
    things.entities.set_user(things.entities.hydrate("User", {"id": "anna", "name": "Anna"}))

    assert saved(things).get("ownerUserId") == "anna"
    assert saved(things, ownerUserId="otto").get("ownerUserId") == "otto"


def test_ids_grow(things: Any) -> None:
    batch = [new(things) for _ in range(100)]
    things.entities.save_entities(batch)

    assert [each.id for each in batch] == sorted(each.id for each in batch)


def test_a_given_id_is_kept_and_may_replace_a_removed_one(things: Any) -> None:
    things.entities.remove_entity(saved(things, id="mine", name="Old"))

    assert read(things, saved(things, id="mine", name="New")).get("name") == "New"


def test_only_what_changed_is_written(things: Any) -> None:
    thing = saved(things, size=1)
    things.execute("UPDATE thing SET size = 5 WHERE id = ?", thing.id)

    thing.set("name", "Saw")
    things.entities.save_entity(thing)

    assert (read(things, thing).get("name"), read(things, thing).get("size")) == ("Saw", 5)


def test_a_change_moves_modified_at_and_no_change_does_not(things: Any) -> None:
    thing = saved(things)
    before = thing.get("modifiedAt")

    things.entities.save_entity(thing)
    assert read(things, thing).get("modifiedAt") == before
    thing.set("name", "Saw")
    things.entities.save_entity(thing)
    assert read(things, thing).get("modifiedAt") > before


def test_a_change_inside_of_a_dict_is_saved(things: Any) -> None:
    thing = read(things, saved(things, payload={"a": 1}))

    thing.get("payload")["b"] = [2]
    things.entities.save_entity(thing)

    assert read(things, thing).get("payload") == {"a": 1, "b": [2]}
    assert things.rows("SELECT payload FROM thing") == [{"payload": '{"a":1,"b":[2]}'}]


def test_all_that_is_wrong_is_told_at_once(things: Any) -> None:
    thing = new(things, name="A name too long", size=9, kind="c", tags=["z"])

    with pytest.raises(BadRequest) as caught:
        things.entities.save_entity(thing)

    assert str(caught.value).splitlines() == [
        "Thing 'A name too long': name = 'A name too long' is longer than 10 characters",
        "Thing 'A name too long': size = 9 is more than 5",
        "Thing 'A name too long': kind = 'c' is none of , a, b",
        "Thing 'A name too long': tags = ['z'] has other options than x, y",
    ]
    assert thing.is_new()


@pytest.mark.parametrize("name", [None, ""])
def test_a_required_value_must_be_there(things: Any, name: Any) -> None:
    with pytest.raises(BadRequest, match="is required"):
        saved(things, name=name)


def test_what_json_cannot_say_names_the_field(things: Any) -> None:
    with pytest.raises(BadRequest, match=r"payload = .* cannot be stored: .*datetime is not JSON"):
        saved(things, payload={"at": MOMENT})


def test_json_of_too_many_levels_names_the_field(things: Any) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(BadRequest, match=r"list = a list of many levels cannot be stored: It is nested too deeply"):
        saved(things, list=deep)


def test_a_stored_row_that_breaks_a_rule_can_still_be_changed_elsewhere(things: Any) -> None:
    thing = saved(things)
    things.execute("UPDATE thing SET size = 99")

    thing = read(things, thing)
    thing.set("name", "Saw")
    things.entities.save_entity(thing)

    assert read(things, thing).get("name") == "Saw"


def test_a_repeated_unique_value_is_refused_by_name(things: Any) -> None:
    saved(things, code="A1")

    with pytest.raises(NotUnique) as caught:
        saved(things, code="A1")

    start = "The record cannot be created due to database constraints. Thing:"
    assert str(caught.value) == f"{start} another record has the same code."


def test_an_entity_that_was_removed_meanwhile_cannot_be_changed(things: Any) -> None:
    thing = saved(things)
    things.entities.remove_entity(read(things, thing))

    thing.set("name", "Saw")
    with pytest.raises(NotFound, match="was deleted in the meantime"):
        things.entities.save_entity(thing)


def test_of_many_all_are_saved_or_none(things: Any) -> None:
    batch = [new(things, code=code) for code in ("a", "b", "a")]

    with pytest.raises(NotUnique):
        things.entities.save_entities(batch)

    assert things.entities.get_repository("Thing").count() == 0
    assert all(thing.is_new() for thing in batch)


def test_entities_of_several_types_are_one_save(things: Any) -> None:
    broken = new(things, name=None)

    with pytest.raises(BadRequest):
        things.entities.save_entities([things.new_job(), broken])

    assert things.entities.get_repository("Job").count() == 0


def test_a_transaction_that_fails_leaves_nothing(things: Any) -> None:
    with pytest.raises(RuntimeError), things.entities.transaction():
        saved(things)
        raise RuntimeError

    assert things.entities.get_repository("Thing").count() == 0


def test_inside_of_a_transaction_its_own_rows_are_seen(things: Any) -> None:
    with things.entities.transaction():
        thing = saved(things)

        assert read(things, thing) is not None


def test_a_refused_save_leaves_the_transaction_usable(things: Any) -> None:
    with things.entities.transaction():
        kept = saved(things, code="a")
        with pytest.raises(NotUnique):
            things.entities.save_entities([new(things, code="b"), new(things, code="a")])

    assert [thing.id for thing in things.entities.get_repository("Thing").find()] == [kept.id]


def test_skip_all_leaves_out_the_judgement(things: Any) -> None:
    thing = new(things, size=9)
    things.entities.save_entity(thing, {"skipAll": True})

    assert read(things, thing).get("size") == 9


def test_a_row_of_the_driver_becomes_an_entity(things: Any) -> None:
    thing = saved(things, seenAt=MOMENT, isGood=True, bornOn="2026-11-23", payload={"a": 1})

    row = things.rows("SELECT *, 1 AS foreign_column FROM thing")[0]
    hydrated = things.entities.hydrate("Thing", row)

    assert hydrated.to_dict() == thing.to_dict()
    assert not hydrated.is_new()
    assert things.entities.stored_value(hydrated, "payload") == '{"a":1}'


def test_a_partly_read_entity_is_saved_without_harm(things: Any) -> None:
    thing = saved(things, size=3)
    part = things.entities.get_repository("Thing").select(["name"]).find_one()

    part.set("name", "Saw")
    things.entities.save_entity(part)

    assert (read(things, thing).get("name"), read(things, thing).get("size")) == ("Saw", 3)


def test_the_system_user_is_in_no_table(things: Any) -> None:
    user = things.entities.get_user()

    assert (user.id, user.get("userName"), user.get("name"), user.is_admin()) == ("system", "system", "System", True)
    assert things.entities.get_repository("User").count() == 0


def test_links_lead_to_stored_entities(things: Any) -> None:
    anna = things.entities.get_entity("User")
    anna.set({"name": "Anna", "userName": "anna"})
    things.entities.save_entity(anna)

    thing = read(things, saved(things, ownerUserId=anna.id))

    assert thing.get("ownerUser").get("userName") == "anna"
    assert thing.get("ownerUserName") == "Anna"


def test_an_empty_link_leads_to_no_entity(things: Any) -> None:
    assert things.entities.get_entity("Thing", None) is None


def test_deleted_is_not_for_set(things: Any) -> None:
    with pytest.raises(BadRequest, match="set by remove and restore"):
        new(things, deleted=True)
