"""What a person is told whose database cannot be used: one line, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url

from core.testing import Installation
from tests.databases import MARIADB, POSTGRESQL, Servers

NOWHERE = {POSTGRESQL: "postgresql://me:hush@127.0.0.1:1/atro", MARIADB: "mysql+pymysql://me:hush@127.0.0.1:1/atro"}
COMMANDS = [("job", "list"), ("job", "add", "ClearEntities"), ("cron",)]


@pytest.mark.parametrize("kind", [POSTGRESQL, pytest.param(MARIADB, marks=pytest.mark.proof)])
@pytest.mark.parametrize("words", COMMANDS)
def test_a_server_that_does_not_answer_is_one_line(tmp_path: Path, kind: str, words: tuple[str, ...]) -> None:
    done = Installation(tmp_path / "i", NOWHERE[kind]).console(*words)

    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert line.startswith("The database 'atro' on ")
    assert line.endswith("Is the server running, and are host and port in data/config.py right?")
    assert "hush" not in line


@pytest.mark.parametrize("kind", [POSTGRESQL, MARIADB])
def test_a_missing_database_is_one_line_also_for_check(tmp_path: Path, kind: str, servers: Servers) -> None:
    url = make_url(servers.url(kind)).set(database="no_such_thing").render_as_string(hide_password=False)
    installation = Installation(tmp_path / "i", url)

    done, checked = installation.console("job", "list"), installation.console("check")

    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.startswith("The database 'no_such_thing' on ")
    assert line.endswith("Create it, or name another one in data/config.py.")
    assert checked.returncode == 1
    assert f"Error: {line}" in checked.stderr


def test_the_settings_of_atrocore_lead_to_the_same_database(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "i")
    settings = {"driver": "pdo_pgsql", "host": "127.0.0.1", "port": 1, "dbname": "atro", "user": "me", "password": "x"}
    installation.write_config(database=settings)

    assert "'atro' on PostgreSQL at 127.0.0.1:1 cannot be reached" in installation.console("job", "list").stderr


@pytest.mark.parametrize(
    ("kind", "driver", "extra"), [(POSTGRESQL, "psycopg", "postgres"), (MARIADB, "pymysql", "mariadb")]
)
def test_a_driver_that_is_not_installed_is_named_with_its_extra(
    tmp_path: Path, kind: str, driver: str, extra: str
) -> None:
    (tmp_path / driver).mkdir()
    source = f"raise ModuleNotFoundError(\"No module named '{driver}'\", name='{driver}')\n"
    (tmp_path / driver / "__init__.py").write_text(source)

    done = Installation(tmp_path / "i", NOWHERE[kind]).console("job", "list", env={"PYTHONPATH": str(tmp_path)})

    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.endswith(f"is not installed ({driver}): pip install 'pyatro[{extra}]'")
