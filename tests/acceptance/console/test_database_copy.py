"""`database copy`: an installation moves from its SQLite file to a server, and works on there."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, make_url

from core.exceptions import DatabaseBusy
from core.orm import Database
from core.testing import Installation
from tests.databases import MARIADB, POSTGRESQL, SQLITE, Servers

# The copy itself is tried on each kind in tests/integration; here it is one that a person types.
SERVERS = (POSTGRESQL, pytest.param(MARIADB, marks=pytest.mark.proof))
_LOCK_SECONDS = 2


@pytest.fixture
def moving(installation: Installation) -> Installation:
    """On SQLite, with a job type and some jobs; who waits for a lock gives up soon."""
    installation.write_config(database={"lockTimeout": _LOCK_SECONDS})
    installation.add_job_type("Greet", "print('hello'); job.set('message', 'greeted')")
    with installation.application() as application:
        entities = application.container.get("entityManager")
        for number in range(3):
            job = entities.get_entity("Job")
            job.set({"type": "Greet", "name": f"Greeting {number}", "payload": {"to": "Jürgen 😀"}})
            entities.save_entity(job)
    return installation


@pytest.fixture(params=SERVERS)
def server_url(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[str]:
    with servers.new_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def postgres_url(servers: Servers, tmp_path: Path) -> Iterator[str]:
    with servers.new_database(POSTGRESQL, tmp_path) as url:
        yield url


def moved(installation: Installation, url: str) -> Installation:
    """The same installation, looked at where its data are now."""
    there = Installation(installation.root)
    there.database_url = url
    return there


def jobs(installation: Installation) -> list[dict[str, object]]:
    return json.loads(installation.console("job", "list", "--json").stdout)


def test_an_installation_moves_to_a_server_and_works_there(moving: Installation, server_url: str) -> None:
    before = jobs(moving)
    file = (moving.data / "atro.sqlite").read_bytes()

    copied = moving.console("database", "copy", server_url, "--switch")

    assert copied.returncode == 0, copied.stderr
    assert re.search(r"^job +3 +3 +same$", copied.stdout, re.MULTILINE)
    assert "All 3 rows are in both databases, with the same values" in copied.stdout
    assert (moving.data / "atro.sqlite").read_bytes() == file
    assert jobs(moving) == before
    assert "successfully" in moving.console("job", str(before[0]["id"]), "--run").stdout
    assert moved(moving, server_url).job(str(before[0]["id"]))["status"] == "Success"


@pytest.mark.proof
@pytest.mark.parametrize("server_url", [MARIADB, POSTGRESQL], indirect=True)
def test_an_installation_moves_back_to_a_file(moving: Installation, server_url: str) -> None:
    before = jobs(moving)
    moving.console("database", "copy", server_url, "--switch")

    copied = moving.console("database", "copy", "sqlite:///data/back.sqlite", "--switch")

    assert copied.returncode == 0, copied.stderr
    assert "sqlite:///data/back.sqlite" in (moving.data / "config.py").read_text()
    assert jobs(moving) == before


@pytest.mark.proof
def test_the_job_manager_runs_the_jobs_that_moved(moving: Installation, postgres_url: str) -> None:
    moving.console("database", "copy", postgres_url, "--switch")

    moving.start_job_manager()

    assert moving.console("job", "wait", "--timeout=20").returncode == 0
    found = moved(moving, postgres_url).query("SELECT status FROM job WHERE fire_time IS NULL")
    assert [row["status"] for row in found] == ["Success"] * 3
    moving.stop_job_manager()


@pytest.mark.proof
def test_without_switch_it_says_what_to_write_and_changes_nothing(moving: Installation, postgres_url: str) -> None:
    secret = make_url(postgres_url).set(password="geheim").render_as_string(hide_password=False)
    before = (moving.data / "config.py").read_text()

    copied = moving.console("database", "copy", secret)

    assert copied.returncode == 0, copied.stderr
    assert '"database": {"url": "postgresql+psycopg://' in copied.stdout
    assert ":***@" in copied.stdout
    assert "geheim" not in copied.stdout + copied.stderr + log_of(moving)
    assert (moving.data / "config.py").read_text() == before


def log_of(installation: Installation) -> str:
    log = installation.data / "logs" / "atro.log"
    return log.read_text() if log.exists() else ""


@pytest.mark.proof
def test_a_program_gives_the_address_on_standard_input_and_reads_json(moving: Installation, tmp_path: Path) -> None:
    copied = moving.console("database", "copy", "-", "--json", input=f"sqlite:///{tmp_path}/new.sqlite\n")

    document = json.loads(copied.stdout)
    tables = {table["table"]: table for table in document["tables"]}
    assert copied.returncode == 0
    assert document["isWhole"] is True
    assert tables["job"]["sourceRows"] == tables["job"]["targetRows"] == 3
    assert "Copying job: 0 of 3 rows\n" in copied.stderr
    assert "Comparing job: 0 of 3 rows\n" in copied.stderr


@pytest.mark.proof
def test_a_switch_keeps_the_other_settings(moving: Installation, tmp_path: Path) -> None:
    config = moving.data / "config.py"
    config.write_text(
        "config = {\n"
        "    # how we reach it\n"
        '    "database": {"url": "sqlite:///data/atro.sqlite", "lockTimeout": 1},  # seconds\n'
        '    "maxConcurrentWorkers": 5,\n'
        "}\n"
    )

    copied = moving.console("database", "copy", f"sqlite:///{tmp_path}/new.sqlite", "--switch")

    assert copied.returncode == 0, copied.stderr
    assert config.read_text() == (
        "config = {\n"
        "    # how we reach it\n"
        f'    "database": {{"url": "sqlite:///{tmp_path}/new.sqlite", "lockTimeout": 1}},  # seconds\n'
        '    "maxConcurrentWorkers": 5,\n'
        "}\n"
    )


@pytest.mark.proof
def test_who_waits_to_write_to_the_old_database_gives_up_before_the_end(moving: Installation, tmp_path: Path) -> None:
    command = [sys.executable, "console.py", "database", "copy", f"sqlite:///{tmp_path}/new.sqlite", "--switch"]
    with subprocess.Popen(command, cwd=moving.root, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stderr is not None
        assert any(line.startswith(b"Waiting") for line in process.stderr)

        old = Database(f"sqlite:///{moving.data}/atro.sqlite", lock_timeout_seconds=0)
        with closing(old), pytest.raises(DatabaseBusy), old.write():
            pytest.fail("the turn was given back too early")

    assert process.returncode == 0


@pytest.mark.proof
def test_an_address_from_the_environment_is_not_overwritten(moving: Installation, tmp_path: Path) -> None:
    (moving.data / "config.py").write_text(
        'import os\n\nconfig = {"database": {"url": os.environ.get("NO_SUCH", "sqlite:///data/atro.sqlite")}}\n'
    )

    copied = moving.console("database", "copy", f"sqlite:///{tmp_path}/new.sqlite", "--switch")

    assert copied.returncode == 1
    assert "could not be changed" in copied.stderr
    assert "All 3 rows are in both databases" in copied.stdout
    assert f'"database": {{"url": "sqlite:///{tmp_path}/new.sqlite"}}' in copied.stdout


def test_a_running_job_manager_is_refused(moving: Installation, tmp_path: Path) -> None:
    moving.start_job_manager()

    refused = moving.console("database", "copy", f"sqlite:///{tmp_path}/new.sqlite")

    assert refused.returncode == 1
    assert re.search(r"No job manager may run meanwhile \(process \d+\)", refused.stderr)
    assert "kill daemons" in refused.stderr
    moving.stop_job_manager()


@pytest.mark.proof
def test_the_job_manager_does_not_start_meanwhile(moving: Installation, tmp_path: Path) -> None:
    with moving.application() as application, application.container.get("jobManager").kept_out():
        assert moving.console("cron").returncode == 0
        assert not moving.has_daemon()

        refused = moving.console("database", "copy", f"sqlite:///{tmp_path}/new.sqlite")

    assert "another command keeps it out" in refused.stderr


@pytest.mark.proof
def test_a_running_job_is_refused(moving: Installation, tmp_path: Path) -> None:
    moving.add_job_type("Sleep", "import time; open('begun', 'w').close(); time.sleep(60)")
    job_id = moving.console("job", "add", "Sleep").stdout.strip()
    with subprocess.Popen(
        [sys.executable, "console.py", "job", job_id, "--run"], cwd=moving.root, stderr=subprocess.DEVNULL
    ) as runner:
        moving.wait_until((moving.root / "begun").exists)

        refused = moving.console("database", "copy", f"sqlite:///{tmp_path}/new.sqlite")

        runner.kill()
    assert refused.returncode == 1
    assert f"{job_id} Sleep, process {runner.pid} on local" in refused.stderr
    assert "job cancel <id>" in refused.stderr


@pytest.mark.proof
def test_the_job_of_a_dead_process_is_closed_before(moving: Installation, tmp_path: Path) -> None:
    job_id = jobs(moving)[0]["id"]
    moving.execute(
        "UPDATE job SET status = 'Running', attempt = 1, run_node = 'local', run_process = 'gone' WHERE id = ?",
        job_id,
    )

    copied = moving.console("database", "copy", f"sqlite:///{tmp_path}/new.sqlite", "--switch")

    assert copied.returncode == 0, copied.stderr
    row = moved(moving, f"sqlite:///{tmp_path}/new.sqlite").job(str(job_id))
    assert (row["status"], row["run_node"], row["run_process"]) == ("Failed", None, None)


@pytest.mark.proof
def test_rows_that_cannot_be_stored_are_named(moving: Installation, postgres_url: str) -> None:
    first, second = (str(job["id"]) for job in jobs(moving)[:2])
    moving.execute("UPDATE job SET name = 'a' || char(0) WHERE id = ?", first)
    moving.execute("UPDATE job SET attempt = 'often' WHERE id = ?", second)

    copied = moving.console("database", "copy", postgres_url, "--switch")

    assert copied.returncode == 1
    assert f"job '{first}': name holds a NUL character" in copied.stderr
    assert f"job '{second}': attempt holds 'often', which is no whole number" in copied.stderr
    assert "run the same command again" in copied.stderr
    assert re.search(r"^job +3 +1 +2 missing$", copied.stdout, re.MULTILINE)
    assert f"job '{second}'" in log_of(moving)
    assert postgres_url not in (moving.data / "config.py").read_text()


@pytest.mark.proof
def test_what_nothing_stands_for_has_to_be_left_behind_knowingly(moving: Installation, tmp_path: Path) -> None:
    moving.execute("ALTER TABLE job ADD COLUMN colour VARCHAR(20)")
    moving.execute("UPDATE job SET colour = 'red'")
    url = f"sqlite:///{tmp_path}/new.sqlite"

    refused = moving.console("database", "copy", url)
    copied = moving.console("database", "copy", url, "--leave-behind")

    assert refused.returncode == 1
    assert "the column colour of job (filled in 3 rows)" in refused.stderr
    assert "--leave-behind" in refused.stderr
    assert copied.returncode == 0
    assert "Left behind: the column colour of job (filled in 3 rows)." in copied.stderr


@pytest.mark.proof
def test_progress_is_a_bar_on_a_terminal(moving: Installation, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "console.py", "database", "copy", f"sqlite:///{tmp_path}/new.sqlite"],
        cwd=moving.root,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    ) as process:
        os.close(theirs)
        shown = read_all(ours)

    assert process.returncode == 0
    assert "Comparing" in shown
    assert "0/0" in shown or "3/3" in shown
    assert "Copying job: 0 of 3 rows" not in shown


def read_all(descriptor: int) -> str:
    pieces = []
    try:
        while piece := os.read(descriptor, 65536):
            pieces.append(piece)
    except OSError:  # how a terminal says that its other end is closed
        pass
    finally:
        os.close(descriptor)
    return b"".join(pieces).decode()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgre://localhost/atro", "begins with postgre://, which is not known. Did you mean 'postgresql'"),
        *(
            pytest.param(*case, marks=pytest.mark.proof)
            for case in [
                ("", "needs an address, such as"),
                ("postgresql://u:geheim@127.0.0.1:1/atro", "are host and port in the address given right?"),
                ("sqlite:///data/atro.sqlite", "is the very database that is to be copied"),
            ]
        ),
    ],
)
def test_a_wrong_address_is_said_in_a_sentence(moving: Installation, url: str, said: str) -> None:
    refused = moving.console("database", "copy", url)

    assert refused.returncode == 1
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "geheim" not in refused.stderr


@pytest.mark.proof
def test_a_missing_database_is_said_in_a_sentence(moving: Installation, postgres_url: str) -> None:
    missing = make_url(postgres_url).set(database="no_such_database").render_as_string(hide_password=False)

    refused = moving.console("database", "copy", missing)

    assert refused.returncode == 1
    assert "Create it, or name another one in the address given." in refused.stderr


@pytest.mark.proof
@pytest.mark.parametrize("kind", [POSTGRESQL, SQLITE, MARIADB])
def test_a_killed_copy_goes_on_where_it_was(moving: Installation, servers: Servers, tmp_path: Path, kind: str) -> None:
    add_jobs(moving, 6000)
    with servers.new_database(kind, tmp_path) as url:
        kill_a_copy(moving, url)
        assert 0 < count_of_jobs(url) <= 6003

        copied = moving.console("database", "copy", url, "--switch")

        assert copied.returncode == 0, copied.stderr
        assert "All 6003 rows are in both databases, with the same values" in copied.stdout
        assert moved(moving, url).query(_IDS) == moving.query(_IDS)


_IDS = "SELECT id FROM job ORDER BY id"


def add_jobs(installation: Installation, count: int) -> None:
    installation.execute(
        "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?) "
        "INSERT INTO job (id, name, type, status, execute_time, attempt, deleted) "
        "SELECT printf('%08d', n), 'Many', 'Greet', 'Success', '2026-11-23 10:20:30', 1, 0 FROM number",
        count,
    )


def kill_a_copy(moving: Installation, url: str) -> None:
    """Kill -9 as soon as rows have come; it has not compared them all by then."""
    with subprocess.Popen([sys.executable, "console.py", "database", "copy", url], cwd=moving.root) as process:
        moving.wait_until(lambda: count_of_jobs(url) > 0, 60, "no rows came")
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def count_of_jobs(url: str) -> int:
    with closing(Database(url)) as target, target.read() as connection:
        if not inspect(connection).has_table("job"):
            return 0
        return int(connection.exec_driver_sql("SELECT COUNT(*) FROM job").scalar_one())
