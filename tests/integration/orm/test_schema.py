"""The tables come from entityDefs and scopes."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from core import clock
from core.exceptions import Error, MetadataError
from core.metadata import Layer, Metadata
from core.orm import Database, Schema

NAMED = {"name": {"type": "varchar", "len": 40}}


def columns_of(data: Any, table: str) -> dict[str, str]:
    with data.database.snapshot() as connection:
        return {each["name"]: str(each["type"]) for each in inspect(connection).get_columns(table)}


@pytest.mark.only_sqlite("the names of the types are its own")
def test_an_entity_is_added_by_json_alone(data: Any) -> None:
    data.define("BigThing", {**NAMED, "size": {"type": "float"}, "seenAt": {"type": "datetime"}})

    data.entities.get_repository("BigThing").count()

    assert columns_of(data, "big_thing") == {
        "id": "VARCHAR(36)",
        "name": "VARCHAR(40)",
        "size": "FLOAT",
        "seen_at": "VARCHAR(26)",
        "created_at": "VARCHAR(26)",
        "modified_at": "VARCHAR(26)",
        "created_by_id": "VARCHAR(36)",
        "modified_by_id": "VARCHAR(36)",
        "deleted": "BOOLEAN",
    }


@pytest.mark.only_sqlite("tests/conformance looks at the plans of all databases")
def test_the_jobs_have_the_indexes_of_lists_and_of_the_claim(data: Any) -> None:
    data.entities.get_repository("Job").count()

    indexes = {row["name"]: row["sql"] for row in data.rows("SELECT name, sql FROM sqlite_master WHERE type = 'index'")}
    assert "(status, execute_time, id)" in indexes["IDX_JOB_EXECUTE_TIME"]
    assert "(priority DESC, execute_time, id) WHERE status = 'Pending'" in indexes["IDX_JOB_CLAIM"]
    assert "(run_node) WHERE run_process IS NOT NULL" in indexes["IDX_JOB_RUN"]


def test_core_definitions_have_no_problems(data: Any) -> None:
    assert data.schema.problems == []
    assert {"Job", "ScheduledJob", "User"} <= set(data.schema.names())


def test_a_later_field_is_added_to_the_table_with_its_default(data: Any) -> None:
    data.define("Thing", NAMED)
    thing = data.entities.get_entity("Thing")
    data.entities.save_entity(thing)

    later = {"size": {"type": "int", "default": 3}, "isGood": {"type": "bool"}}
    data.define("Thing", {**NAMED, **later, "dueAt": {"type": "datetime", "required": True}})
    data.metadata.reload()
    data.entities.reload()
    with data.entities.transaction() as connection:
        data.schema.ensure(connection)

    again = data.entities.get_entity("Thing", thing.id)
    assert (again.get("size"), again.get("isGood"), again.get("dueAt")) == (3, False, None)


def test_a_job_that_bare_sql_writes_gets_what_it_leaves_out(data: Any) -> None:
    before = clock.now().replace(microsecond=0)
    data.entities.get_repository("Job").count()

    data.execute("INSERT INTO job (id, name, type) VALUES ('1', 'Work', 'ClearEntities')")

    job = data.entities.get_entity("Job", "1")
    assert (job.get("status"), job.get("priority"), job.get("attempt")) == ("Pending", 100, 0)
    assert before <= job.get("executeTime") <= clock.now()


def test_nothing_is_dropped(data: Any) -> None:
    data.define("Thing", NAMED)
    data.execute("CREATE TABLE thing (id VARCHAR(36) PRIMARY KEY, legacy TEXT, deleted BOOLEAN)")
    data.schema.reload()

    with data.entities.transaction() as connection:
        data.schema.ensure(connection)

    assert {"legacy", "name"} <= columns_of(data, "thing").keys()


def test_an_unchanged_schema_is_seen_by_one_read(data: Any) -> None:
    data.entities.get_repository("Job").count()

    with data.database.read() as connection:
        assert data.schema.is_current(connection)


def test_a_changed_definition_is_seen(data: Any) -> None:
    data.entities.get_repository("Job").count()
    data.define("Thing", NAMED)
    data.metadata.reload()

    with data.database.read() as connection:
        assert not data.schema.is_current(connection)


def test_two_may_create_the_tables_at_once(data: Any) -> None:
    data.define("Thing", NAMED)

    def count(_number: int) -> int:
        database = Database(f"sqlite:///{data.root}/shared.sqlite")
        schema = Schema(metadata_of(data.root))
        database.on_first_use(schema.is_current, schema.ensure)
        with database.read() as connection:
            found = connection.exec_driver_sql("SELECT count(*) FROM thing").scalar_one()
        database.close()
        return int(found)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(count, range(4))) == [0, 0, 0, 0]


def metadata_of(root: Path) -> Metadata:
    return Metadata([Layer("data/metadata", root / "metadata")], root / "cache")


def test_a_broken_field_is_left_out_with_a_warning(data: Any, caplog: pytest.LogCaptureFixture) -> None:
    data.define("Thing", {**NAMED, "size": {"type": "integer"}})

    with caplog.at_level(logging.WARNING, "atro"):
        data.entities.get_repository("Thing").count()

    assert "entityDefs/Thing.json: the field 'size' has the unknown type 'integer'" in caplog.text


@pytest.mark.parametrize("definition", [None, {}, []])
def test_an_entity_without_a_definition_has_the_standard_fields(data: Any, definition: Any) -> None:
    data.write("metadata/scopes/Thing.json", {"entity": True})
    if definition is not None:
        data.write("metadata/entityDefs/Thing.json", definition)

    data.saved_job()

    users = {"created_by_id", "modified_by_id"}
    assert columns_of(data, "thing").keys() == {"id", "created_at", "modified_at", "deleted"} | users


def test_what_is_needed_and_taken_away_is_named(data: Any) -> None:
    data.write("metadata/entityDefs/Job.json", {"fields": {"payload": None, "priority": "float"}})
    data.schema  # noqa: B018 - reads the metadata
    schema = Schema(data.metadata, {"Job": ("status", "payload", "priority")})

    with pytest.raises(MetadataError, match="Job lacks payload, priority, which core cannot do without"):
        schema.table("Job")


def test_a_unique_index_that_the_rows_forbid_is_told_and_tried_again(
    data: Any, caplog: pytest.LogCaptureFixture
) -> None:
    data.define("Thing", {"code": {"type": "varchar", "unique": True}})
    data.execute("CREATE TABLE thing (id VARCHAR(36) PRIMARY KEY, code VARCHAR(255), deleted BOOLEAN)")
    data.execute("INSERT INTO thing VALUES ('1', 'a', false), ('2', 'a', false)")
    data.schema.reload()

    with data.entities.transaction() as connection:
        data.schema.ensure(connection)

        assert "The index IDX_THING_UNIQUE_CODE of the table thing cannot be created" in caplog.text
        assert not data.schema.is_current(connection)


@pytest.mark.parametrize(("name", "hint"), [("Jbo", "Did you mean 'Job'"), ("Lone", "no scopes/Lone.json")])
def test_an_unknown_entity_is_told_with_a_hint(data: Any, name: str, hint: str) -> None:
    data.write("metadata/entityDefs/Lone.json", {"fields": NAMED})

    with pytest.raises(Error, match=f"ORM: Repository '{name}' does not exist.*{hint}"):
        data.entities.get_entity(name)
