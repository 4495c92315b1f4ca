"""Reading entityDefs and scopes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.exceptions import BadRequest
from core.metadata.definitions import complete
from core.orm.entity_type import EntityType, read_entity_type
from core.orm.index_definition import IndexDefinition
from core.orm.names import index_name, snake_case

STANDARD = {"id", "createdAt", "modifiedAt", "createdById", "modifiedById", "deleted"}


def read(fields: dict[str, Any], scope: dict[str, Any] | None = None, **definition: Any) -> EntityType:
    return read_definition({"fields": fields, **definition}, scope or {})


def read_definition(definition: dict[str, Any], scope: dict[str, Any]) -> EntityType:
    data = complete({"scopes": {"Thing": {"entity": True, **scope}}, "entityDefs": {"Thing": definition}})
    return read_entity_type("Thing", data["entityDefs"]["Thing"], data["scopes"]["Thing"])


@pytest.mark.parametrize(
    ("name", "column"), [("executeTime", "execute_time"), ("ScheduledJob", "scheduled_job"), ("id", "id")]
)
def test_names_in_the_database_are_snake_case(name: str, column: str) -> None:
    assert snake_case(name) == column


def test_index_names_are_those_of_atrocore() -> None:
    assert index_name("job", "executeTime") == "IDX_JOB_EXECUTE_TIME"
    assert len(index_name("job", "aVeryLongName" * 5)) <= 55


def test_every_entity_has_id_deleted_moments_and_users() -> None:
    assert read({"name": {"type": "varchar"}}).columns == {
        "id": "id",
        "name": "name",
        "createdAt": "created_at",
        "modifiedAt": "modified_at",
        "createdById": "created_by_id",
        "modifiedById": "modified_by_id",
        "deleted": "deleted",
    }


def test_a_link_becomes_an_id() -> None:
    thing = read({"maker": {"type": "link"}}, links={"maker": {"type": "belongsTo", "entity": "Maker"}})

    assert thing.columns["makerId"] == "maker_id"
    assert thing.links["maker"].entity == "Maker"


def test_a_scope_with_owner_has_one() -> None:
    assert "ownerUserId" in read({}, {"hasOwner": True}).columns


def test_fields_that_are_not_stored_have_no_column() -> None:
    thing = read(
        {
            "parts": {"type": "linkMultiple"},
            "makerCity": {"type": "foreign", "link": "createdBy", "field": "name"},
            "note": {"type": "notStorable"},
            "sum": {"type": "int", "notStorable": True},
        },
        links={"parts": {"type": "hasMany", "entity": "Part", "foreign": "thing"}},
    )

    assert thing.problems == ()
    assert {"partsIds", "note", "sum"} <= thing.attributes.keys()
    assert thing.columns.keys() == STANDARD


def test_a_bool_is_false_unless_it_may_be_null() -> None:
    thing = read({"a": {"type": "bool"}, "b": {"type": "bool", "notNull": False}})

    assert thing.attributes["a"].default is False
    assert thing.attributes["b"].default is None


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"x": {"type": "varcar"}}, "the field 'x' has the unknown type 'varcar'. Did you mean 'varchar'?"),
        ({"x": {"type": "link"}}, "the field 'x' is a link, but"),
        ({"x": "varchar"}, "the field 'x' is 'varchar'; it has to be an object such as"),
        ({"my field": {"type": "int"}}, "the field 'my field' has a name that is none"),
        ({"a-b": {"type": "int"}}, "the field 'a-b' has a name that is none"),
        ({"Deleted": {"type": "int"}}, "the field 'Deleted' has the name or the column of another"),
        ({"aB": {"type": "int"}, "a_b": {"type": "int"}}, "the field 'a_b' has the name or the column of another"),
    ],
)
def test_a_field_that_cannot_be_had_is_left_out_and_told(fields: dict[str, Any], problem: str) -> None:
    thing = read({"good": {"type": "int"}, **fields})

    assert "good" in thing.columns
    assert [each.startswith(f"entityDefs/Thing.json: {problem}") for each in thing.problems] == [True]


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"type": "int", "default": "a"}, "has the default 'a', which is not a whole number."),
        ({"type": "int", "default": 9, "max": 5}, "has the default 9, which is more than 5."),
        ({"type": "enum", "options": ["a"], "default": "b"}, "has the default 'b', which is none of a."),
        ({"type": "array", "default": {"a": 1}}, "has the default {'a': 1}, which is not a list."),
        ({"type": "email", "default": "jane"}, "has the default 'jane', which is not an email address"),
        ({"type": "autoincrement", "default": 7}, "has the default 7, which is not for a counter"),
        ({"type": "enum", "options": 5}, "has the options 5, which are no list of texts."),
        ({"type": "varchar", "pattern": "("}, "has the pattern '(', which is no regular expression"),
        (
            {"type": "int", "conditionalProperties": {"required": {"conditionGroup": [{"type": "isTru"}]}}},
            "has conditionalProperties: required: there is no condition 'isTru'. Did you mean 'isTrue'?",
        ),
        ({"type": "int", "conditionalProperties": {"hidden": {}}}, "has conditionalProperties: there is no property"),
        ({"type": "int", "conditionalProperties": [1]}, "has conditionalProperties: [1] is no object."),
    ],
)
def test_a_parameter_that_cannot_be_had_is_left_out_and_told(params: dict[str, Any], problem: str) -> None:
    thing = read({"x": params})

    assert [each.startswith(f"entityDefs/Thing.json: the field 'x' {problem}") for each in thing.problems] == [True]
    assert thing.attributes["x"].default is None
    assert thing.attributes["x"].column == "x"
    assert thing.required_if == {}


def test_a_field_of_any_type_may_have_a_default() -> None:
    thing = read(
        {
            "tags": {"type": "multiEnum", "options": ["a"], "default": ["a"]},
            "payload": {"type": "jsonObject", "default": {"a": []}},
            "note": {"type": "notStorable", "default": 5},
            "bornOn": {"type": "date", "default": "2026-01-01"},
            "empty": {"type": "enum", "options": ["a"], "default": ""},
        }
    )

    assert thing.problems == ()
    assert thing.default_row["payload"] == '{"a":[]}'
    assert (thing.attributes["note"].default, thing.attributes["bornOn"].default) == (5, date(2026, 1, 1))


def test_a_counter_is_never_missing() -> None:
    thing = read({"number": {"type": "autoincrement", "required": True, "min": 1}})

    assert thing.judged["number"].faults(None) == ()
    assert "number" not in thing.broken_by_default


def test_conditions_are_known_by_property_and_attribute() -> None:
    group = {"conditionGroup": [{"type": "isTrue", "attribute": "isGood"}]}
    thing = read(
        {
            "isGood": {"type": "bool"},
            "maker": {"type": "link", "conditionalProperties": {"required": group, "visible": group}},
            "makerCity": {
                "type": "foreign",
                "link": "maker",
                "field": "city",
                "conditionalProperties": {"visible": group},
            },
            "name": {"type": "varchar", "required": True, "conditionalProperties": {"required": group}},
            "size": {"type": "int", "conditionalProperties": []},
        },
        links={"maker": {"type": "belongsTo", "entity": "Maker"}},
    )

    assert thing.problems == ()
    assert thing.conditional["visible"].keys() == {"makerId", "makerCity"}
    assert thing.required_if.keys() == {"makerId"}
    assert thing.required_if["makerId"].attributes == {"isGood"}


def test_indexes_are_read_from_fields_and_sections() -> None:
    thing = read(
        {
            "code": {"type": "varchar", "unique": True},
            "size": {"type": "int", "index": True},
            "a": {"type": "int", "index": "both"},
            "b": {"type": "int", "index": "both"},
        },
        indexes={"claim": {"columns": ["size desc", "id"], "where": "a = 1"}},
        uniqueIndexes={"pair": ["a", "created_at"]},
    )

    assert thing.indexes == (
        IndexDefinition("unique_code", (("code", False), ("deleted", False)), is_unique=True),
        IndexDefinition("size", (("size", False), ("deleted", False))),
        IndexDefinition("both", (("a", False), ("b", False))),
        IndexDefinition("claim", (("size", True), ("id", False)), where="a = 1"),
        IndexDefinition("pair", (("a", False), ("created_at", False)), is_unique=True),
    )


def test_an_index_on_an_unknown_column_is_left_out_and_told() -> None:
    thing = read({"size": {"type": "int"}}, indexes={"s": {"columns": ["sice"]}})

    assert thing.indexes == ()
    assert thing.problems == (
        "entityDefs/Thing.json: the index 's' has the unknown column 'sice'. Did you mean 'size'?",
    )


def test_the_name_of_a_link_is_no_attribute() -> None:
    thing = read({}, {"hasOwner": True})

    with pytest.raises(BadRequest, match="the link is 'ownerUserId'"):
        thing.attribute("ownerUser")


def test_a_null_takes_a_field_away() -> None:
    thing = read({"name": None, "createdAt": None, "createdBy": None})

    assert thing.columns.keys() == STANDARD - {"createdAt", "createdById"}
    assert thing.problems == ()


def test_sections_that_are_no_objects_are_empty() -> None:
    thing = read_definition({"fields": [], "links": "x", "indexes": 5}, {})

    assert thing.columns.keys() == STANDARD


def test_a_link_that_is_no_object_is_told() -> None:
    thing = read({"maker": {"type": "link"}}, links={"maker": "Maker"})

    assert "the field 'maker' has a link that is 'Maker'; it has to be an object" in thing.problems[0]


@pytest.mark.parametrize("index", [5, {"columns": 5}, {"columns": "size"}, True])
def test_an_index_that_names_no_list_of_columns_is_left_out_and_told(index: object) -> None:
    thing = read({"size": {"type": "int"}}, indexes={"s": index})

    assert thing.indexes == ()
    assert "the index 's' names no list of columns, but" in thing.problems[0]
