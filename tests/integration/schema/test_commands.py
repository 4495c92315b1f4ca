"""`sql diff`, `rebuild`, `migrate`, and what is said at boot, as a person meets them."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from core.testing import Installation
from tests.databases import MARIADB, POSTGRESQL, SQLITE

BEHIND = "The database is behind the metadata: thing.size. Mend it with: python console.py sql diff --run"
MIGRATION = """
from core.Migrations import AbstractMigration


class V1Dot1Dot0(AbstractMigration):
    def up(self):
        for thing in self.get_entity_manager().get_repository("Thing").find():
            thing.set("name", thing.get("name").upper())
            self.get_entity_manager().save_entity(thing)
"""

# What differs between the databases is tested beside this file.
on_sqlite = pytest.mark.parametrize("database_kind", [SQLITE])


@pytest.fixture(params=[SQLITE, *(pytest.param(kind, marks=pytest.mark.proof) for kind in (POSTGRESQL, MARIADB))])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Servers are tried in `make proof`."""
    return str(request.param)


@pytest.fixture
def shop(installation: Installation, database_url: str) -> Installation:
    """A module with an entity, whose table has a row; all on a database of each kind."""
    installation.write_config(database={"url": database_url})
    define(installation, "int")
    with installation.application() as application:
        manager = application.container.get("entityManager")
        thing = manager.get_entity("Thing")
        thing.set({"name": "a", "size": 3})
        manager.save_entity(thing)
    return installation


def define(installation: Installation, size: str | None, version: str = "1.0.0", **files: Any) -> Path:
    fields = {"name": {"type": "varchar"}, **({"size": {"type": size}} if size else {})}
    return installation.add_module(
        "Shop",
        {
            "module.yaml": f'version: "{version}"\n',
            "Resources/metadata/entityDefs/Thing.json": {"fields": fields},
            "Resources/metadata/scopes/Thing.json": {"entity": True},
            **files,
        },
    )


def run(installation: Installation, *words: str) -> int:
    with installation.application() as application:
        return application.run(words)


def things(installation: Installation) -> list[dict[str, Any]]:
    with installation.application() as application:
        found = application.container.get("entityManager").get_repository("Thing").find()
        return [{name: each.get(name) for name in each.to_dict() if name in ("name", "size")} for each in found]


def test_differences_are_shown_run_and_gone(shop: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    define(shop, "float")

    assert run(shop, "sql", "diff", "--show") == 0
    shown = capsys.readouterr().out
    assert "thing" in shown
    assert run(shop, "sql", "diff", "--run") == 0
    assert capsys.readouterr().out == shown.replace(";\n", "; Done!\n")
    assert run(shop, "sql", "diff", "--show") == 0
    assert run(shop, "sql", "diff", "--run") == 0
    assert capsys.readouterr().out == "No database changes were detected.\n" * 2
    assert things(shop) == [{"name": "a", "size": 3.0}]


@on_sqlite
def test_what_is_shown_is_the_same_as_json(shop: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    define(shop, None)

    run(shop, "sql", "diff", "--show", "--json")
    drop = {"sql": "ALTER TABLE thing DROP COLUMN size", "table": "thing", "isDrop": True}
    assert json.loads(capsys.readouterr().out) == {"statements": [drop], "obstacles": []}
    run(shop, "sql", "diff", "--show")
    assert capsys.readouterr().out == (
        "-- The following is run with --with-drops only:\nALTER TABLE thing DROP COLUMN size;\n"
    )
    run(shop, "sql", "diff", "--run", "--json")
    assert json.loads(capsys.readouterr().out) == {"done": [], "left": [drop]}
    run(shop, "sql", "diff", "--run", "--with-drops", "--json")
    assert json.loads(capsys.readouterr().out) == {"done": [drop], "left": []}


@on_sqlite
def test_to_show_changes_nothing_and_not_even_adds(shop: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    define(shop, "int", **{"Resources/metadata/scopes/Other.json": {"entity": True}})

    run(shop, "sql", "diff", "--show")
    first = capsys.readouterr().out
    run(shop, "sql", "diff", "--show")

    assert "CREATE TABLE other" in first
    assert capsys.readouterr().out == first


@on_sqlite
def test_a_change_that_the_rows_forbid_is_an_error(shop: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    define(shop, "date")

    assert run(shop, "sql", "diff", "--show") == 0
    assert "1 row is there with a value that would not come through ('3')" in capsys.readouterr().err
    assert run(shop, "sql", "diff", "--run") == 1
    assert "1 row is there with a value that would not come through ('3')" in capsys.readouterr().err
    assert run(shop, "rebuild") == 1


@on_sqlite
def test_rebuild_does_all_but_drops(shop: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    define(shop, "float")
    stale = shop.data / "cache" / "stale.json"
    stale.write_text("{}")

    assert run(shop, "rebuild") == 0

    output = capsys.readouterr()
    assert "thing" in output.out
    assert output.out.endswith("\nRebuild has been finished successfully.\n")
    assert output.err == ""
    assert not stale.exists()
    assert things(shop) == [{"name": "a", "size": 3.0}]


@on_sqlite
def test_the_job_rebuild_does_the_same(shop: Installation) -> None:
    define(shop, "float")
    with shop.application() as application:
        manager = application.container.get("entityManager")
        job = manager.get_entity("Job")
        job.set({"name": "Rebuild", "type": "Rebuild"})
        manager.save_entity(job)

        assert application.run(["job", job.id, "--run"]) == 0

        message = manager.get_entity("Job", job.id).get("message")
    assert message.startswith("The database has the tables of ")
    assert "thing" in message.partition("\n")[2]
    assert things(shop) == [{"name": "a", "size": 3.0}]


@on_sqlite
def test_each_command_that_uses_the_database_warns_once(
    shop: Installation, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    define(shop, "float")

    for _ in range(2):
        caplog.clear()
        run(shop, "job", "list")
        assert capsys.readouterr().err == f"{BEHIND}\n"
        assert caplog.messages.count(BEHIND) == 1
    run(shop, "sql", "diff", "--run")
    run(shop, "job", "list")
    assert capsys.readouterr().err == ""


@on_sqlite
@pytest.mark.proof
def test_cron_is_silent_and_the_job_manager_says_it_in_its_log(shop: Installation) -> None:
    define(shop, "float")

    cron = shop.console("cron")
    assert (cron.stdout, cron.stderr) == ("", "")
    shop.start_job_manager()
    shop.stop_job_manager()

    log = (shop.data / "logs" / "atro.log").read_text()
    assert log.count(BEHIND) == 1


def test_check_warns_before_anything_is_added(shop: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    define(shop, "float", "1.1.0", **{"Migrations/V1Dot1Dot0.py": MIGRATION})

    assert run(shop, "check") == 0
    said = capsys.readouterr().err
    assert f"Warning: {BEHIND}\n" in said
    assert "Warning: Migrations are pending: Shop 1.1.0. Run them with: python console.py migrate\n" in said
    run(shop, "job", "list")
    run(shop, "check")
    assert capsys.readouterr().err.count(f"Warning: {BEHIND}\n") == 1


def test_migrations_of_a_newer_module_run_once(shop: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    define(shop, "int", "1.1.0", **{"Migrations/V1Dot1Dot0.py": MIGRATION})

    run(shop, "job", "list")
    assert capsys.readouterr().err == ("Migrations are pending: Shop 1.1.0. Run them with: python console.py migrate\n")
    assert run(shop, "migrate") == 0
    assert capsys.readouterr().out.endswith(" | Run migration Shop 1.1.0\n")
    assert things(shop) == [{"name": "A", "size": 3}]
    assert run(shop, "migrate") == 0
    assert capsys.readouterr().out == "There are no migrations to run.\n"
    run(shop, "job", "list")
    assert capsys.readouterr().err == ""


def test_a_migration_that_dies_counts_as_not_run(shop: Installation) -> None:
    died = "import os, signal\n" + MIGRATION + "        os.kill(os.getpid(), signal.SIGKILL)\n"
    define(shop, "int", "1.1.0", **{"Migrations/V1Dot1Dot0.py": died})

    assert shop.console("migrate").returncode == -signal.SIGKILL
    assert things(shop) == [{"name": "a", "size": 3}]

    define(shop, "int", "1.1.0", **{"Migrations/V1Dot1Dot0.py": MIGRATION})
    assert run(shop, "migrate") == 0
    assert things(shop) == [{"name": "A", "size": 3}]


@on_sqlite
def test_nothing_is_dropped_while_something_is_wrong(shop: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    define(shop, None, "1.1.0", **{"Migrations/V1Dot1Dot0.py": MIGRATION})
    shop.add_module("Broken", {"Module.py": "import nowhere_to_be_found"})

    assert run(shop, "sql", "diff", "--run", "--with-drops") == 1

    said = capsys.readouterr().err
    assert "Nothing is dropped as long as something is wrong:" in said
    assert "The module 'Broken' is set aside: " in said
    assert "Migrations are pending: Shop 1.1.0" in said


@pytest.mark.parametrize("words", [("sql", "diff"), ("sql", "diff", "--show", "--run"), ("migrate", "Shop", "1.0.0")])
def test_what_is_not_said_whole_is_an_error(
    installation: Installation, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert run(installation, *words) == 1

    assert " needs " in capsys.readouterr().err
    assert not (installation.data / "atro.sqlite").exists()


def test_check_sees_what_was_taken_away_by_hand(shop: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    with shop.application() as application, application.container.get("connection").write() as connection:
        connection.exec_driver_sql("ALTER TABLE thing DROP COLUMN size")

    assert run(shop, "check") == 0

    assert f"Warning: {BEHIND}\n" in capsys.readouterr().err


def test_check_makes_no_database(installation: Installation) -> None:
    assert run(installation, "check") == 0

    assert not (installation.data / "atro.sqlite").exists()
