"""A record in memory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.exceptions import BadRequest
from core.orm.entity import Entity
from core.orm.entity_type import read_entity_type

FIELDS = {
    "name": {"type": "varchar"},
    "size": {"type": "int", "default": 3},
    "tags": {"type": "array", "default": ["new"]},
    "payload": {"type": "jsonObject"},
    "seenAt": {"type": "datetime"},
    "maker": {"type": "link"},
}
THING = read_entity_type("Thing", {"fields": FIELDS, "links": {"maker": {"type": "belongsTo", "entity": "Maker"}}}, {})
MAKER = read_entity_type("Maker", {"fields": {"name": {"type": "varchar"}}}, {})


class Makers:
    """Knows one maker."""

    def get_entity(self, entity_type: str, entity_id: str) -> Entity | None:
        return (
            Entity(MAKER, self, {}, {"id": "m1", "name": "Meyer"})
            if (entity_type, entity_id) == ("Maker", "m1")
            else None
        )


def new(**values: Any) -> Entity:
    thing = Entity(THING, Makers(), {})
    thing.set(values)
    return thing


def stored(**row: Any) -> Entity:
    return Entity(THING, Makers(), {}, row)


def test_a_new_entity_has_the_defaults() -> None:
    thing = new()

    assert thing.get("size") == 3
    assert not thing.has("size")
    assert thing.is_new()


def test_a_default_list_belongs_to_one_entity() -> None:
    new().get("tags").append("changed")

    assert new().get("tags") == ["new"]


def test_set_takes_one_value_or_several() -> None:
    thing = new(name="Axe", seenAt="2026-11-23 10:20:30")
    thing.set("size", 5)

    assert (thing.get("name"), thing.get("size")) == ("Axe", 5)
    assert thing.get("seenAt") == datetime(2026, 11, 23, 10, 20, 30, tzinfo=UTC)


def test_an_unknown_attribute_suggests_the_near_name() -> None:
    with pytest.raises(BadRequest, match=r"Thing has no attribute 'nam'\. Did you mean 'name'\?"):
        new().set("nam", "Axe")
    with pytest.raises(BadRequest, match=r"Did you mean 'name'\?"):
        new().get("nam")


def test_set_tells_all_that_is_wrong_and_sets_nothing() -> None:
    thing = new(name="Axe")

    with pytest.raises(BadRequest) as caught:
        thing.set({"size": "big", "seenAt": "soon", "colour": "red", "name": "Saw"})

    assert [line.split(" = ")[0] for line in str(caught.value).splitlines()[:2]] == [
        "Thing 'Axe': size",
        "Thing 'Axe': seenAt",
    ]
    assert "colour" in str(caught.value)
    assert thing.get("name") == "Axe"


def test_a_stored_entity_knows_what_changed() -> None:
    thing = stored(id="1", name="Axe", size=3)
    thing.set({"name": "Saw", "size": 3})

    assert thing.is_attribute_changed("name")
    assert not thing.is_attribute_changed("size")
    assert thing.get_fetched("name") == "Axe"


def test_a_change_inside_of_the_payload_is_a_change() -> None:
    thing = stored(id="1", payload='{"a":1}')
    thing.get("payload")["b"] = 2

    assert thing.is_attribute_changed("payload")
    assert thing.get_fetched("payload") == {"a": 1}


def test_everything_of_a_new_entity_is_changed() -> None:
    assert new().is_attribute_changed("size")


def test_the_id_of_a_stored_entity_stays() -> None:
    with pytest.raises(BadRequest, match="is not the id it is stored by"):
        stored(id="1").set("id", "2")


def test_a_link_leads_to_the_other_entity() -> None:
    thing = new(makerId="m1")

    assert thing.get("maker").get("name") == "Meyer"
    assert thing.get("makerName") == "Meyer"


def test_a_link_to_nothing_is_none() -> None:
    assert new().get("maker") is None
    assert new(makerId="gone").get("makerName") is None


def test_to_dict_is_ready_for_json() -> None:
    thing = stored(id="1", seen_at=datetime(2026, 11, 23, 10, 20, 30, 5, UTC), payload='{"a":1}')

    assert thing.to_dict() == {"id": "1", "seenAt": "2026-11-23T10:20:30.000005Z", "payload": {"a": 1}}


def test_fill_leaves_what_somebody_set() -> None:
    thing = new(name="Axe")
    thing.fill({"name": "Saw", "size": 9})

    assert (thing.get("name"), thing.get("size")) == ("Axe", 9)
