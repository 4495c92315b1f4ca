"""What is refused when entities are set and saved: all of it, in one error."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.exceptions import BadRequest, Problem, ValidationError
from core.orm.field_state import is_protected, is_read_only, is_required, is_visible

GOOD = {"conditionGroup": [{"type": "isTrue", "attribute": "isGood"}]}
SOLD = {"conditionGroup": [{"type": "equals", "attribute": "state", "value": "sold"}]}
FIELDS = {
    "name": {"type": "varchar", "maxLength": 20},
    "state": {"type": "enum", "options": ["new", "sold", "lost"], "default": "new"},
    "isGood": {"type": "bool"},
    "code": {"type": "varchar", "pattern": "/^[A-Z]{2}$/"},
    "mail": {"type": "email"},
    "site": {"type": "url"},
    "paint": {"type": "color"},
    "size": {"type": "int", "min": 1, "max": 5},
    "weight": {"type": "float", "max": 9.5},
    "bornOn": {"type": "date", "min": "2020-01-01"},
    "dueAt": {"type": "datetime", "max": "2030-01-01"},
    "tags": {"type": "multiEnum", "options": ["a", "b"], "default": ["a"]},
    "text": {"type": "wysiwyg", "notNull": True, "default": ""},
    "note": {"type": "int", "notStorable": True, "max": 5},
    "buyer": {"type": "varchar", "conditionalProperties": {"required": SOLD, "visible": SOLD}},
    "price": {"type": "float", "conditionalProperties": {"readOnly": SOLD, "protected": GOOD}},
    "serial": {"type": "varchar", "protected": True},
    "stamp": {"type": "varchar", "readOnly": True},
    "maker": {"type": "link"},
    "makerName": {"type": "foreign", "link": "maker", "field": "name"},
}
MAKER = {"name": {"type": "varchar", "required": True}}


@pytest.fixture
def things(data: Any) -> Any:
    data.define("Thing", FIELDS, links={"maker": {"type": "belongsTo", "entity": "Maker"}})
    data.define("Maker", MAKER)
    return data


def new(data: Any, entity: str = "Thing", **values: Any) -> Any:
    thing = data.entities.get_entity(entity)
    thing.set(values)
    return thing


def saved(data: Any, **values: Any) -> Any:
    thing = new(data, **values)
    data.entities.save_entity(thing)
    return thing


def read(data: Any, thing: Any) -> Any:
    return data.entities.get_entity("Thing", thing.id)


def refused(data: Any, *things: Any) -> list[Problem]:
    with pytest.raises(ValidationError) as caught:
        data.entities.save_entities(things)
    return list(caught.value.problems)


def test_definitions_have_no_problems(things: Any) -> None:
    assert things.schema.problems == []


BROKEN = [
    ("name", "a" * 21, "is longer than 20 characters"),
    ("state", "gone", "is none of new, sold, lost"),
    ("isGood", None, "has to have a value"),
    ("code", "abc", "does not match the pattern /^[A-Z]{2}$/"),
    ("mail", "jane", "is not an email address, such as jane@example.com"),
    ("site", "javascript:alert(1)", "is not a URL with http, https, ftp, ftps, sftp and a host, such as "),
    ("paint", "red", "is not a colour, such as #ff6262"),
    ("size", 0, "is less than 1"),
    ("weight", 10.0, "is more than 9.5"),
    ("bornOn", date(2019, 12, 31), "is before 2020-01-01"),
    ("dueAt", datetime(2030, 1, 2, tzinfo=UTC), "is after 2030-01-01 00:00:00+00:00"),
    ("tags", ["a", "c"], "has other options than a, b"),
    ("text", None, "has to have a value"),
    ("makerId", "1" * 37, "is longer than 36 characters"),
]
KEPT = [
    ("name", ""),
    ("state", None),
    ("mail", ""),
    ("mail", "jane@example.com"),
    ("site", "https://example.com/a?b=c"),
    ("paint", "ff6262"),
    ("tags", []),
    ("tags", None),
    ("text", ""),
    ("text", "<p>ä</p>" * 10_000),
    ("weight", -1e300),
]


def test_each_broken_rule_is_told(things: Any) -> None:
    entities = [new(things, **{field: value}) for field, value, _ in BROKEN]

    problems = refused(things, *entities)

    assert [(each.field, each.value) for each in problems] == [(field, value) for field, value, _ in BROKEN]
    assert all(each.rule.startswith(rule) for each, (_, _, rule) in zip(problems, BROKEN, strict=True))
    assert [(each.entity, each.id) for each in problems] == [("Thing", entity.id) for entity in entities]
    assert all(entity.is_new() for entity in entities)


def test_what_keeps_the_rules_is_stored(things: Any) -> None:
    entities = [new(things, **{field: value}) for field, value in KEPT]
    things.entities.save_entities(entities)

    stored = [read(things, entity).get(field) for entity, (field, _) in zip(entities, KEPT, strict=True)]

    assert [(field, found) for found, (field, value) in zip(stored, KEPT, strict=True) if found != value] == []


def test_what_has_no_column_is_judged_too(things: Any) -> None:
    assert saved(things, note=5).get("note") == 5
    assert [each.rule for each in refused(things, new(things, note=6))] == ["is more than 5"]


def test_all_that_is_wrong_with_all_entities_is_one_error(things: Any) -> None:
    one, other = new(things, name="one", size=9, mail="x"), new(things, name="other", code="a")
    maker = new(things, "Maker")

    with pytest.raises(BadRequest) as caught:
        things.entities.save_entities([one, maker, other, new(things, name="right")])

    assert str(caught.value).splitlines() == [
        "Thing 'one': mail = 'x' is not an email address, such as jane@example.com",
        "Thing 'one': size = 9 is more than 5",
        "Thing 'other': code = 'a' does not match the pattern /^[A-Z]{2}$/",
        "Maker: name = None is required",
    ]
    assert things.entities.get_repository("Thing").count() == 0


def test_the_message_is_short_and_the_problems_are_complete(things: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        things.entities.save_entities([new(things, size=9) for _ in range(30)])

    assert str(caught.value).splitlines()[19:] == [str(caught.value.problems[19]), "and 10 more."]
    assert len(caught.value.problems) == 30


def test_what_set_refuses_has_the_same_form(things: Any) -> None:
    thing = new(things, name="axe")

    with pytest.raises(ValidationError) as caught:
        thing.set({"size": "big", "colour": "red", "makerName": "Meyer", "dueAt": "soon", "deleted": True})

    assert [(each.field, each.value) for each in caught.value.problems] == [
        ("size", "big"),
        ("colour", "red"),
        ("makerName", "Meyer"),
        ("dueAt", "soon"),
        ("deleted", True),
    ]
    assert "Thing has no attribute 'colour'." in str(caught.value)


def test_the_error_can_be_handed_on(things: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        new(things, size="big")

    for again in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
        assert (str(again), again.problems) == (str(caught.value), caught.value.problems)


def test_a_default_list_belongs_to_one_entity(things: Any) -> None:
    new(things).get("tags").append("b")

    assert read(things, saved(things)).get("tags") == ["a"]


def test_only_what_a_save_touches_is_judged(things: Any) -> None:
    thing = saved(things, size=5)
    things.execute("UPDATE thing SET size = 99")

    thing = read(things, thing)
    thing.set("name", "saw")
    things.entities.save_entity(thing)

    assert read(things, thing).get("name") == "saw"


class TestConditions:
    def test_a_field_is_required_while_its_condition_holds(self, things: Any) -> None:
        [problem] = refused(things, new(things, state="sold"))

        assert (problem.field, problem.rule) == ("buyer", "is required here")
        saved(things, state="sold", buyer="Jane")
        saved(things, state="lost")

    def test_a_change_of_the_other_attribute_counts(self, things: Any) -> None:
        thing = read(things, saved(things))

        thing.set("state", "sold")
        assert [each.field for each in refused(things, thing)] == ["buyer"]
        thing.set("buyer", "Jane")
        things.entities.save_entity(thing)

    def test_a_change_of_the_field_itself_counts(self, things: Any) -> None:
        thing = read(things, saved(things, state="sold", buyer="Jane"))

        thing.set("buyer", "")
        assert [each.field for each in refused(things, thing)] == ["buyer"]

    def test_a_row_that_breaks_it_can_still_be_changed_elsewhere(self, things: Any) -> None:
        thing = saved(things)
        things.execute("UPDATE thing SET state = 'sold'")

        thing = read(things, thing)
        thing.set("name", "saw")
        things.entities.save_entity(thing)

        assert read(things, thing).get("name") == "saw"

    def test_what_was_not_selected_is_read(self, things: Any) -> None:
        saved(things, state="sold", buyer="Jane")
        select = things.entities.get_repository("Thing").select

        part = select(["name", "state"]).find_one()
        part.set("state", "lost")
        things.entities.save_entity(part)
        part.set("state", "sold")
        things.entities.save_entity(part)

        part = select(["buyer"]).find_one()
        part.set("buyer", None)
        assert [each.field for each in refused(things, part)] == ["buyer"]

    def test_skipping_the_judgement_skips_conditions(self, things: Any) -> None:
        things.entities.save_entity(new(things, state="sold"), {"skipBeforeSave": True})

        assert things.entities.get_repository("Thing").count() == 1

    def test_a_field_is_what_its_conditions_say(self, things: Any) -> None:
        thing = new(things)
        assert not is_visible(thing, "buyer")
        assert not is_required(thing, "buyer")
        assert not is_read_only(thing, "price")

        thing.set("state", "sold")
        assert is_visible(thing, "buyer")
        assert is_required(thing, "buyer")
        assert is_read_only(thing, "price")
        assert not is_protected(thing, "price")

        thing.set("isGood", True)
        assert is_protected(thing, "price")

    def test_a_field_is_what_its_parameters_say(self, things: Any) -> None:
        thing = new(things)

        assert is_visible(thing, "name")
        assert is_read_only(thing, "serial")
        assert is_protected(thing, "serial")
        assert is_read_only(thing, "stamp")
        assert not is_protected(thing, "stamp")
        assert is_protected(thing, "makerName")
        assert is_required(new(things, "Maker"), "name")

    def test_an_unknown_attribute_is_told(self, things: Any) -> None:
        with pytest.raises(BadRequest, match="Did you mean 'price'"):
            is_protected(new(things), "prise")


class TestRequiredLinks:
    @pytest.fixture
    def shops(self, data: Any) -> Any:
        to_shop = {"type": "belongsTo", "entity": "Shop"}
        to_things = {"type": "hasMany", "entity": "Thing", "foreign": "shop"}
        data.define("Thing", {"shop": {"type": "link"}}, links={"shop": to_shop})
        things = {"type": "linkMultiple", "required": True}
        data.define("Shop", {"name": {"type": "varchar"}, "things": things}, links={"things": to_things})
        return data

    def test_a_new_entity_needs_them(self, shops: Any) -> None:
        [problem] = refused(shops, new(shops, "Shop"))

        assert (problem.field, problem.rule) == ("thingsIds", "is required")

    def test_they_may_not_be_taken_away(self, shops: Any) -> None:
        thing = saved(shops)
        shop = new(shops, "Shop", thingsIds=[thing.id])
        shops.entities.save_entity(shop)

        shop = shops.entities.get_entity("Shop", shop.id)
        shop.set("name", "Corner")
        shops.entities.save_entity(shop)
        shop.set("thingsIds", [])

        assert [each.field for each in refused(shops, shop)] == ["thingsIds"]


def test_an_entity_whose_name_is_a_list_is_refused_as_any_other(data: Any) -> None:
    names = {"type": "array", "default": ["Jam"]}
    data.define("Jar", {"name": names, "code": {"type": "varchar", "pattern": "/^[A-Z]$/"}, "size": {"type": "int"}})

    with pytest.raises(ValidationError, match="code = 'a' does not match"):
        data.entities.save_entity(new(data, "Jar", code="a", size=1))


def test_what_is_wrong_is_told_in_the_order_of_the_definition(things: Any) -> None:
    thing = new(things, size=9, mail="nobody", name="x" * 21)

    with pytest.raises(ValidationError) as caught:
        things.entities.save_entity(thing)

    assert [each.field for each in caught.value.problems] == ["name", "mail", "size"]
