"""What is done to the processes of some installations, to their clocks and to their database."""

from __future__ import annotations

import random
import resource
import signal
import sqlite3
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
from sqlalchemy.exc import SQLAlchemyError

from benchmarks.chaos.database import Server
from core import clock
from core.job_manager.flags import KILL_FILE
from core.testing import Installation
from core.testing.processes import title_of

#: Which words of a command line tell what a process is. Jobs are in workers.
ROLES = {
    "daemon": "pyatro job-manager",
    "parent": "pyatro worker parent",
    "worker": "pyatro ",
    "cron": "console.py cron",
    "run by hand": "console.py job ",
    "enqueuer": "benchmarks.chaos.enqueuer",
}
_UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


class Violence:
    """Chooses by chance, and undoes later what has to be undone. `run_by_hand` takes a machine and the id of a job."""

    def __init__(
        self,
        machines: Sequence[Installation],
        server: Server | None,
        chance: random.Random,
        run_by_hand: Callable[[Installation, str], None],
    ) -> None:
        self._machines = machines
        self._server = server
        self._chance = chance
        self._by_hand = run_by_hand
        self._undone_at: list[tuple[float, Callable[[], None]]] = []
        self.done: Counter[str] = Counter()
        self._kinds: list[Callable[[], None]] = [*[self._kill] * 12, *[self._stop] * 3, *[self._limit] * 2]
        self._kinds += [self._step, self._kill_daemons, self._change_code, *[self._run_by_hand] * 2]
        self._kinds += [self._keep_database if server is None else self._end]

    def strike(self) -> None:
        """One act, of a kind that chance chooses."""
        self._undo(clock.monotonic())
        self._chance.choice(self._kinds)()

    def make_good(self) -> None:
        """Wake what sleeps, lift limits, start the server; the clock goes ahead, so that everything is due."""
        self._undo(float("inf"))
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.resume()
        self._lift_limits()
        for machine in self._machines:
            set_clock(machine, 120)

    # Kinds of violence

    def _kill(self) -> None:
        role = self._chance.choice([*ROLES, "daemon", "parent", "worker", "worker", "worker"])
        for victim in self._victims(role):
            self._count(f"kill -9 of a {role}")
            with suppress(psutil.NoSuchProcess):
                victim.kill()

    def _stop(self) -> None:
        """SIGSTOP, and late SIGCONT."""
        role = self._chance.choice(["daemon", "parent", "worker", "worker", "enqueuer"])
        seconds = self._chance.choice([0.2, 1.0, 4.0])
        for victim in self._victims(role):
            self._count(f"a {role} was stopped for a while")
            with suppress(psutil.NoSuchProcess):
                victim.suspend()
                self._later(seconds, lambda victim=victim: _resume(victim))

    def _limit(self) -> None:
        """No file may grow beyond some bytes: the disk is full, for one process."""
        role = self._chance.choice(["daemon", "worker", "enqueuer"])
        most_bytes, seconds = self._chance.choice([0, 200_000, 1_000_000]), self._chance.uniform(0.2, 2)
        for victim in self._victims(role):
            self._count(f"a {role} could write no more")
            with suppress(ProcessLookupError):
                resource.prlimit(victim.pid, resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))
            self._later(seconds, self._lift_limits)

    def _step(self) -> None:
        """Soon somebody sets it right, which is a step as well: what waits for a clock that is behind is not run."""
        self._count("a clock was set wrong")
        machine = self._one_machine()
        set_clock(machine, self._chance.uniform(-20, 20))
        self._later(self._chance.uniform(0, 5), lambda: set_clock(machine, 0))

    def _kill_daemons(self) -> None:
        self._count("kill daemons")
        (self._one_machine().root / KILL_FILE).touch()

    def _change_code(self) -> None:
        """The job manager loads everything anew."""
        self._count("the code was changed")
        with (self._one_machine().modules / "Chaos" / "Jobs" / "Marked.py").open("a") as file:
            file.write("# Changed.\n")

    def _run_by_hand(self) -> None:
        """A person runs one of the last jobs, whatever its state is; she may be killed as well."""
        with suppress(SQLAlchemyError, sqlite3.Error):
            machine = self._one_machine()
            found = machine.query("SELECT id FROM job WHERE fire_time IS NULL ORDER BY id DESC LIMIT 10")
            if found:
                self._count("a job was run by hand")
                self._by_hand(machine, self._chance.choice(found)["id"])

    def _keep_database(self) -> None:
        """Somebody keeps the SQLite file locked, past our turns to write."""
        self._count("the file was kept locked")
        stranger = self._one_machine().stranger()
        with suppress(Exception):  # it may be locked by others for long
            stranger.__enter__()
            self._later(self._chance.uniform(0.1, 2), lambda: stranger.__exit__(None, None, None))

    def _end(self) -> None:
        """The server goes away, and comes back."""
        server = self._server
        assert server is not None
        if any(undo == server.start for _, undo in self._undone_at):
            return  # it is away already
        if self._chance.random() < 0.5:
            self._count("kill -9 of the server")
            server.kill()
        else:
            self._count("the server was stopped")
            server.stop()
        self._later(self._chance.choice([0, 0.5, 3]), server.start)

    # Tools

    def _one_machine(self) -> Installation:
        return self._chance.choice(self._machines)

    def _processes(self) -> list[psutil.Process]:
        return [process for machine in self._machines for process in machine.processes()]

    def _victims(self, role: str) -> list[psutil.Process]:
        """One of them, or none; a parent's title is not to be taken for a worker's."""
        found = [each for each in self._processes() if role_of(title_of(each.pid)) == role]
        return [self._chance.choice(found)] if found else []

    def _later(self, seconds: float, undo: Callable[[], None]) -> None:
        self._undone_at.append((clock.monotonic() + seconds, undo))

    def _undo(self, now: float) -> None:
        due = [undo for moment, undo in self._undone_at if moment <= now]
        self._undone_at = [each for each in self._undone_at if each[0] > now]
        for undo in due:
            undo()

    def _lift_limits(self) -> None:
        # What was forked meanwhile inherited them.
        for process in self._processes():
            with suppress(ProcessLookupError):
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, _UNLIMITED)

    def _count(self, what: str) -> None:
        self.done[what] += 1


def role_of(title: str) -> str | None:
    """What a process is, by its command line."""
    return next((role for role, words in ROLES.items() if words in title), None)


def clock_file(installation: Installation) -> Path:
    """Where it stands by how many seconds the installation's clock is wrong."""
    return installation.data / "clock"


def set_clock(installation: Installation, seconds: float) -> None:
    """Let all processes' clocks be wrong by so much; eight bytes are written whole."""
    with clock_file(installation).open("r+b" if clock_file(installation).exists() else "wb") as file:
        file.write(struct.pack("d", seconds))


def _resume(victim: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        victim.send_signal(signal.SIGCONT)
