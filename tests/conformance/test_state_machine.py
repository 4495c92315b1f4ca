"""Whatever is done to the queue in whatever order, it does what a plain model of it does, on every database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.exceptions import BadRequest, NotFound
from core.job_queue.candidate import Candidate
from core.job_queue.run import Cause, Outcome, Run, not_completed
from core.orm.column_types import to_moment
from core.orm.json_text import parse_json
from core.testing import Installation
from tests.conformance.conftest import Queue
from tests.conformance.queue_model import JOB_TYPES, CandidateSeen, JobSeen, QueueModel
from tests.conformance.simulated_clock import SimulatedClock
from tests.databases import MARIADB, POSTGRESQL, SQLITE

BEGIN = datetime(2027, 1, 1, tzinfo=UTC)
STEPS = 80
MOST_JOBS = 2
SHORT, LONG = 40, 600
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


@pytest.fixture(params=[SQLITE, *(pytest.param(kind, marks=pytest.mark.proof) for kind in (POSTGRESQL, MARIADB))])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Servers are tried in `make proof`."""
    return str(request.param)


@pytest.fixture
def queue(installation: Installation) -> Iterator[Queue]:
    """An empty queue, and the model's job types. Nothing here loses power: no commit waits for the disk."""
    job_types = {
        name: {"maxAttempts": most, "poisonLimit": limit, **({"backoff": {"seconds": pause}} if pause else {})}
        for name, (most, limit, pause) in JOB_TYPES.items()
    }
    installation.add_module("Models", {"Resources/metadata/app/jobTypes.json": job_types})
    installation.write_config(database={"synchronous": "NORMAL"})
    with installation.application() as application:
        yield Queue(installation, application.container)


class Machine(RuleBasedStateMachine):
    """Two claimers, each with what it read some time ago; processes that run jobs, die, and report late; persons.

    There are few jobs, and of the runs the last ones are meant: so that much happens to each.
    """

    def __init__(self, queue: Queue, clock: SimulatedClock) -> None:
        super().__init__()
        self.queue = queue
        self.clock = clock
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
        self.paused: set[int] = set()
        self.processes = 0
        self.steps = 0

    # Claimers

    @rule(job_type=TYPES, priority=st.sampled_from([1.0, 2.0]), status=st.sampled_from(["Pending"] * 3 + ["Awaiting"]))
    def enqueue(self, job_type: str, priority: float, status: str) -> None:
        """For now, or not to be run yet."""
        self._add(job_type, priority, self.clock.now(), status)

    @rule(job_type=TYPES, seconds=st.sampled_from([-10, 20]))
    def enqueue_for(self, job_type: str, seconds: int) -> None:
        """For another time."""
        self._add(job_type, 1.0, self.clock.now() + timedelta(seconds=seconds), "Pending")

    @rule(claimer=CLAIMERS)
    def read(self, claimer: int) -> None:
        """Candidates come in the right order."""
        seen = self.model.candidates(self.clock.now())
        found = self.queue.candidates(100)
        assert [each.job_id for each in found] == [each.job_id for each in seen]
        self.read_ahead[claimer] = list(zip(found, seen, strict=True))

    @rule(claimer=CLAIMERS, most=st.integers(1, MOST_JOBS))
    def claim(self, claimer: int, most: int) -> None:
        """Those that are still as they were read are started, and no others."""
        if claimer in self.paused:
            return
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
        """As it mostly is."""
        self.read(claimer)
        self.claim(claimer, MOST_JOBS)

    @rule(claimer=CLAIMERS)
    def pause_or_resume(self, claimer: int) -> None:
        """A paused one keeps what it has read, and may find it changed."""
        self.paused ^= {claimer}

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

    @rule(claimer=CLAIMERS, is_crash=st.booleans())
    def rescue(self, claimer: int, is_crash: bool) -> None:
        """It closes them, though much may have happened since it looked."""
        dead, self.found_dead[claimer] = self.found_dead[claimer], []
        self._finish([not_completed(run, "It is gone.", is_crash=is_crash) for run in dead])

    # Processes

    @rule(back=RECENT, how=st.sampled_from(sorted(ENDS)))
    def finish(self, back: int, how: str) -> None:
        """Also once more, and long after somebody else has closed it."""
        for run in self._recent(back):
            self._finish([self._outcome(run, how)])

    @rule(hows=st.tuples(*[st.sampled_from(["success", "failure"])] * 3))
    def finish_together(self, hows: tuple[str, ...]) -> None:
        """In one transaction those that come too late do no harm to the others."""
        runs = {run.job_id: run for run in self.runs[-3:]}.values()
        self._finish([self._outcome(run, how) for run, how in zip(runs, hows, strict=False)])

    @rule(back=RECENT)
    def die(self, back: int) -> None:
        """Nobody says how it ended."""
        for run in self._recent(back):
            self.alive.pop(run.process, None)

    @rule(back=RECENT, number=st.integers(1, 9))
    def report(self, back: int, number: int) -> None:
        """A run that is over reports and stores in vain."""
        for run in self._recent(back):
            self.queue.queue.report_progress(run, f'{{"done":{number}}}')
            self.queue.queue.store_checkpoint(run, f'{{"done":{number}}}')
            self.model.report(run, number)
            assert self.queue.queue.is_interrupted(run) is not self.model.is_current(run)

    @rule(back=RECENT)
    def take_back(self, back: int) -> None:
        """Its manager never told the process: that start does not count."""
        for run in self._recent(back):
            if self.alive.pop(run.process, None) is not None:
                with self.queue.database.write() as connection:
                    is_taken = self.queue.queue.take_back(connection, run)
                assert is_taken == self.model.take_back(run)

    # Persons

    @rule(number=JOBS, status=STATUSES)
    def set_status(self, number: int, status: str) -> None:
        """Cancel or retry."""
        for entity in self._entity(number):
            self._set_status(entity, entity.get("status"), status)

    @rule(number=JOBS)
    def look_at(self, number: int) -> None:
        """A job as it is now; it may be saved much later."""
        self.screens += [(entity, entity.get("status")) for entity in self._entity(number)]

    @rule(status=STATUSES)
    def save_what_was_seen(self, status: str) -> None:
        """What the row is now decides."""
        if self.screens:
            self._set_status(*self.screens.pop(0), status)

    @rule(number=JOBS)
    def run_by_hand(self, number: int) -> None:
        """A person runs a job whatever it was, unless a live process does."""
        for entity in self._entity(number):
            job = self.model.jobs[entity.id]
            if job.process in self.alive:
                continue
            run = Run(job.id, job.attempt + 1, job.attempt + 1, self._new_process(), 1)
            rival = Run(job.id, job.attempt + 1, job.attempt + 1, self._new_process(), 1)
            with self.queue.database.write() as connection:
                assert self.queue.queue.start_by_hand(connection, run, job.process)
                assert not self.queue.queue.start_by_hand(connection, rival, job.process)
            self.model.start_by_hand(job.id, run.process)
            self._begin(run)

    @rule(number=JOBS, is_for_good=st.booleans())
    def remove(self, number: int, is_for_good: bool) -> None:
        """Into the bin, or for good, as ClearEntities does."""
        repository = self.queue.entity_manager.get_repository("Job")
        for entity in self._entity(number):
            if is_for_good:
                may = self.model.delete(entity.id)
                assert _is_allowed(lambda job_id=entity.id: repository.delete_from_db(job_id)) == may
            else:
                may = self.model.remove(entity.id)
                assert _is_allowed(lambda job=entity: self.queue.entity_manager.remove_entity(job)) == may

    # Time

    @rule(seconds=st.sampled_from([1, 30, 60]))
    def let_time_pass(self, seconds: int) -> None:
        """It goes by."""
        self.clock.let_pass(timedelta(seconds=seconds))

    @rule(seconds=st.sampled_from([-60, -5, 5]))
    def set_the_clock(self, seconds: int) -> None:
        """Somebody sets it."""
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
            row["id"]: JobSeen(
                row["id"],
                row["type"],
                row["priority"],
                to_moment(row["execute_time"]),
                row["attempt_limit"],
                row["status"],
                row["attempt"],
                row["crashes"] or 0,
                bool(row["deleted"]),
                row["run_process"],
                _number(row["checkpoint"]),
                _number(row["progress"]),
                self.model.jobs[row["id"]].version if row["id"] in self.model.jobs else 0,
            )
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

    def _entity(self, number: int) -> list[Any]:
        """A job that is not in the bin, as it is now; none where there are not so many."""
        ids = [job.id for job in self.model.jobs.values() if not job.is_deleted][number : number + 1]
        return [self.queue.entity_manager.get_entity("Job", job_id) for job_id in ids]

    def _recent(self, back: int) -> list[Run]:
        return self.runs[-1 - back : len(self.runs) - back]

    def _new_process(self) -> str:
        self.processes += 1
        return f"boot:1:{self.processes}:1"

    def _begin(self, run: Run) -> None:
        assert run.attempt <= run.attempt_limit, "it is started too often"
        self.alive[run.process] = run
        self.runs.append(run)

    def _outcome(self, run: Run, how: str) -> Outcome:
        return Outcome(run, ended_at=self.clock.now(), **ENDS[how])

    def _finish(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self.alive.pop(outcome.run.process, None)
        refused = self.queue.finish(*outcomes)
        counted = [self.model.finish(outcome, outcome.ended_at or self.clock.now()) for outcome in outcomes]
        assert [outcome not in refused for outcome in outcomes] == counted

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
    except (BadRequest, NotFound):
        return False
    return True


def _number(text: Any) -> int | None:
    return None if text is None else int(parse_json(text)["done"])


@pytest.mark.timeout(400)  # a failure takes its time to be made short
@pytest.mark.parametrize("examples", [SHORT, pytest.param(LONG, marks=[pytest.mark.proof, pytest.mark.timeout(800)])])
def test_the_queue_does_what_its_model_does(queue: Queue, monkeypatch: pytest.MonkeyPatch, examples: int) -> None:
    def machine() -> Machine:
        clock = SimulatedClock(BEGIN)
        clock.rule(monkeypatch)
        return Machine(queue, clock)

    queue.candidates()  # the tables are made at first use
    bounds = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        derandomize=examples == SHORT,
        phases=(Phase.generate, Phase.shrink),
    )
    run_state_machine_as_test(machine, settings=bounds)
