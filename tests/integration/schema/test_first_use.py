"""What is missing is added at first use; what would have to be changed is remembered and told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from core.metadata import Layer, Metadata
from core.orm import Database, Schema

NAME = {"type": "varchar", "maxLength": 40}


def test_a_new_database_is_what_is_defined(definitions: Any) -> None:
    definitions.define("Thing", {"name": {**NAME, "unique": True}, "dueAt": {"type": "datetime", "required": True}})
    definitions.ensure()

    assert definitions.statements() == []
    assert definitions.schema.warning is None


def test_core_is_what_is_defined(definitions: Any) -> None:
    core = Path(__file__).parents[3] / "core" / "Resources" / "metadata"
    metadata = Metadata([Layer("core", core)], definitions.root / "core-cache")
    schema = Schema(metadata, dialect=definitions.kind)

    with definitions.database.write() as connection:
        schema.ensure(connection)
        diff = schema.compare(connection)

    assert (diff.statements, diff.changes, diff.additions) == ([], [], [])


def test_names_may_be_words_of_sql(definitions: Any) -> None:
    words = {name: {"type": "int"} for name in ("check", "strict", "generated", "references", "always")}
    definitions.define("Order", {"group": {"type": "varchar", "unique": True}, "desc": {"type": "int"}, **words})
    definitions.ensure()
    definitions.insert("order", [{"id": "1", "deleted": False, "group": "a", "desc": 2}])

    changed = {**words, "group": {"type": "text"}, "desc": {"type": "float", "notNull": True, "default": 1}}
    definitions.define("Order", {**changed, "key": {"type": "int"}})
    definitions.update(with_drops=True)

    assert definitions.statements() == []
    assert definitions.values("order", "group", "desc", "key") == [("a", 2.0, None)]


def test_what_can_be_added_leaves_no_warning(definitions: Any) -> None:
    definitions.define("Thing", {"name": NAME})
    definitions.ensure()
    definitions.insert("thing", [{"id": "1", "deleted": False}])

    definitions.define("Thing", {"name": {**NAME, "index": True}, "size": {"type": "int", "default": 3}})
    definitions.define("Other", {"name": NAME})
    definitions.ensure()

    assert definitions.statements() == []
    assert definitions.schema.warning is None
    assert definitions.values("thing", "size") == [(3,)]


def test_what_has_to_be_changed_is_told_by_each_process_until_it_is_done(definitions: Any) -> None:
    definitions.define("Thing", {"name": NAME, "size": {"type": "int"}})
    definitions.ensure()
    definitions.define("Thing", {"name": {"type": "text"}, "size": {"type": "float"}})
    definitions.ensure()

    another = definitions.reopen()
    with definitions.database.read() as connection:
        assert another.is_current(connection)
    assert another.warning == (
        "The database is behind the metadata: thing.name, thing.size. Mend it with: python console.py sql diff --run"
    )

    definitions.update()
    with definitions.database.read() as connection:
        assert another.is_current(connection)
    assert another.warning is None


def test_what_is_left_over_is_no_reason_to_warn(definitions: Any) -> None:
    definitions.define("Thing", {"name": NAME, "size": {"type": "int"}})
    definitions.ensure()

    definitions.define("Thing", {"name": NAME})
    definitions.ensure()

    assert definitions.schema.warning is None
    assert definitions.statements() == ["ALTER TABLE thing DROP COLUMN size -- drop"]


def test_a_left_over_column_keeps_no_row_from_being_inserted(definitions: Any) -> None:
    definitions.define("Thing", {"name": NAME, "code": {**NAME, "notNull": True}})
    definitions.ensure()
    definitions.insert("thing", [{"id": "1", "deleted": False, "code": "a"}])

    definitions.define("Thing", {"name": NAME})
    definitions.ensure()
    assert "thing.code (left over)" in str(definitions.schema.warning)
    definitions.update()

    definitions.insert("thing", [{"id": "2", "deleted": False, "name": "b"}])
    assert definitions.rows("SELECT id, code FROM thing ORDER BY id") == [("1", "a"), ("2", None)]
    assert definitions.summary() == []


def test_a_left_over_unique_index_refuses_nothing(definitions: Any) -> None:
    definitions.define("Thing", {"code": {**NAME, "unique": True}, "size": {"type": "int"}})
    definitions.ensure()

    definitions.define("Thing", {"code": NAME, "size": {"type": "float"}})
    definitions.ensure()
    assert "index IDX_THING_UNIQUE_CODE of thing (left over)" in str(definitions.schema.warning)
    definitions.update()

    definitions.insert("thing", [{"id": str(number), "deleted": False, "code": "a"} for number in (1, 2)])
    assert definitions.statements() == []


def test_an_index_that_rows_forbid_is_tried_again_when_they_allow_it(definitions: Any) -> None:
    definitions.define("Thing", {"code": NAME})
    definitions.ensure()
    definitions.insert("thing", [{"id": str(number), "deleted": False, "code": "a"} for number in (1, 2)])
    definitions.define("Thing", {"code": {**NAME, "unique": True}})

    definitions.ensure()
    with definitions.database.read() as connection:
        assert not definitions.schema.is_current(connection)

    definitions.execute("DELETE FROM thing WHERE id = '2'")
    definitions.ensure()
    with definitions.database.read() as connection:
        assert definitions.schema.is_current(connection)
    assert definitions.statements() == []


def test_four_may_use_a_new_database_at_once(definitions: Any, database_url: str) -> None:
    definitions.define("Thing", {"name": {**NAME, "unique": True}})

    def count(_number: int) -> int:
        database, schema = Database(database_url), definitions.reopen()
        database.on_first_use(schema.is_current, schema.ensure)
        with database.read() as connection:
            found = connection.exec_driver_sql("SELECT count(*) FROM thing").scalar_one()
        database.close()
        return int(found)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(count, range(4))) == [0, 0, 0, 0]
    assert definitions.statements() == []
