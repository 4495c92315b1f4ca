"""A field of another type keeps its values, where they can be values of that type."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

MOMENT = datetime(2026, 11, 24, 10, 20, 30, 123456, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
#: A field's type, its next one, a value, and what becomes of it.
CHANGES: list[tuple[str, str, Any, Any]] = [
    ("int", "float", 3, 3.0),
    ("int", "varchar", -3, "-3"),
    ("int", "bool", 1, True),
    ("float", "int", 2.0, 2),
    ("float", "text", 2.5, "2.5"),
    ("bool", "int", True, 1),
    ("bool", "float", False, 0.0),
    ("bool", "varchar", True, "1"),
    ("varchar", "text", "ä%", "ä%"),
    ("text", "varchar", "ä%", "ä%"),
    ("varchar", "int", "-17", -17),
    ("varchar", "float", "1.5e3", 1500.0),
    ("varchar", "bool", "0", False),
    ("varchar", "date", "2026-11-24", date(2026, 11, 24)),
    ("varchar", "datetime", "2026-11-24", MIDNIGHT),
    ("varchar", "datetime", "2026-11-24 10:20:30.123456", MOMENT),
    ("varchar", "datetime", "2026-11-24 10:20:30.5", datetime(2026, 11, 24, 10, 20, 30, 500000, tzinfo=UTC)),
    ("date", "datetime", date(2026, 11, 24), MIDNIGHT),
    ("date", "varchar", date(2026, 11, 24), "2026-11-24"),
    ("datetime", "date", MIDNIGHT, date(2026, 11, 24)),
    ("datetime", "varchar", MOMENT, "2026-11-24 10:20:30.123456"),
    ("jsonObject", "text", '{"a":1}', '{"a":1}'),
]


def test_values_come_through(definitions: Any) -> None:
    fields = {f"c{number}": change for number, change in enumerate(CHANGES)}
    definitions.define("Thing", {name: {"type": first, "notNull": False} for name, (first, *_) in fields.items()})
    definitions.ensure()
    values = {name: before for name, (_, _, before, _) in fields.items()}
    definitions.insert("thing", [{"id": "1", "deleted": False, **values}])
    definitions.insert("thing", [{"id": "2", "deleted": False, **dict.fromkeys(values)}])

    definitions.define("Thing", {name: {"type": second, "notNull": False} for name, (_, second, *_) in fields.items()})
    definitions.update()

    assert definitions.statements() == []
    with_values, without = definitions.values("thing", *fields)
    came = [(*change[:3], value) for change, value in zip(CHANGES, with_values, strict=True)]
    assert came == CHANGES
    assert set(without) == {None}


def test_moments_sort_as_time_does_whatever_form_they_had(definitions: Any) -> None:
    texts = ["2026-11-24 10:20:30.5", "2026-11-24", "2026-11-24 10:20:30"]
    definitions.define("Thing", {"it": {"type": "varchar"}})
    definitions.ensure()
    definitions.insert("thing", [{"id": str(n), "deleted": False, "it": it} for n, it in enumerate(texts)])

    definitions.define("Thing", {"it": {"type": "datetime"}})
    definitions.update()

    assert definitions.rows("SELECT id FROM thing ORDER BY it") == [("1",), ("2",), ("0",)]


def test_fields_without_values_may_become_anything(definitions: Any) -> None:
    definitions.define("Thing", {"a": {"type": "date"}, "b": {"type": "datetime"}, "c": {"type": "float"}})
    definitions.ensure()
    definitions.insert("thing", [{"id": "1", "deleted": False}])

    definitions.define("Thing", {"a": {"type": "int"}, "b": {"type": "float"}, "c": {"type": "date"}})
    definitions.update()

    assert definitions.statements() == []
    assert definitions.values("thing", "a", "b", "c") == [(None, None, None)]


def test_a_default_of_another_type_goes_with_its_field(definitions: Any) -> None:
    definitions.define("Thing", {"it": {"type": "varchar", "default": "3"}})
    definitions.ensure()

    definitions.define("Thing", {"it": {"type": "int", "default": 4}})
    definitions.update()

    definitions.execute("INSERT INTO thing (id) VALUES ('1')")
    assert definitions.statements() == []
    assert definitions.values("thing", "it") == [(4,)]


def test_rows_get_the_default_that_only_the_field_can_have(definitions: Any) -> None:
    definitions.define("Thing", {"note": {"type": "text"}, "tags": {"type": "array"}})
    definitions.ensure()
    definitions.insert("thing", [{"id": "1", "deleted": False}])

    must = {"notNull": True}
    definitions.define(
        "Thing",
        {
            "note": {"type": "text", "default": "50% 'off' \\ ä", **must},
            "tags": {"type": "array", "default": ["a"], **must},
            "size": {"type": "jsonObject", "default": {"b": 1}, **must},
        },
    )
    definitions.update()

    assert definitions.statements() == []
    assert definitions.values("thing", "note", "tags", "size") == [("50% 'off' \\ ä", '["a"]', '{"b":1}')]


def test_a_default_that_is_taken_away_is_gone(definitions: Any) -> None:
    definitions.define("Thing", {"it": {"type": "int", "default": 4}})
    definitions.ensure()

    definitions.define("Thing", {"it": {"type": "int"}})
    definitions.update()

    definitions.execute("INSERT INTO thing (id) VALUES ('1')")
    assert definitions.statements() == []
    assert definitions.values("thing", "it") == [(None,)]
