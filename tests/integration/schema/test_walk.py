"""From one version of an entity to the next, with rows in its table."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

FIRST = {
    "name": {"type": "varchar", "maxLength": 40},
    "size": {"type": "int"},
    "price": {"type": "float", "default": 1.5},
    "code": {"type": "varchar", "maxLength": 20},
    "madeAt": {"type": "date"},
    "isGood": {"type": "bool"},
    "legacy": {"type": "text"},
    "note": {"type": "text"},
}
SECOND = {
    "name": {"type": "varchar", "maxLength": 200, "default": "50% 'off'", "index": True},
    "size": {"type": "float"},
    "price": {"type": "float", "default": 2.5, "notNull": True},
    "code": {"type": "int", "unique": True},
    "madeAt": {"type": "datetime"},
    "isGood": {"type": "bool", "default": True},
    "note": {"type": "text"},
    "colour": {"type": "enum", "options": ["red", "blue"], "default": "red"},
    "dueAt": {"type": "datetime", "required": True},
}


def row(number: int, **values: Any) -> dict[str, Any]:
    return {"id": str(number), "deleted": False, "is_good": False, **values}


def test_a_database_goes_from_one_version_to_the_next_with_its_rows(definitions: Any) -> None:
    definitions.define("Thing", FIRST, indexes={"size": {"columns": ["size desc", "name"]}})
    definitions.ensure()
    assert definitions.statements() == []
    definitions.insert(
        "thing",
        [
            row(
                1, name="Ärger % 'x'", size=3, price=None, code="17", made_at=date(2026, 11, 24), legacy="old", note="n"
            ),
            row(2, name=None, size=None, price=4.25, code=None, made_at=None, legacy=None, note=None),
        ],
    )

    definitions.define("Thing", SECOND, indexes={"size": {"columns": ["size desc", "code"]}})
    shown = definitions.statements()
    done = definitions.update()

    assert [each.sql for each in done] == [each for each in shown if not each.endswith(" -- drop")]
    assert definitions.summary() == []
    assert [each for each in definitions.statements() if not each.endswith(" -- drop")] == []
    columns = ("id", "name", "size", "price", "code", "made_at", "is_good", "colour", "due_at", "note")
    assert definitions.values("thing", *columns) == [
        ("1", "Ärger % 'x'", 3.0, 2.5, 17, datetime(2026, 11, 24, tzinfo=UTC), False, "red", None, "n"),
        ("2", None, None, 4.25, None, None, False, "red", None, None),
    ]
    assert definitions.rows("SELECT legacy FROM thing ORDER BY id") == [("old",), (None,)]


def test_drops_are_shown_and_only_run_when_they_are_asked_for(definitions: Any) -> None:
    definitions.define("Thing", FIRST, indexes={"size": {"columns": ["size"]}})
    definitions.define("Other", {"name": {"type": "varchar"}})
    definitions.ensure()
    definitions.execute("CREATE TABLE strangers (id INT PRIMARY KEY)")

    definitions.define("Thing", {key: value for key, value in FIRST.items() if key != "legacy"})
    definitions.undefine("Other")

    index = "ON thing" if definitions.kind == "mariadb" else ""
    quote = "`" if definitions.kind == "mariadb" else '"'
    drops = [
        f"DROP INDEX {quote}IDX_THING_SIZE{quote} {index}".strip(),
        "ALTER TABLE thing DROP COLUMN legacy",
        "DROP TABLE other",
    ]
    assert definitions.statements() == [f"{each} -- drop" for each in drops]
    assert definitions.update() == []
    assert [each.sql for each in definitions.update(with_drops=True)] == drops
    assert definitions.statements() == []
    assert definitions.rows("SELECT count(*) FROM strangers") == [(0,)]
