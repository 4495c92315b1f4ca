"""`python -m benchmarks chaos --minutes 5 --db postgres --seed 7`; exit status 1 if anything happened that must not."""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from benchmarks.chaos.database import KINDS, Server, database
from benchmarks.chaos.enqueuer import ENOUGH
from benchmarks.chaos.journal import Journal
from benchmarks.chaos.reconciliation import Reconciliation
from benchmarks.chaos.violence import Violence, set_clock
from core import clock
from core.testing import Installation

MODULE = Path(__file__).parent / "Chaos"
REPOSITORY = Path(__file__).parents[2]
MAX_ATTEMPTS = {"Marked": 3, "MarkedOnce": 1, "MarkedLater": 4, "MarkedAlone": 2}
#: Machines that share a server, each with a job manager of its own; on SQLite there is one.
MACHINES = ("first", "second")
ENQUEUERS = 3
WORKERS = 4
RUNS_PER_WORKER = 50
#: While so many wait no more are saved: the end is not to be waited for long.
MOST_WAITING = 150
DRAINING_SECONDS = 120
WARMING_UP_SECONDS = 120
# Most pauses are short; in the longer ones a job manager comes up and works.
_LONGEST_PEACE_SECONDS = 3
_CRON_SECONDS = 1.0
_MOST_COMMANDS = 6
_SHOWN = 5
WAITING = "SELECT count(*) AS n FROM job WHERE status = 'Pending' AND fire_time IS NULL"
UNFINISHED = """
    SELECT id FROM job
    WHERE fire_time IS NULL AND (status IN ('Pending', 'Running', 'Awaiting') OR run_process IS NOT NULL)
    LIMIT 1
"""


class Chaos:
    """One run: jobs are made and run while everything dies; at the end all that live may finish their work.

    The machines share a database, and a journal.
    """

    def __init__(self, machines: Sequence[Installation], server: Server | None, seed: int) -> None:
        self._machines = machines
        self._first = machines[0]
        self._chance = random.Random(seed)
        self._seed = seed
        self._enqueued = 0
        self._enqueuers: list[subprocess.Popen[bytes]] = []
        #: `cron`, and runs by hand.
        self._commands: list[subprocess.Popen[bytes]] = []
        self._cron_at = 0.0
        self.violence = Violence(machines, server, self._chance, self._run_by_hand)

    def rage(self, seconds: float) -> None:
        """Make jobs, keep `cron` coming, and strike: from when the first job has run."""
        self._first.wait_until(self._is_at_work, WARMING_UP_SECONDS, "no job ran, so there is nothing to disturb")
        over_at = clock.monotonic() + seconds
        while clock.monotonic() < over_at:
            self._keep_going()
            time.sleep(_LONGEST_PEACE_SECONDS * self._chance.random() ** 2)
            self.violence.strike()

    def calm_down(self) -> bool:
        """No more jobs and no more violence; says whether everything ended within two minutes, with `cron` running."""
        self.violence.make_good()
        self._end_enqueuers()
        over_at = clock.monotonic() + DRAINING_SECONDS
        while self._is_unfinished():
            if clock.monotonic() > over_at:
                return False
            self._call_cron()
            time.sleep(0.1)
        return True

    def reconcile(self) -> Reconciliation:
        """Hold each job against the journal."""
        jobs = self._first.query("SELECT * FROM job WHERE fire_time IS NULL")
        attempts = self._first.query("SELECT job_id, attempt FROM job_attempt")
        return Reconciliation.of(
            Journal.read(self._first.data / "journal"),
            {row["id"]: row for row in jobs},
            [(row["job_id"], row["attempt"]) for row in attempts],
            MAX_ATTEMPTS,
        )

    def close(self) -> None:
        """End what it started."""
        for process in (*self._enqueuers, *self._commands):
            process.kill()
            process.wait()

    def _is_at_work(self) -> bool:
        self._keep_going()
        return bool(Journal.read(self._first.data / "journal").runs)

    def _keep_going(self) -> None:
        self._enqueuers = [process for process in self._enqueuers if process.poll() is None]
        while len(self._enqueuers) < ENQUEUERS:
            self._enqueued += 1
            root = self._machines[self._enqueued % len(self._machines)].root
            words = ["-m", "benchmarks.chaos.enqueuer", str(root), f"{self._seed}.{self._enqueued}"]
            self._enqueuers.append(self._start(words))
        self._call_cron()
        try:
            waiting = self._first.query(WAITING)[0]["n"]
        except SQLAlchemyError:  # the server is away
            return
        for machine in self._machines:
            enough = machine.root / ENOUGH
            if waiting > MOST_WAITING:
                enough.touch()
            else:
                enough.unlink(missing_ok=True)

    def _call_cron(self) -> None:
        self._commands = [process for process in self._commands if process.poll() is None]
        # On a machine that is too busy even to begin them, calls are not to pile up.
        if clock.monotonic() >= self._cron_at and len(self._commands) < _MOST_COMMANDS:
            self._cron_at = clock.monotonic() + _CRON_SECONDS
            self._commands += [self._console(machine, "cron") for machine in self._machines]

    def _run_by_hand(self, machine: Installation, job_id: str) -> None:
        with (machine.data / "journal" / "by-hand").open("a") as journal:
            journal.write(f"by-hand {job_id}\n")
        self._commands.append(self._console(machine, "job", job_id, "--run"))

    def _console(self, machine: Installation, *words: str) -> subprocess.Popen[bytes]:
        return self._start([str(machine.root / "console.py"), *words])

    def _start(self, words: list[str]) -> subprocess.Popen[bytes]:
        with (self._first.data / "chaos.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *words], cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _end_enqueuers(self) -> None:
        for process in self._enqueuers:
            process.kill()
            process.wait()

    def _is_unfinished(self) -> bool:
        return bool(self._first.query(UNFINISHED))


def main(words: list[str]) -> int:
    """Run as the command line says; returns the exit status."""
    options = parser().parse_args(words)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"chaos: {options.minutes:g} minutes on {options.db}, seed {seed}", flush=True)
    with database(options.db) as (address, server), tempfile.TemporaryDirectory(dir=options.folder) as place:
        names = MACHINES if server is not None else MACHINES[:1]
        machines = [Installation(Path(place) / name, address) for name in names]
        for machine in machines:
            prepare(machine, machines[0])
        chaos = Chaos(machines, server, seed)
        try:
            chaos.rage(60 * options.minutes)
            chaos.calm_down()
            found = chaos.reconcile()
            report(chaos, found)
        finally:
            chaos.close()
            for machine in machines:
                machine.kill_everything()
        if not found.is_clean and options.keep:
            for machine in machines:
                shutil.copytree(machine.root, options.keep / machine.root.name, dirs_exist_ok=True)
            print(f"What is left was copied to {options.keep}.")
    return 0 if found.is_clean else 1


def prepare(installation: Installation, first: Installation) -> None:
    """An installation with the module Chaos, whose tables are there; the journal is that of the first."""
    set_clock(installation, 0)
    shutil.copytree(MODULE, installation.modules / "Chaos")
    if installation is first:
        (installation.data / "journal").mkdir()
        (installation.data / "runs").touch()
    else:
        for name in ("journal", "runs"):
            (installation.data / name).symlink_to(first.data / name)
    settings = {"url": installation.database_url} if installation.database_url else {}
    installation.write_config(
        maxConcurrentWorkers=WORKERS, maxRunsPerWorker=RUNS_PER_WORKER, database={**settings, "synchronous": "FULL"}
    )
    finished = installation.console("rebuild", timeout=120)
    if finished.returncode != 0:
        raise SystemExit(f"The installation could not be made:\n{finished.stdout}{finished.stderr}")


def report(chaos: Chaos, found: Reconciliation) -> None:
    """What was done, and what came of it."""
    for what, count in sorted(chaos.violence.done.items()):
        print(f"  {what:<32}{count:>8,}")
    for line in found.lines():
        print(line)
    for name in ("lost", "twice_at_one_time", "too_often", "stuck", "untrue"):
        for job_id in sorted(getattr(found, name))[:_SHOWN]:
            print(f"{name}: {job_id}")
    print("Nothing was lost, and nothing ran twice." if found.is_clean else "FAILED: see above.")


def parser() -> argparse.ArgumentParser:
    """What the command line may say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long everything is killed; 5")
    parser.add_argument("--db", choices=KINDS, default="sqlite", help="a server is started, and killed, by the run")
    parser.add_argument("--seed", type=int, help="what chance does; without it another one each time")
    parser.add_argument("--folder", type=Path, help="where the installation is made; the system's temporary folder")
    parser.add_argument("--keep", type=Path, help="where the installation is copied to if anything was wrong")
    return parser
