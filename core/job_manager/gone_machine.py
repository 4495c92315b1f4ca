"""A machine that is gone for good, and the jobs that its processes held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from core import clock
from core.container import Container
from core.exceptions import Conflict, NotFound, did_you_mean
from core.job_manager.job_output import append_to_job_log
from core.job_manager.machines import SILENT_SECONDS, Machine, look_at_machines
from core.job_manager.pause import new_pause
from core.job_queue.nodes import Nodes
from core.job_queue.queue import JobQueue
from core.job_queue.run import Outcome, not_completed
from core.job_queue.states import RUNNING
from core.log import logger
from core.orm.database_settings import clock_of


@dataclass(frozen=True, slots=True)
class LeftRun:
    """A job that the machine held, and what it becomes; a canceled one stays so, and is let go."""

    outcome: Outcome
    becomes: str

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        run = self.outcome.run
        return {"jobId": run.job_id, "type": run.type, "attempt": run.attempt, "becomes": self.becomes}


class GoneMachine:
    """Forgets a machine of which a person says that it will not come back.

    Its runs end as those of dead processes do, by the same guarded statements: should it come back all the same, its
    ends are refused, and its job manager ends what still runs.
    """

    def __init__(self, container: Container, root: Path, name: str) -> None:
        get = container.get
        self._database = get("connection")
        self._nodes = Nodes(self._database, get("schema"))
        self._own = get("jobQueue").node
        # As that machine would close its own: attempts and counters are to have its name.
        self._queue = JobQueue(*(self._database, get("schema"), get("announcer"), get("metadata")), node=name)
        self._root = root
        self._name = name

    def look(self) -> tuple[Machine, list[LeftRun]]:
        """The machine, and what would become of its jobs; nothing is changed.

        Raises NotFound where nobody knows the machine, Conflict where it lives.
        """
        return self._machine(), self._left()

    def forget(self) -> list[LeftRun]:
        """Close its runs or put them back into the queue; returns what became of them. Raises as `look` does."""
        with self._database.write() as connection:
            machine = self._machine()
            silent_since = (clock_of(connection) or clock.now()) - timedelta(seconds=SILENT_SECONDS)
            if not self._nodes.forget(connection, self._name, silent_since):
                raise _lives(machine)
            outcomes = self._queue.judge(connection, [each.outcome for each in self._left()])
            refused = self._queue.finish(connection, outcomes)
        self._queue.announce()
        logger.warning("The machine %s was forgotten: %s", self._name, self._reason)
        for outcome in outcomes:
            append_to_job_log(self._root, outcome.run.job_id, f"{outcome.message}\n")
        return _left_runs(outcomes, {outcome.run.job_id for outcome in refused})

    def _machine(self) -> Machine:
        machines = {each.name: each for each in look_at_machines(self._database, self._nodes)}
        found = machines.get(self._name)
        if found is None:
            known = f" Those that are known: {', '.join(machines)}." if machines else ""
            hint = did_you_mean(self._name, machines)
            raise NotFound(f"No machine '{self._name}' has worked on this database.{hint or known}")
        if self._name == self._own:
            raise Conflict(
                f'{self._name} is this machine: "python console.py cron" closes the runs of its dead processes.'
            )
        if found.silent_seconds is not None and not found.is_silent:
            raise _lives(found)
        return found

    def _left(self) -> list[LeftRun]:
        with self._database.read() as connection:
            held = self._queue.held_runs(connection)
        outcomes = [not_completed(each.run, self._reason) for each in held]
        return _left_runs(outcomes, {each.run.job_id for each in held if each.status != RUNNING})

    @property
    def _reason(self) -> str:
        return f"{new_pause(None).by} said that the machine {self._name} is gone for good."


def _left_runs(outcomes: Sequence[Outcome], let_go: set[str]) -> list[LeftRun]:
    return [LeftRun(each, "let go" if each.run.job_id in let_go else each.status) for each in outcomes]


def _lives(machine: Machine) -> Conflict:
    return Conflict(
        f"The machine {machine.name} lives: it was seen {machine.seen}. One can be forgotten that was not seen for "
        f"{SILENT_SECONDS:.0f} s. Stop its job manager first, and wait for its jobs or cancel them."
    )
