"""What others have made in the same database stays."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import SchemaError
from tests.databases import SQLITE

FIRST = {"name": {"type": "varchar", "maxLength": 40}, "size": {"type": "int"}}
SECOND = {"name": {"type": "varchar", "maxLength": 80}, "size": {"type": "float"}}

only_sqlite = pytest.mark.parametrize("database_kind", [SQLITE])


@pytest.fixture
def changed(definitions: Any) -> Any:
    """An entity with a row, whose table is to be changed."""
    definitions.define("Thing", FIRST)
    definitions.ensure()
    definitions.insert("thing", [{"id": "1", "deleted": False, "name": "a", "size": 3}])
    definitions.define("Thing", SECOND)
    return definitions


def test_their_indexes_and_views_outlive_a_change(changed: Any) -> None:
    changed.execute("CREATE INDEX by_hand ON thing (size, name)")
    changed.execute("CREATE VIEW names AS SELECT name FROM thing")
    changed.define("Thing", {"name": {"type": "varchar", "maxLength": 40}, "size": {"type": "float"}})

    changed.update()

    assert changed.statements() == []
    assert changed.rows("SELECT * FROM names") == [("a",)]
    with pytest.raises(Exception, match="by_hand"):
        changed.execute("CREATE INDEX by_hand ON thing (size, name)")


@only_sqlite
def test_their_triggers_outlive_a_change(changed: Any) -> None:
    changed.execute("CREATE TABLE seen (name TEXT)")
    changed.execute("CREATE TRIGGER see AFTER UPDATE ON thing BEGIN INSERT INTO seen VALUES (new.name); END")

    changed.update()

    changed.execute("UPDATE thing SET name = 'b'")
    assert changed.rows("SELECT * FROM seen") == [("b",)]


@only_sqlite
def test_a_table_that_foreign_keys_lead_to_is_not_made_anew(changed: Any) -> None:
    changed.execute("CREATE TABLE part (thing_id TEXT REFERENCES thing (id) ON DELETE CASCADE)")
    changed.execute("INSERT INTO part VALUES ('1')")

    with pytest.raises(SchemaError, match="Foreign keys of part lead to the table thing"):
        changed.update()

    assert changed.rows("SELECT * FROM part") == [("1",)]


@only_sqlite
@pytest.mark.parametrize(
    ("column", "options", "word"),
    [
        ("size INTEGER CHECK (size > 0)", "", "CHECK"),
        ("size INTEGER, twice INTEGER GENERATED ALWAYS AS (2 * size)", "", "GENERATED ALWAYS"),
        ("size INTEGER UNIQUE", "", "UNIQUE"),
        ("size INTEGER", "WITHOUT ROWID", "WITHOUT ROWID"),
    ],
)
def test_a_table_that_was_changed_by_hand_is_not_made_anew(
    definitions: Any, column: str, options: str, word: str
) -> None:
    definitions.define("Thing", FIRST)
    definitions.execute(f"CREATE TABLE thing (id VARCHAR(36) NOT NULL PRIMARY KEY, {column}, note TEXT) {options}")
    definitions.ensure()
    definitions.define("Thing", SECOND)

    with pytest.raises(SchemaError, match=rf"Somebody has changed the table thing \({word}\)"):
        definitions.update()


def test_a_table_of_the_name_of_an_entity_is_completed(definitions: Any) -> None:
    definitions.execute("CREATE TABLE thing (id VARCHAR(36) NOT NULL PRIMARY KEY, size INTEGER)")
    definitions.execute("INSERT INTO thing VALUES ('1', 3)")

    definitions.define("Thing", SECOND)
    definitions.ensure()
    definitions.update()

    assert definitions.statements() == []
    assert definitions.values("thing", "size", "name", "deleted") == [(3.0, None, False)]


def test_an_index_that_was_made_otherwise_is_made_anew(definitions: Any) -> None:
    definitions.define("Thing", FIRST, indexes={"size": {"columns": ["size"]}})
    definitions.ensure()
    definitions.define("Thing", FIRST, indexes={"size": {"columns": ["size", "name"]}})

    definitions.ensure()
    assert "index IDX_THING_SIZE of thing" in str(definitions.schema.warning)
    definitions.update()

    assert definitions.statements() == []
