"""What every room of tests may use: the fixtures `installation`, and `database_url` for each kind of database."""

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, inspect

from core.orm import Schema
from core.orm.schema_state import STATE_TABLE
from core.testing import Installation
from tests.console_server import ConsoleServer

pytest_plugins = ["core.testing.fixtures", "tests.databases"]

# A shell that starts the tests in its background has SIGINT ignored, and so would be all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The tests start a thousand processes, and where no bytecode is kept each of them compiles all of core anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What is imported and collected stays until the end: looking for garbage in it took a sixth of that time.
gc.disable()

Ensure = Callable[[Schema, Connection], None]

# How long inputs take to be made says something of the machine only.
LONG = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", LONG)
settings.register_profile("short", LONG, max_examples=20, derandomize=True, database=None)


def pytest_configure(config: pytest.Config) -> None:
    """What `make test` does: the same inputs each time, and fewer."""
    settings.load_profile("short" if is_short(config) else "long")


def is_short(config: pytest.Config) -> bool:
    """Whether the long forms are left out."""
    return bool(config.option.markexpr == "not proof")


@pytest.fixture(scope="session", autouse=True)
def console_server(pytestconfig: pytest.Config) -> Iterator[None]:
    """Forks the commands of `installation.console`; in `make proof` each has a Python of its own."""
    if not is_short(pytestconfig):
        yield
        return
    with ConsoleServer() as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Installation, "run_program", server.run)
        yield


@pytest.fixture(scope="session", autouse=True)
def tables_of_new_files_made_once(pytestconfig: pytest.Config) -> Iterator[Ensure]:
    """A thousand tests begin with a new SQLite file, nearly all with the same tables: their SQL is kept.

    Given is what makes them each time.
    """
    known: dict[str, list[tuple[str, tuple[object, ...]]]] = {}
    ensure = Schema.ensure

    def ensured(schema: Schema, connection: Connection) -> None:
        is_new = connection.dialect.name == "sqlite" and not inspect(connection).get_table_names()
        fingerprint = schema._fingerprint() if is_new else ""
        if fingerprint in known:
            for statement, values in known[fingerprint]:
                connection.exec_driver_sql(statement, values)
            return
        ensure(schema, connection)
        if is_new and not schema.problems and not schema.link_problems:
            made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
            state = connection.exec_driver_sql(f"SELECT name, value FROM {STATE_TABLE}")
            known[fingerprint] = [(sql, ()) for (sql,) in made]
            known[fingerprint] += [(f"INSERT INTO {STATE_TABLE} VALUES (?, ?)", tuple(row)) for row in state]

    with pytest.MonkeyPatch.context() as patch:
        if is_short(pytestconfig):
            patch.setattr(Schema, "ensure", ensured)
        yield ensure


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of every later collection of garbage: it stays until the end."""
    gc.collect()
    gc.freeze()
    gc.enable()
