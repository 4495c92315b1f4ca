"""Migrations run once, in order, and what the database knows of them is true whatever happens."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core.container import Container
from core.exceptions import ConsoleError, MigrationError
from core.metadata import Layer, Metadata
from core.migrator import Migrator, Owner
from core.orm import Database, Schema
from tests.databases import MARIADB, POSTGRESQL, SQLITE

SOURCE = """
from datetime import UTC, datetime
from core.Migrations import AbstractMigration


class {name}(AbstractMigration):
    def up(self):
        self.execute("INSERT INTO noted (what, direction) VALUES (:what, 'up')", what="{module} {name}")
{up}

    def down(self):
        self.execute("INSERT INTO noted (what, direction) VALUES (:what, 'down')", what="{module} {name}")

    def get_migration_date_time(self):
        return {moment}
"""

HALF = 'self.execute("ALTER TABLE noted ADD COLUMN extra INTEGER")\nraise ValueError'


class Installation:
    """Modules that come, go and get newer over one database; each `Migrator` is that of another process."""

    def __init__(self, root: Path, url: str) -> None:
        self.database = Database(url)
        self.kind = url.partition(":")[0].partition("+")[0]
        self._modules = root / "modules"
        self._owners: dict[str, Owner] = {}
        self._schema = Schema(Metadata([Layer("own", root / "metadata")], root / "cache"))
        self._container = Container()
        self._container.set_service("connection", self.database)
        with self.database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE noted (what VARCHAR(80), direction VARCHAR(4))")

    def install(self, module: str, version: str | None) -> None:
        """Put this version of a module into the place of a former one."""
        self._owners[module] = Owner(module, module, self._modules / module, version)
        (self._modules / module / "Migrations").mkdir(parents=True, exist_ok=True)

    def write(self, module: str, name: str, up: str = "", moment: str = "None") -> None:
        source = SOURCE.format(module=module, name=name, up=textwrap.indent(up, " " * 8), moment=moment)
        (self._modules / module / "Migrations" / f"{name}.py").write_text(source)
        shutil.rmtree(self._modules / module / "Migrations" / "__pycache__", ignore_errors=True)
        self.forget()

    def migrator(self) -> Migrator:
        """What a new process has after its first use of the database."""
        migrator = Migrator(list(self._owners.values()), self.database, self._container)
        with self.database.write_alone() as connection:
            self._schema.ensure(connection)
            if not migrator.is_current(connection):
                migrator.observe(connection)
        return migrator

    def run(self) -> list[str]:
        """What `migrate` runs."""
        return [str(each) for each in self.migrator().run_pending(lambda _: None)]

    def migrate(self, *words: str) -> list[str]:
        return [str(each) for each in self.migrator().migrate(*words, lambda _: None)]

    def noted(self) -> list[tuple[str, str]]:
        with self.database.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql("SELECT what, direction FROM noted")]

    def forget(self) -> None:
        modules = self._owners.keys() - {"core"}
        for name in [each for each in sys.modules if each.split(".")[0] in modules]:
            del sys.modules[name]


@pytest.fixture
def installed(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    monkeypatch.syspath_prepend(tmp_path / "modules")
    installation = Installation(tmp_path, database_url)
    yield installation
    installation.database.close()
    installation.forget()


def test_a_module_that_is_new_runs_none_of_its_old_migrations(installed: Any) -> None:
    installed.install("ShopA", "1.2.0")
    installed.write("ShopA", "V1Dot1Dot0")
    installed.write("ShopA", "V1Dot2Dot0")

    assert installed.migrator().warning is None
    assert installed.run() == []


def test_a_module_that_was_there_runs_those_in_between_once_and_in_order(installed: Any) -> None:
    installed.install("ShopB", "1.2.0")
    installed.migrator()

    installed.install("ShopB", "1.10.0")
    for name in ("V1Dot2Dot0", "V1Dot10Dot0", "V1Dot3Dot0", "V1Dot11Dot0"):
        installed.write("ShopB", name)

    assert installed.migrator().warning == (
        "Migrations are pending: ShopB 1.3.0, ShopB 1.10.0. Run them with: python console.py migrate"
    )
    assert installed.run() == ["ShopB 1.3.0", "ShopB 1.10.0"]
    assert installed.noted() == [("ShopB V1Dot3Dot0", "up"), ("ShopB V1Dot10Dot0", "up")]
    assert installed.run() == []
    assert installed.migrator().warning is None


def test_what_is_pending_is_known_by_one_read(installed: Any) -> None:
    installed.install("ShopC", "1.0.0")
    installed.migrator()
    installed.install("ShopC", "1.1.0")
    installed.write("ShopC", "V1Dot1Dot0")
    installed.migrator()

    another = Migrator(list(installed._owners.values()), installed.database, Container())
    with installed.database.read() as connection:
        assert another.is_current(connection)
    assert "ShopC 1.1.0" in str(another.warning)


def test_modules_go_in_load_order_unless_they_name_moments(installed: Any) -> None:
    for module in ("ShopD", "ShopE"):
        installed.install(module, "1.0.0")
    installed.migrator()
    for module in ("ShopD", "ShopE"):
        installed.install(module, "1.2.0")
    installed.write("ShopD", "V1Dot1Dot0", moment="datetime(2026, 5, 1, tzinfo=UTC)")
    installed.write("ShopD", "V1Dot2Dot0")
    installed.write("ShopE", "V1Dot1Dot0", moment="datetime(2026, 1, 1, tzinfo=UTC)")
    installed.write("ShopE", "V1Dot2Dot0", moment="datetime(2026, 6, 1, tzinfo=UTC)")

    assert installed.run() == ["ShopE 1.1.0", "ShopD 1.1.0", "ShopD 1.2.0", "ShopE 1.2.0"]


def test_a_module_is_taken_to_a_version_and_back(installed: Any) -> None:
    installed.install("ShopF", "1.3.0")
    for name in ("V1Dot1Dot0", "V1Dot2Dot0", "V1Dot3Dot0"):
        installed.write("ShopF", name)

    assert installed.migrate("ShopF", "1.3.0", "1.1.0") == ["ShopF 1.3.0", "ShopF 1.2.0"]
    assert [direction for _, direction in installed.noted()] == ["down", "down"]
    # The module is still that of 1.3.0, so they are to run again.
    assert installed.migrator().pending() != []
    assert installed.migrate("ShopF", "1.1.0", "1.2.0") == ["ShopF 1.2.0"]
    assert installed.run() == ["ShopF 1.3.0"]
    assert installed.run() == []


def test_a_failed_migration_leaves_what_is_recorded_true(installed: Any) -> None:
    installed.install("ShopG", "1.0.0")
    installed.migrator()
    installed.install("ShopG", "1.3.0")
    installed.write("ShopG", "V1Dot1Dot0")
    installed.write("ShopG", "V1Dot2Dot0", up='raise ValueError("no such shop")')
    installed.write("ShopG", "V1Dot3Dot0")

    with pytest.raises(MigrationError) as raised:
        installed.run()

    message = str(raised.value)
    assert message.startswith("The migration of ShopG to 1.2.0 failed (")
    assert "Migrations/V1Dot2Dot0.py, line 9): ValueError: no such shop\n" in message
    assert installed.noted() == [("ShopG V1Dot1Dot0", "up")]
    assert "pending: ShopG 1.2.0, ShopG 1.3.0. Run" in str(installed.migrator().warning)
    installed.write("ShopG", "V1Dot2Dot0")
    assert installed.run() == ["ShopG 1.2.0", "ShopG 1.3.0"]


@pytest.mark.parametrize("database_kind", [SQLITE, POSTGRESQL])
def test_a_failed_migration_leaves_no_change_of_a_table(installed: Any) -> None:
    installed.install("ShopH", "1.0.0")
    installed.migrator()
    installed.install("ShopH", "1.1.0")
    installed.write(
        "ShopH", "V1Dot1Dot0", up='self.execute("ALTER TABLE noted ADD COLUMN extra INTEGER")\nraise ValueError'
    )

    with pytest.raises(MigrationError, match="What it did is undone"):
        installed.run()

    installed.write("ShopH", "V1Dot1Dot0", up='assert not self.has_column("noted", "extra")')
    assert installed.run() == ["ShopH 1.1.0"]


@pytest.mark.parametrize("database_kind", [MARIADB])
def test_it_is_told_where_a_change_of_a_table_may_stay(installed: Any) -> None:
    installed.install("ShopI", "1.0.0")
    installed.migrator()
    installed.install("ShopI", "1.1.0")
    installed.write(
        "ShopI", "V1Dot1Dot0", up='self.execute("ALTER TABLE noted ADD COLUMN extra INTEGER")\nraise ValueError'
    )

    with pytest.raises(MigrationError, match="stay, as MariaDB commits each of them by itself"):
        installed.run()

    installed.write("ShopI", "V1Dot1Dot0", up='assert self.has_column("noted", "extra")')
    assert installed.run() == ["ShopI 1.1.0"]


def test_a_migration_changes_tables_alike_on_all_databases(installed: Any) -> None:
    installed.install("ShopJ", "1.0.0")
    installed.migrator()
    installed.install("ShopJ", "1.1.0")
    up = """
    import sqlalchemy as sa
    operations = self.get_operations()
    operations.add_column("noted", sa.Column("size", sa.Integer()))
    with operations.batch_alter_table("noted") as batch:
        batch.alter_column("what", existing_type=sa.String(80), type_=sa.String(200))
    assert self.has_table("noted") and not self.has_table("lost") and not self.has_column("lost", "size")
    assert self.execute("UPDATE noted SET size = :size", size=3) == 1
    assert self.query("SELECT size FROM noted WHERE size > :least", least=1) == [{"size": 3}]
    """
    installed.write("ShopJ", "V1Dot1Dot0", up=textwrap.dedent(up))

    assert installed.run() == ["ShopJ 1.1.0"]
    assert installed.run() == []


def test_without_a_down_there_is_no_way_back(installed: Any) -> None:
    installed.install("ShopK", "1.1.0")
    file = installed._modules / "ShopK" / "Migrations" / "V1Dot1Dot0.py"
    file.write_text(
        "from core.Migrations import AbstractMigration\n"
        "class V1Dot1Dot0(AbstractMigration):\n"
        "    def up(self):\n"
        "        pass\n"
    )

    with pytest.raises(MigrationError) as caught:
        installed.migrate("ShopK", "1.1.0", "1.0.0")

    said = f"The migration of ShopK to 1.1.0 cannot be taken back, as {file} has no down(): Downgrade is prohibited."
    assert str(caught.value) == said
    assert installed.run() == []


def test_two_who_migrate_at_once_run_each_migration_once(installed: Any) -> None:
    installed.install("ShopP", "1.0.0")
    installed.migrator()
    installed.install("ShopP", "1.4.0")
    for number in range(1, 5):
        installed.write("ShopP", f"V1Dot{number}Dot0")
    migrators = [installed.migrator() for _ in range(2)]

    with ThreadPoolExecutor(2) as pool:
        run = list(pool.map(lambda each: each.run_pending(lambda _: None), migrators))

    assert sorted(str(each) for part in run for each in part) == [f"ShopP 1.{number}.0" for number in range(1, 5)]
    assert len(installed.noted()) == 4


def test_a_migration_that_cannot_be_loaded_keeps_nobody_from_working(installed: Any) -> None:
    for module in ("ShopQ", "ShopR"):
        installed.install(module, "1.0.0")
    installed.migrator()
    for module in ("ShopQ", "ShopR"):
        installed.install(module, "1.1.0")
        installed.write(module, "V1Dot1Dot0")
    (installed._modules / "ShopQ" / "Migrations" / "V1Dot1Dot0.py").write_text("import nowhere_to_be_found")

    assert "ShopQ 1.1.0, ShopR 1.1.0" in str(installed.migrator().warning)
    with pytest.raises(MigrationError, match="nowhere_to_be_found"):
        installed.run()
    assert installed.noted() == []


def test_a_module_that_was_away_runs_what_it_missed(installed: Any) -> None:
    installed.install("ShopL", "1.0.0")
    installed.migrator()
    del installed._owners["ShopL"]
    installed.migrator()

    installed.install("ShopL", "1.1.0")
    installed.write("ShopL", "V1Dot1Dot0")

    assert installed.run() == ["ShopL 1.1.0"]


@pytest.mark.parametrize("database_kind", [SQLITE])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("Shp", "1.0.0", "1.1.0"), "There is no module 'Shp'. Did you mean 'Shop'?"),
        (("Shop", "first", "1.1.0"), "'first' is no version"),
    ],
)
def test_what_there_is_not_is_told(installed: Any, words: tuple[str, ...], message: str) -> None:
    installed.install("Shop", "1.0.0")

    with pytest.raises(ConsoleError, match=message.replace("?", r"\?")):
        installed.migrate(*words)


@pytest.mark.parametrize("database_kind", [SQLITE])
def test_core_goes_by_both_of_its_names(installed: Any) -> None:
    installed.install("core", "1.0.0")

    assert installed.migrate("Atro", "0.9.0", "1.0.0") == installed.migrate("core", "0.9.0", "1.0.0") == []


@pytest.mark.parametrize("database_kind", [SQLITE])
def test_what_is_wrong_is_told_all_at_once(installed: Any) -> None:
    installed.install("ShopM", None)
    installed.write("ShopM", "V1Dot1Dot0")
    installed.install("ShopN", "newest")
    installed.install("ShopO", "1.0.0")
    (installed._modules / "ShopO" / "Migrations" / "V1Dot1.py").write_text("")
    (installed._modules / "ShopO" / "Migrations" / "V1Dot0Dot0.py").write_text("class Other: pass")

    problems = "\n".join(installed.migrator().check())

    for part in (
        "ShopM has migrations, but no version: they never run. Write it into module.yaml.",
        "module.yaml: the version 'newest' is none; write it as 1.2.3.",
        "V1Dot1.py: a migration's file is named V<major>Dot<minor>Dot<patch>.py",
        "V1Dot0Dot0.py: the class 'V1Dot0Dot0' cannot be imported",
    ):
        assert problems.count(part) == 1
