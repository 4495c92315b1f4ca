"""A job manager that runs, as the tests of this room see it."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from core.job_queue.states import ENDED
from core.testing import Installation

#: Every test of this room ends within it, on a machine that does other things too.
PATIENCE_SECONDS = 60.0

# The payload says what a job of this module does. `reach` tells the test how far it is, `wait_for` waits for the test.
SCRIPT = """\
import time
from pathlib import Path

from core.Entities import Job
from core.Jobs import AbstractJob, JobInterface

ROOT = Path(__file__).parents[3]


class Script(AbstractJob, JobInterface):
    def run(self, job: Job) -> None:
        def mark(name: str) -> Path:
            return ROOT / "data" / "marks" / f"{job.id}.{name}"

        def reach(name: str, text: object = "") -> None:
            draft = mark(f".{name}")
            draft.write_text(str(text))
            draft.replace(mark(name))

        def wait_for(name: str) -> None:
            deadline = time.monotonic() + 60
            while not mark(name).exists() and time.monotonic() < deadline:
                time.sleep(0.01)

        names = {"job": job, "handler": self, "root": ROOT, "reach": reach, "wait_for": wait_for}
        exec(compile(job.get_payload().get("code", ""), "script", "exec"), names)
"""

#: A job that goes on until `let(job_id, "end")`.
WAIT = "import os; reach('here', os.getpid()); wait_for('end')"
#: A job that nothing but SIGKILL ends, with a child process; `reached(job_id, "here")` is the child's pid.
DEAF = (
    "import signal, subprocess, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "reach('here', subprocess.Popen(['sleep', '600']).pid); time.sleep(60)"
)

#: All with the same handler.
JOB_TYPES: dict[str, dict[str, Any]] = {
    "Script": {},
    "Hasty": {"cancelGracePeriod": 0.6},
    "Calm": {"cancelGracePeriod": 3},
    "Twice": {"maxAttempts": 2},
    "Patient": {"maxAttempts": 2, "backoff": [0.3]},
    "Fragile": {"maxAttempts": 5, "poisonLimit": 2},
    "Deaf": {"maxAttempts": 2, "poisonLimit": 1, "timeout": 0.3, "cancelGracePeriod": 0.2},
    "Alone": {"isolation": "process"},
    "AloneTwice": {"isolation": "process", "maxAttempts": 2},
    "AloneHasty": {"isolation": "process", "cancelGracePeriod": 0.6},
    "Limited": {"timeout": 0.3, "cancelGracePeriod": 60},
    "LimitedLater": {"timeout": 3, "cancelGracePeriod": 60},
    "LimitedHasty": {"timeout": 0.3, "cancelGracePeriod": 0.5},
    "Small": {"maxMemory": 30, "cancelGracePeriod": 60},
    "SmallHasty": {"maxMemory": 30, "cancelGracePeriod": 0.5},
    "SmallTwice": {"maxMemory": 30, "maxAttempts": 2, "cancelGracePeriod": 60},
    "SmallAlone": {"maxMemory": 30, "isolation": "process", "cancelGracePeriod": 60},
}


def equip(installation: Installation) -> None:
    """Adds the module `Scripts` and the folder of the marks."""
    handler = {"handler": "\\Scripts\\Jobs\\Script"}
    job_types = {name: handler | settings for name, settings in JOB_TYPES.items()}
    installation.add_module("Scripts", {"Jobs/Script.py": SCRIPT, "Resources/metadata/app/jobTypes.json": job_types})
    (installation.data / "marks").mkdir()


class Manager:
    """An installation with the module `Scripts`, and short words for what tests do with it."""

    def __init__(self, installation: Installation, container: Any) -> None:
        self.installation = installation
        self.container = container
        self.entity_manager = container.get("entityManager")
        self.root: Path = installation.root

    def start(self) -> None:
        """Does what `cron` does, and waits until the daemon is at work. It takes no process that loads all anew."""
        with warnings.catch_warnings(action="ignore", category=ResourceWarning):  # it outlives who started it
            self.container.get("jobManager").start_if_needed()
        self.until(self.installation.has_daemon, "the job manager did not start")

    def be_at_rest(self, workers: int = 4) -> None:
        """Waits for the workers, and starts the daemon where the test has ended it: now, or in a moment."""

        def at_rest() -> bool:
            if not self.installation.has_daemon():  # one that is about to go has the lock still
                self.start()
            return len(self._idle_workers()) == workers

        self.until(at_rest, f"there are not {workers} workers at rest")

    def kill_daemon(self) -> None:
        """SIGKILL, and the lock is free for the next one."""
        daemon = self.process("job-manager")
        kill(daemon.pid)
        self.gone(daemon.pid)

    # Jobs

    def new(self, code: str = "", job_type: str = "Script", **values: Any) -> Any:
        """A job that is not saved yet."""
        job = self.entity_manager.get_entity("Job")
        job.set({"name": "script", "type": job_type, "payload": {"code": code}, **values})
        return job

    def add(self, code: str = "", job_type: str = "Script", **values: Any) -> str:
        """Saves a job."""
        job = self.new(code, job_type, **values)
        self.entity_manager.save_entity(job)
        return str(job.id)

    def run(self, code: str = "", job_type: str = "Script", **values: Any) -> dict[str, Any]:
        """Saves a job and waits until it is over; its row."""
        return self.ended(self.add(code, job_type, **values))

    def begin(self, code: str = "", job_type: str = "Script", **values: Any) -> str:
        """Saves a job that calls `reach("here")`, and waits until it has."""
        job_id = self.add(code, job_type, **values)
        self.reached(job_id, "here")
        return job_id

    def set_status(self, job_id: str, status: str) -> None:
        """Saves a job with another status, as a person does."""
        job = self.entity_manager.get_entity("Job", job_id)
        job.set("status", status)
        self.entity_manager.save_entity(job)

    def execute(self, statement: str, *parameters: object) -> None:
        """Bare SQL, of which nobody tells the job manager."""
        self.installation.execute(statement, *parameters)

    @property
    def node(self) -> str:
        """Under which name this machine's runs stand in the database."""
        return str(self.container.get("jobQueue").node)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Somebody has locked the jobs that there are."""
        with self.installation.stranger() as execute:
            if self.installation.is_on_server:
                execute("SELECT id FROM job FOR UPDATE")
            yield

    def insert(self, job_id: str, **columns: object) -> None:
        """A row that bare SQL writes; the job manager is told to look."""
        row = {"id": job_id, "type": "Script", "execute_time": "2020-01-01 00:00:00", **columns}
        self.execute(f"INSERT INTO job ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", *row.values())
        self.container.get("announcer").announce()

    # Waiting

    def until(self, predicate: Callable[[], Any], message: str = "it did not happen") -> Any:
        """The predicate's first true answer."""
        try:
            return self.installation.wait_until(predicate, PATIENCE_SECONDS, message)
        except TimeoutError as error:
            error.add_note(self._what_was_said())
            raise

    def ended(self, job_id: str) -> dict[str, Any]:
        """The row, once the job is over and no process holds it."""

        def row() -> dict[str, Any] | None:
            found = self.row(job_id)
            return found if found["status"] in ENDED and found["run_process"] is None else None

        try:
            return self.until(row)
        except TimeoutError as error:
            error.add_note(f"{self.row(job_id)}\n{self.log(job_id)}")
            raise

    def running(self, job_id: str) -> dict[str, Any]:
        """The row, once the job is Running."""
        return self.until(lambda: (row := self.row(job_id))["status"] == "Running" and row, f"{job_id} does not run")

    def reached(self, job_id: str, name: str) -> str:
        """The text with which the job called `reach(name)`."""
        mark = self._mark(job_id, name)
        self.until(mark.exists, f"the job did not reach '{name}': {self.row(job_id)}")
        return mark.read_text()

    def let(self, job_id: str, name: str) -> None:
        """Lets the job go on that called `wait_for(name)`."""
        self._mark(job_id, name).touch()

    def gone(self, *pids: int | str) -> None:
        """Waits until the processes are no more."""
        for pid in pids:
            self.until(lambda pid=pid: not is_running(int(pid)), f"process {pid} goes on")

    # Looking

    def row(self, job_id: str) -> dict[str, Any]:
        """The row as it is now."""
        return self.installation.job(job_id)

    def log(self, job_id: str) -> str | None:
        """What the job printed and logged; None where it has no log."""
        path = self.installation.data / "logs" / "jobs" / f"{job_id}.log"
        return path.read_text() if path.exists() else None

    def main_log(self) -> str:
        """The log of the installation."""
        path = self.installation.data / "logs" / "atro.log"
        return path.read_text() if path.exists() else ""

    def processes(self, role: str) -> list[psutil.Process]:
        """The `job-manager`, the `worker parent`, or each `worker` (at rest) of this installation."""
        title = f"pyatro {role} "
        return [process for process in self.installation.processes() if title_of(process).startswith(title)]

    def process(self, role: str) -> psutil.Process:
        """The only one, once it is there."""
        found: list[psutil.Process] = self.until(lambda: len(p := self.processes(role)) == 1 and p, f"not one {role}")
        return found[0]

    def idle_workers(self, count: int = 4) -> list[psutil.Process]:
        """The workers, once there are so many at rest."""

        return self.until(
            lambda: len(found := self._idle_workers()) == count and found, f"there are not {count} workers at rest"
        )

    def _idle_workers(self) -> list[psutil.Process]:
        return [worker for worker in self.processes("worker") if "worker parent" not in title_of(worker)]

    def _what_was_said(self) -> str:
        logs = [self.installation.data / "logs" / name for name in ("atro.log", "job-manager.log")]
        titles = [f"{process.pid} {title_of(process)}" for process in self.installation.processes()]
        return "\n".join([*titles, *(log.read_text()[-2000:] for log in logs if log.exists())])

    def _mark(self, job_id: str, name: str) -> Path:
        return self.installation.data / "marks" / f"{job_id}.{name}"


def title_of(process: psutil.Process) -> str:
    """The process's title, as `ps` shows it."""
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


def is_running(pid: int) -> bool:
    """Whether the process does something or has a lock; one that nobody has waited for yet does not."""
    try:
        process = psutil.Process(pid)
        # Its first thread may be gone a moment before the others, with which its files are closed.
        return process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1
    except psutil.NoSuchProcess:
        return False


def kill(pid: int) -> None:
    """SIGKILL."""
    os.kill(pid, signal.SIGKILL)
