"""What may be done to the queue of jobs, step by step: to the real one, and to its model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.exceptions import BadRequest, Conflict, NotFound
from core.job_queue.candidate import Candidate
from core.job_queue.pause import EVERYTHING, Pause
from core.job_queue.run import Cause, Outcome, Run, not_completed
from core.testing import Installation
from tests.conformance.conftest import Queue
from tests.conformance.queue_model import JOB_TYPES, CandidateSeen, JobSeen, QueueModel
from tests.conformance.simulated_clock import SimulatedClock

BEGIN = datetime(2027, 1, 1, tzinfo=UTC)
STEPS = 80
MOST_JOBS = 2
ENDS = {
    "success": {"is_success": True},
    "failure": {"is_success": False, "message": "no"},
    "discarded": {"is_success": False, "message": "no", "cause": Cause(is_discarded=True)},
    "later": {"is_success": False, "message": "no", "cause": Cause(retry_in_seconds=5.0)},
    "crash": {"is_success": False, "message": "no", "cause": Cause(is_crash=True)},
}
TYPES = st.sampled_from(sorted(JOB_TYPES))
STATUSES = st.sampled_from(["Canceled", "Pending"])
CLAIMERS = st.sampled_from([1, 2])
JOBS = st.integers(0, MOST_JOBS - 1)
#: 0 is the last run, 1 the one before it.
RECENT = st.sampled_from([0, 0, 1, 1, 2, 3])


def equip(installation: Installation) -> None:
    """The model's job types. Nothing here loses power: no commit waits for the disk."""
    job_types = {
        name: {"maxAttempts": most, "poisonLimit": limit, **({"backoff": {"seconds": pause}} if pause else {})}
        for name, (most, limit, pause) in JOB_TYPES.items()
    }
    installation.add_module("Models", {"Resources/metadata/app/jobTypes.json": job_types})
    installation.write_config(database={"synchronous": "NORMAL"})


class Machine(RuleBasedStateMachine):
    """Two claimers, each with what it read some time ago; processes that run jobs, die, and report late; persons.

    There are few jobs, of the runs the last ones are meant, and what can do nothing is not tried: much happens to each.
    """

    def __init__(self, queue: Queue, clock: SimulatedClock, done: Counter[str]) -> None:
        super().__init__()
        self.queue = queue
        self.clock = clock
        #: How often what was done.
        self.done = done
        self.model = QueueModel()
        #: claimer -> what it has read ahead, really and in the model.
        self.read_ahead: dict[int, list[tuple[Candidate, CandidateSeen]]] = {1: [], 2: []}
        #: What each claimer found held by dead processes.
        self.found_dead: dict[int, list[Run]] = {1: [], 2: []}
        #: What persons have on their screens, and the status that they saw.
        self.screens: list[tuple[Any, str]] = []
        self.runs: list[Run] = []
        #: The processes that are in a job's code.
        self.alive: dict[str, Run] = {}
        self.processes = 0
        self.steps = 0

    @initialize(job_types=st.lists(TYPES, min_size=MOST_JOBS, max_size=MOST_JOBS))
    def begin(self, job_types: list[str]) -> None:
        """Some jobs wait."""
        for job_type in job_types:
            self._add(job_type, 1.0, self.clock.now(), "Pending")

    # Claimers

    @precondition(lambda self: len(self.model.jobs) < MOST_JOBS)
    @rule(
        job_type=TYPES,
        priority=st.sampled_from([1.0, 2.0]),
        seconds=st.sampled_from([0, 0, -10, 20]),
        status=st.sampled_from(["Pending"] * 3 + ["Awaiting"]),
    )
    def enqueue(self, job_type: str, priority: float, seconds: int, status: str) -> None:
        """For now or another time, or not to be run yet."""
        self._add(job_type, priority, self.clock.now() + timedelta(seconds=seconds), status)

    @rule(claimer=CLAIMERS)
    def read(self, claimer: int) -> None:
        """Candidates come in the right order."""
        seen = self.model.candidates(self.clock.now())
        found = self.queue.candidates(100)
        assert [each.job_id for each in found] == [each.job_id for each in seen]
        self.read_ahead[claimer] = list(zip(found, seen, strict=True))

    @precondition(lambda self: any(self.read_ahead.values()))
    @rule(claimer=CLAIMERS, most=st.integers(1, MOST_JOBS))
    def claim(self, claimer: int, most: int) -> None:
        """Those that are still as they were read are started, and no others."""
        taken, self.read_ahead[claimer] = self.read_ahead[claimer][:most], self.read_ahead[claimer][most:]
        claims = [(candidate, candidate.run_by(self._new_process(), 1)) for candidate, _ in taken]
        expected = [run for (_, run), (_, seen) in zip(claims, taken, strict=True) if self.model.may_start(seen)]
        with self.queue.database.write() as connection:
            started = [run for run, _ in self.queue.queue.start(connection, claims)]
        assert started == expected
        for run in started:
            self.model.start(run.job_id, run.process)
            self._begin(run)

    @rule(claimer=CLAIMERS)
    def read_and_claim(self, claimer: int) -> None:
        """At once."""
        self.read(claimer)
        self.claim(claimer, MOST_JOBS)

    @rule(claimer=CLAIMERS, what=st.sampled_from([EVERYTHING, *sorted(JOB_TYPES)]))
    def read_during_a_pause(self, claimer: int, what: str) -> None:
        """What is paused is not read; what was read before may still start."""
        with self.queue.database.write() as connection:
            self.queue.queue.states.pause(connection, what, Pause("somebody", self.clock.now(), None))
        self.model.paused = what
        self.read(claimer)
        with self.queue.database.write() as connection:
            assert self.queue.queue.states.resume(connection, what)
        self.model.paused = None

    @rule(claimer=CLAIMERS)
    def look_for_the_dead(self, claimer: int) -> None:
        """A manager reads which rows are held, and remembers those whose processes are gone."""
        with self.queue.database.read() as connection:
            held = self.queue.queue.held_runs(connection)
            interrupted = self.queue.queue.interrupted(connection)
        holders = [job for job in self.model.jobs.values() if job.process is not None]
        assert {(run.run.job_id, run.run.process, run.status) for run in held} == {
            (job.id, job.process, job.status) for job in holders
        }
        assert interrupted == {(job.id, job.attempt) for job in holders if job.status != "Running"}
        self.found_dead[claimer] = [each.run for each in held if each.run.process not in self.alive]

    @precondition(lambda self: any(self.found_dead.values()))
    @rule(claimer=CLAIMERS, is_crash=st.booleans())
    def rescue(self, claimer: int, is_crash: bool) -> None:
        """It closes them, though much may have happened since it looked."""
        dead, self.found_dead[claimer] = self.found_dead[claimer], []
        self._finish([not_completed(run, "It is gone.", is_crash=is_crash) for run in dead])

    # Processes

    @rule(claimer=CLAIMERS, back=RECENT, how=st.sampled_from(sorted(ENDS)))
    def work(self, claimer: int, back: int, how: str) -> None:
        """As it mostly is: what is due is started, and ends."""
        self.read_and_claim(claimer)
        if self.alive:
            self._finish([self._outcome(self._at_work(back), how)])

    @rule(claimer=CLAIMERS, back=RECENT, is_crash=st.booleans())
    def work_and_die(self, claimer: int, back: int, is_crash: bool) -> None:
        """Another manager finds it."""
        self.read_and_claim(claimer)
        if self.alive:
            self.die(back)
        self.look_for_the_dead(3 - claimer)
        self.rescue(3 - claimer, is_crash)

    @rule(claimer=CLAIMERS, back=RECENT)
    def start_in_vain(self, claimer: int, back: int) -> None:
        """It is taken back before its process knows of it."""
        self.read_and_claim(claimer)
        if self.alive:
            self.take_back(back)

    @precondition(lambda self: self.runs)
    @rule(back=RECENT, how=st.sampled_from(sorted(ENDS)))
    def finish(self, back: int, how: str) -> None:
        """Also once more, and long after somebody else has closed it."""
        run = self._recent(back)
        self._finish([self._outcome(run, how)])

    @precondition(lambda self: self.runs)
    @rule(hows=st.tuples(*[st.sampled_from(["success", "failure"])] * 3))
    def finish_together(self, hows: tuple[str, ...]) -> None:
        """In one transaction those that come too late do no harm to the others."""
        runs = {run.job_id: run for run in self.runs[-3:]}.values()
        self._finish([self._outcome(run, how) for run, how in zip(runs, hows, strict=False)])

    @precondition(lambda self: self.alive)
    @rule(back=RECENT)
    def die(self, back: int) -> None:
        """Nobody says how it ended."""
        self.alive.pop(self._at_work(back).process)

    @precondition(lambda self: self.runs)
    @rule(back=RECENT, number=st.integers(1, 9))
    def report(self, back: int, number: int) -> None:
        """A run that is over reports and stores in vain."""
        run = self._recent(back)
        self.queue.queue.report_progress(run, f'{{"done":{number}}}')
        self.queue.queue.store_checkpoint(run, f'{{"done":{number}}}')
        self.model.report(run, number)
        assert self.queue.queue.is_interrupted(run) is not self.model.is_current(run)

    @precondition(lambda self: self.alive)
    @rule(back=RECENT)
    def take_back(self, back: int) -> None:
        """Its manager never told the process: that start does not count."""
        run = self._at_work(back)
        del self.alive[run.process]
        with self.queue.database.write() as connection:
            is_taken = self.queue.queue.take_back(connection, run)
        assert is_taken == self.model.take_back(run)
        self.done["taken back"] += is_taken

    # Persons

    @precondition(lambda self: any(not job.is_deleted for job in self.model.jobs.values()))
    @rule(number=JOBS, status=STATUSES)
    def set_status(self, number: int, status: str) -> None:
        """Cancel or retry."""
        entity = self._entity(number)
        self._set_status(entity, entity.get("status"), status)

    @precondition(lambda self: any(not job.is_deleted for job in self.model.jobs.values()))
    @rule(number=JOBS)
    def look_at(self, number: int) -> None:
        """A job as it is now; it may be saved much later."""
        entity = self._entity(number)
        self.screens.append((entity, entity.get("status")))

    @precondition(lambda self: self.screens)
    @rule(status=STATUSES)
    def save_what_was_seen(self, status: str) -> None:
        """What the row is now decides."""
        self._set_status(*self.screens.pop(0), status)

    @precondition(lambda self: any(not job.is_deleted for job in self.model.jobs.values()))
    @rule(number=JOBS)
    def run_by_hand(self, number: int) -> None:
        """A person runs a job whatever it was, unless a live process does."""
        entity = self._entity(number)
        job = self.model.jobs[entity.id]
        if job.process in self.alive:
            return
        run = Run(job.id, job.attempt + 1, job.attempt + 1, self._new_process(), 1)
        rival = Run(job.id, job.attempt + 1, job.attempt + 1, self._new_process(), 1)
        with self.queue.database.write() as connection:
            assert self.queue.queue.start_by_hand(connection, run, job.process)
            assert not self.queue.queue.start_by_hand(connection, rival, job.process)
        self.model.start_by_hand(job.id, run.process)
        self._begin(run)

    @precondition(lambda self: any(not job.is_deleted for job in self.model.jobs.values()))
    @rule(number=JOBS, is_for_good=st.booleans())
    def remove(self, number: int, is_for_good: bool) -> None:
        """Into the bin, or for good, as ClearEntities does."""
        repository = self.queue.entity_manager.get_repository("Job")
        entity = self._entity(number)
        if is_for_good:
            may = self.model.delete(entity.id)
            assert _is_allowed(lambda: repository.delete_from_db(entity.id)) == may
        else:
            may = self.model.remove(entity.id)
            assert _is_allowed(lambda: self.queue.entity_manager.remove_entity(entity)) == may

    # Time

    @rule(seconds=st.sampled_from([-5, 1, 30, 60]))
    def let_time_pass(self, seconds: int) -> None:
        """It goes by, or somebody sets the clock back."""
        self.clock.set(self.clock.now() + timedelta(seconds=seconds))

    # What always holds

    @invariant()
    def no_moment_comes_twice(self) -> None:
        """A microsecond for each step, as the real clock never says the same twice."""
        self.steps += 1
        self.clock.set(self.clock.now().replace(microsecond=self.steps))

    @invariant()
    def the_rows_are_as_in_the_model(self) -> None:
        """All that matters of them, and none is lost."""
        rows = self._rows("SELECT * FROM job WHERE fire_time IS NULL")
        found = {
            row["id"]: JobSeen.of(row, self.model.jobs[row["id"]].version if row["id"] in self.model.jobs else 0)
            for row in rows
        }
        assert found == self.model.jobs

    @invariant()
    def each_attempt_is_recorded_once(self) -> None:
        """With how it ended."""
        rows = self._rows("SELECT job_id, attempt, status FROM job_attempt")
        assert len(rows) == len(self.model.recorded)
        assert {(row["job_id"], row["attempt"]): row["status"] for row in rows} == self.model.recorded

    @invariant()
    def at_most_one_process_is_at_a_job(self) -> None:
        """Whatever the rows say."""
        at_work = [run.job_id for run in self.alive.values()]
        assert len(at_work) == len(set(at_work))

    def teardown(self) -> None:
        """The next example begins with an empty queue."""
        with self.queue.database.write() as connection:
            connection.exec_driver_sql("DELETE FROM job WHERE fire_time IS NULL")
            connection.exec_driver_sql("DELETE FROM job_attempt")

    def _add(self, job_type: str, priority: float, moment: datetime, status: str) -> None:
        if len(self.model.jobs) < MOST_JOBS:
            job_id = self.queue.add(type=job_type, priority=priority, executeTime=moment, status=status)
            most = JOB_TYPES[job_type][0]
            self.model.jobs[job_id] = JobSeen(job_id, job_type, priority, moment, most, status)

    def _entity(self, number: int) -> Any:
        """A job that is not in the bin, as it is now."""
        ids = [job.id for job in self.model.jobs.values() if not job.is_deleted]
        return self.queue.entity_manager.get_entity("Job", ids[number % len(ids)])

    def _recent(self, back: int) -> Run:
        return self.runs[-1 - back % len(self.runs)]

    def _at_work(self, back: int) -> Run:
        runs = [*self.alive.values()]
        return runs[-1 - back % len(runs)]

    def _new_process(self) -> str:
        self.processes += 1
        return f"boot:1:{self.processes}:1"

    def _begin(self, run: Run) -> None:
        assert run.attempt <= run.attempt_limit, "it is started too often"
        self.alive[run.process] = run
        self.runs.append(run)
        self.done["started"] += 1

    def _outcome(self, run: Run, how: str) -> Outcome:
        return Outcome(run, ended_at=self.clock.now(), **ENDS[how])

    def _finish(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self.alive.pop(outcome.run.process, None)
        refused = [outcome.run for outcome in self.queue.finish(*outcomes)]  # judged ones have another message
        counted = [self.model.finish(outcome, outcome.ended_at or self.clock.now()) for outcome in outcomes]
        assert [outcome.run not in refused for outcome in outcomes] == counted
        self.done.update("ended" if each else "refused" for each in counted)

    def _set_status(self, entity: Any, read: str, status: str) -> None:
        if read == status or entity.get("status") != read:  # nothing is changed, or it was refused before
            return
        may = self.model.change_status(entity.id, read, status)
        entity.set("status", status)
        assert _is_allowed(lambda: self.queue.entity_manager.save_entity(entity)) == may

    def _rows(self, statement: str) -> list[dict[str, Any]]:
        with self.queue.database.read() as connection:
            return [dict(row) for row in connection.exec_driver_sql(statement).mappings()]


def _is_allowed(deed: Callable[[], object]) -> bool:
    try:
        deed()
    except (BadRequest, Conflict, NotFound):
        return False
    return True


def run_machine(queue: Queue, monkeypatch: pytest.MonkeyPatch, bounds: settings) -> Counter[str]:
    """Random sequences of steps; returns how often what was done.

    An AssertionError shows a sequence after which queue and model differ.
    """
    done: Counter[str] = Counter()

    def machine() -> Machine:
        clock = SimulatedClock(BEGIN)
        clock.rule(monkeypatch)
        return Machine(queue, clock, done)

    queue.candidates()  # the tables are made at first use
    run_state_machine_as_test(machine, settings=bounds)
    return done
