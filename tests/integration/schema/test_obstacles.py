"""What the rows do not allow is told with table, column and count, and nothing is changed."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import SchemaError

NAME = {"type": "varchar", "maxLength": 40}


def things(definitions: Any, fields: dict[str, Any], *rows: dict[str, Any]) -> None:
    """The first version of the entity with its rows."""
    definitions.define("Thing", fields)
    definitions.ensure()
    filled = [{"id": str(number), "deleted": False, **row} for number, row in enumerate(rows)]
    definitions.insert("thing", filled)


def refusal(definitions: Any) -> str:
    """Why the second version is refused, while everything stays."""
    before = definitions.statements()
    with pytest.raises(SchemaError) as raised:
        definitions.update()
    assert definitions.statements() == before
    return str(raised.value)


def test_rows_without_a_value_are_counted(definitions: Any) -> None:
    things(definitions, {"size": {"type": "int"}}, {"size": None}, {"size": 1}, {"size": None})

    definitions.define("Thing", {"size": {"type": "int", "notNull": True}})

    assert refusal(definitions) == (
        "thing.size must not be NULL, but 2 rows are there without a value, and the field has no default. "
        "Give it one in entityDefs, or fill the rows."
    )


def test_a_new_field_that_must_have_a_value_needs_a_default(definitions: Any) -> None:
    things(definitions, {"name": NAME}, {"name": "a"})

    definitions.define("Thing", {"name": NAME, "size": {"type": "int", "notNull": True}})

    assert "thing.size must not be NULL, but 1 row is there without a value" in refusal(definitions)


def test_a_new_field_that_must_have_a_value_is_made_where_there_are_no_rows(definitions: Any) -> None:
    things(definitions, {"name": NAME})

    definitions.define("Thing", {"name": NAME, "size": {"type": "int", "notNull": True}})
    definitions.update()

    assert definitions.statements() == []


def test_texts_that_are_too_long_are_counted(definitions: Any) -> None:
    things(definitions, {"name": NAME}, {"name": "ä" * 11}, {"name": "ä" * 10}, {"name": "b" * 40}, {"name": None})

    definitions.define("Thing", {"name": {"type": "varchar", "maxLength": 10}})

    assert refusal(definitions) == (
        "thing.name is to hold 10 characters, but 2 rows are there with more (up to 40). "
        "Shorten them first, or let the field keep its maxLength."
    )


def test_a_field_becomes_shorter_where_its_texts_are(definitions: Any) -> None:
    things(definitions, {"name": NAME}, {"name": "ä" * 10})

    definitions.define("Thing", {"name": {"type": "varchar", "maxLength": 10}})
    definitions.update()

    assert definitions.statements() == []
    assert definitions.values("thing", "name") == [("ä" * 10,)]


def test_values_that_would_not_come_through_are_counted_and_one_is_shown(definitions: Any) -> None:
    things(definitions, {"code": NAME}, *({"code": code} for code in ("17", "abc", "007", None, "-3")))

    definitions.define("Thing", {"code": {"type": "int"}})

    message = refusal(definitions)
    assert message.startswith("thing.code is to become int")
    assert "but 2 rows are there with a value that would not come through ('007')" in message


#: A field's type, its next one, and a value that cannot be one of it.
LOSSES: list[tuple[str, str, Any]] = [
    ("float", "int", 1.5),
    ("float", "int", 3e9),
    ("int", "bool", 2),
    ("varchar", "int", "2147483648"),
    ("varchar", "float", "1,5"),
    ("varchar", "bool", "true"),
    ("varchar", "date", "24.11.2026"),
    ("varchar", "datetime", "2026-11-24T10:20"),
    ("datetime", "date", "2026-11-24 10:20:30"),
    ("int", "date", 20261124),
]


def test_what_would_be_lost_is_refused(definitions: Any) -> None:
    fields = {f"c{number}": loss for number, loss in enumerate(LOSSES)}
    values = {name: value for name, (_, _, value) in fields.items()}
    things(definitions, {name: {"type": first} for name, (first, *_) in fields.items()}, values)

    definitions.define("Thing", {name: {"type": second, "notNull": False} for name, (_, second, _) in fields.items()})

    lines = refusal(definitions).splitlines()
    assert [line.partition(" ")[0] for line in lines] == [f"thing.{name}" for name in fields]
    assert all("1 row is there with a value that would not come through" in line for line in lines)


def test_values_that_occur_twice_keep_an_index_from_being_unique(definitions: Any) -> None:
    rows = [{"code": code} for code in ("a", "a", "b", "c", "c", "c", None, None)]
    things(definitions, {"code": NAME}, *rows)

    definitions.define("Thing", {"code": {**NAME, "unique": True}})

    assert refusal(definitions) == (
        "The index IDX_THING_UNIQUE_CODE of thing is to be unique, and 2 times several rows have the same code. "
        "Remove or change all but one."
    )


def test_all_obstacles_are_told_at_once(definitions: Any) -> None:
    things(definitions, {"name": NAME, "size": {"type": "int"}}, {"name": "b" * 40, "size": None})

    definitions.define(
        "Thing", {"name": {"type": "varchar", "maxLength": 10}, "size": {"type": "int", "notNull": True}}
    )

    assert [text.partition(" ")[0] for text in definitions.obstacles()] == ["thing.name", "thing.size"]


def test_a_column_that_makes_its_values_by_itself_is_not_changed(definitions: Any) -> None:
    things(definitions, {"name": NAME})
    kind = "STORED" if definitions.kind == "postgresql" else "VIRTUAL"
    definitions.execute(f"ALTER TABLE thing ADD COLUMN size INTEGER GENERATED ALWAYS AS (1 + 1) {kind}")

    definitions.define("Thing", {"name": NAME, "size": {"type": "int"}})

    assert "thing.size makes its values by itself" in refusal(definitions)
