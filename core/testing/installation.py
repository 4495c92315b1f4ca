"""A whole installation in a folder of its own, driven as a person drives it."""

from __future__ import annotations

import json
import os
import pprint
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import psutil

import core
from core import clock
from core.config.database_url import SQLITE_FILE, with_driver
from core.job_manager.daemon_lock import DaemonLock
from core.job_manager.flags import KILL_FILE
from core.job_queue.announcement import Announcer
from core.testing.processes import processes_of, title_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from core.application import Application

T = TypeVar("T")

# What takes long is looked at less often, as looking takes time from those who are waited for.
_SHORTEST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.005, 0.05

REPOSITORY = Path(core.__file__).parent.parent

CONSOLE = """\
import sys
from pathlib import Path

from core.__main__ import main

sys.exit(main([str(Path(__file__).absolute().parent), *sys.argv[1:]]))
"""

JOB_CLASS = """\
from core.Entities import Job
from core.Jobs import AbstractJob, JobInterface


class {name}(AbstractJob, JobInterface):
    def run(self, job: Job) -> None:
{body}
"""


def run_program(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    input: str | None,  # noqa: A002 - named as in subprocess.run
    timeout: float,
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end; `input` is its standard input. Raises subprocess.TimeoutExpired."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=env,
        input=input or "",  # never that of the terminal
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


class Installation:
    """A folder with `console.py`, `modules/` and `data/`: fill it, run it, and look at it from outside.

    It runs on a SQLite file in `data/`, or on the (empty) database of `database_url`.
    """

    #: Runs a Python script to its end. Many tests start thousands: something quicker may stand in its place.
    run_program: ClassVar[Callable[..., subprocess.CompletedProcess[str]]] = staticmethod(run_program)

    def __init__(self, root: Path, database_url: str | None = None) -> None:
        self.root = root.resolve()
        self.database_url = database_url
        for folder in (self.modules, self.data):
            folder.mkdir(parents=True, exist_ok=True)
        original = REPOSITORY / "console.py"
        if original.exists():
            shutil.copy(original, self.root / "console.py")
        else:  # core came as a package, without the repository around it
            (self.root / "console.py").write_text(CONSOLE)
        if database_url is not None:
            self.write_config()

    @property
    def modules(self) -> Path:
        """The folder of the modules."""
        return self.root / "modules"

    @property
    def data(self) -> Path:
        """The folder of what comes into being at run time."""
        return self.root / "data"

    @property
    def is_on_server(self) -> bool:
        """Whether the database is on a server."""
        return self._servers is not None

    # What is in it

    def add_module(self, name: str, files: Mapping[str, str | dict[str, Any]] | None = None) -> Path:
        """Writes `modules/<name>/` and answers its path; `files` maps relative paths to text, or to a dict for JSON."""
        folder = self.modules / name
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in (files or {}).items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(content) if isinstance(content, str) else json.dumps(content, indent=4))
            make_older(file)
        return folder

    def add_job_type(self, name: str, body: str, **settings: Any) -> Path:
        """Writes the module `<name>Module` with one job type; `body` is the body of `run(self, job)`.

        `settings` are further keys of its entry in `jobTypes.json` (`maxAttempts=3`). Answers the module's path.
        """
        module = f"{name}Module"
        handler = f"\\{module}\\Jobs\\{name}"
        source = JOB_CLASS.format(name=name, body=textwrap.indent(textwrap.dedent(body).strip("\n"), " " * 8))
        return self.add_module(
            module,
            {
                f"Jobs/{name}.py": source,
                "Resources/metadata/app/jobTypes.json": {name: {"handler": handler, **settings}},
            },
        )

    def write_config(self, **settings: Any) -> Path:
        """Writes `data/config.py` with exactly these settings and the database's address, at once and whole."""
        if self.database_url is not None:
            settings["database"] = {"url": self.database_url, **settings.get("database", {})}
        file = self.data / "config.py"
        draft = self.data / "config.py.draft"
        draft.write_text(f"config = {pprint.pformat(settings, sort_dicts=False)}\n")
        return draft.replace(file)

    # Running it

    def console(
        self,
        *words: str,
        timeout: float = 30,
        input: str | None = None,  # noqa: A002 - named as in subprocess.run
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs `python console.py <words>` to its end, within `timeout` seconds; `env` is added to our environment."""
        command = [sys.executable, str(self.root / "console.py"), *words]
        # What is set for Python itself (PYTHONPATH) takes a Python that starts.
        run = self.run_program if env is None else run_program
        return run(command, cwd=self.root, env={**os.environ, **(env or {})}, input=input, timeout=timeout)

    @contextmanager
    def application(self) -> Iterator[Application]:
        """The application of this folder in our own process, closed at the end."""
        from core.application import Application  # heavy: most users of this room stay outside of the process

        with Application(self.root) as application:
            yield application

    def start_job_manager(self, timeout: float = 30) -> None:
        """Runs `cron` and waits until the daemon is at work; TimeoutError after `timeout` seconds."""
        finished = self.console("cron", timeout=timeout)
        if finished.returncode != 0:
            raise RuntimeError(f"cron ended with {finished.returncode}:\n{finished.stdout}{finished.stderr}")
        self.wait_until(self.has_daemon, timeout, "the job manager did not start")

    def stop_job_manager(self, timeout: float = 30) -> None:
        """Does what `kill daemons` does, and waits until all processes are gone, jobs that run included.

        TimeoutError after `timeout` seconds.
        """
        if not self.processes():
            return
        (self.root / KILL_FILE).touch()
        with closing(Announcer(self.root)) as announcer:
            announcer.announce()
        self.wait_until(lambda: not self.processes(), timeout, "the job manager did not stop")

    def kill_everything(self, timeout: float = 30) -> None:
        """Kills every process of this folder, and those that they start meanwhile, until none is left."""

        def none_left() -> bool:
            found = self.processes()
            for process in found:
                try:
                    process.kill()  # psutil compares the start time: a pid that was given away is not touched
                except psutil.NoSuchProcess:
                    continue
            return not found

        self.wait_until(none_left, timeout, "some processes could not be killed")

    # Looking at it from outside

    def has_daemon(self) -> bool:
        """Whether a job manager is at work here: it has given itself its title."""
        holder = DaemonLock(self.root).holder()
        return holder is not None and title_of(holder.process.pid).startswith("pyatro job-manager")

    def processes(self) -> list[psutil.Process]:
        """Living processes with this folder in their command line or as their working directory, and their children."""
        return processes_of(self.root)

    def query(self, statement: str, *parameters: object) -> list[dict[str, Any]]:
        """Rows of the database, read on a connection of its own, as the driver gives them. A parameter is `?`."""
        if self._servers is None:
            with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=30)) as connection:
                connection.row_factory = sqlite3.Row
                return [dict(row) for row in connection.execute(statement, parameters)]
        with self._servers.connect() as connection:
            return [dict(row) for row in connection.exec_driver_sql(*_for_server(statement, parameters)).mappings()]

    def execute(self, statement: str, *parameters: object) -> None:
        """Bare SQL, past everything of ours. A parameter is `?`."""
        if self._servers is None:
            with closing(sqlite3.connect(self._file, timeout=30)) as file, file:
                file.execute(statement, parameters)
            return
        with self._servers.connect() as connection:
            connection.exec_driver_sql(*_for_server(statement, parameters))

    @contextmanager
    def stranger(self) -> Iterator[Callable[[str], object]]:
        """A transaction of somebody else, which is rolled back at the end; answers what runs a statement in it."""
        if self._servers is None:
            with closing(sqlite3.connect(self._file, isolation_level=None)) as file:
                file.execute("BEGIN IMMEDIATE")
                yield file.execute
            return
        with self._servers.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection.exec_driver_sql
            connection.exec_driver_sql("ROLLBACK")

    @cached_property
    def _servers(self) -> Engine | None:
        """What connects to a server; None where the database is a file."""
        url = with_driver(self.database_url or SQLITE_FILE)
        if url.startswith(SQLITE_FILE):
            return None
        from sqlalchemy import NullPool, create_engine, make_url  # heavy: on SQLite this room stays outside of it

        # Else PyMySQL loads all certificates, which on a socket serve nobody: 25 ms a connection.
        options = {"ssl_disabled": True} if "unix_socket" in make_url(url).query else {}
        return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=options)

    @property
    def _file(self) -> Path:
        path = (self.database_url or "").removeprefix(SQLITE_FILE)
        return self.root / path if path else self.data / "atro.sqlite"

    def job(self, job_id: str) -> dict[str, Any]:
        """The Job row as it is now, with the table's column names; LookupError if there is none."""
        rows = self.query("SELECT * FROM job WHERE id = ?", job_id)
        if not rows:
            raise LookupError(f"There is no job {job_id} in {self.root}.")
        return rows[0]

    @staticmethod
    def wait_until(predicate: Callable[[], T], timeout: float = 30, message: str = "it did not happen") -> T:
        """The predicate's first true answer; TimeoutError with the message after `timeout` seconds."""
        deadline = clock.monotonic() + timeout
        pause = _SHORTEST_PAUSE_SECONDS
        while not (answer := predicate()):
            if clock.monotonic() > deadline:
                raise TimeoutError(f"After {timeout:g} s: {message}.")
            time.sleep(pause)
            pause = min(pause * 1.2, _LONGEST_PAUSE_SECONDS)
        return answer


def _for_server(statement: str, parameters: tuple[object, ...]) -> tuple[str, tuple[object, ...]]:
    """The statement as drivers of servers take it."""
    return (statement.replace("%", "%%").replace("?", "%s"), parameters) if parameters else (statement, ())


def make_older(file: Path, seconds: float = 10) -> None:
    """Dates a file back, so that the metadata cache trusts it at once: it waits two seconds for a new file."""
    moment = clock.now().timestamp() - seconds
    os.utime(file, (moment, moment))
