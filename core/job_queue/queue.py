"""The queue of jobs in the database: claiming, finishing, letting go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Table, case, null, select, update

from core import clock
from core.exceptions import BadRequest, Conflict
from core.job_queue.announcement import Announcer
from core.job_queue.attempts import Attempts, JobTypes
from core.job_queue.candidate import Candidate, ReadAhead
from core.job_queue.counters import Counters
from core.job_queue.due_jobs import DueJobs, Wanted, read_without_limits
from core.job_queue.pause import EVERYTHING
from core.job_queue.run import Outcome, Run, not_completed
from core.job_queue.schedule_rules import ScheduleRules
from core.job_queue.schedules import Schedules
from core.job_queue.start_limits import PAUSED_SECONDS, StartLimits
from core.job_queue.statements import KEYS, Statements
from core.job_queue.states import CANCELED, ENDED, FAILED, PENDING, RUNNING, SUCCESS, check_transition
from core.job_queue.type_limits import TypeLimits
from core.job_queue.type_states import TypeStates
from core.orm.batch import Batch, DirectBatch, Sent
from core.orm.column_types import moment_or_none
from core.orm.database import Database
from core.orm.prepared_statement import PreparedStatement
from core.orm.schema import Schema

# Where one of the next jobs had a limit, the next ones are likely to have it too.
_BY_TYPE_SECONDS = 1.0

Claim = tuple[Candidate, Run]
_Ends = tuple[list[Outcome], Sent]


@dataclass(frozen=True, slots=True)
class HeldRun:
    """A row that says a process of this node holds it."""

    run: Run
    type: str | None
    status: str
    started_at: datetime | None


class JobQueue:
    """All that changes what a job is. Every change of status is one guarded statement; zero rows means: it lost."""

    def __init__(
        self,
        database: Database,
        schema: Schema,
        announcer: Announcer,
        metadata: JobTypes,
        *,
        node: str,
        priority_aging: Callable[[], float] = float,
    ) -> None:
        self._database = database
        self._schema = schema
        self._announcer = announcer
        self.node = node
        self.counters = Counters(database, schema, node)
        self.schedules = Schedules(database, schema, self.counters)
        self.rules = ScheduleRules(database, schema, self.schedules, self.counters, announcer.announce)
        self.attempts = Attempts(database, schema, metadata)
        self.types = TypeLimits(metadata)
        self.states = TypeStates(database, schema)
        self.limits = StartLimits(database, schema, self.types, self.states)
        self._due_jobs = DueJobs(database, schema)
        self._priority_aging = priority_aging
        self._by_type_until = 0.0

    @property
    def _job(self) -> Table:
        return self._schema.table("Job")

    @cached_property
    def _statements(self) -> Statements:
        return Statements.compile(self._job, self._database.engine.dialect)

    def announce(self) -> None:
        """Wake the job manager of this machine; to be called after the commit."""
        self._announcer.announce()

    def change_status(
        self, connection: Connection, job_id: str, fetched_status: str, values: Mapping[str, Any]
    ) -> None:
        """Write `values` (by column, with `status`) for a person or a module, guarded by the status that was read.

        Where the row has moved on, what it is now decides. Raises BadRequest where the change is forbidden, and
        Conflict where a job that has moved on is to become Pending: who let it go, or wanted it to be tried again, did
        not know that it was canceled, or has succeeded.
        """
        job, new_status = self._job, str(values["status"])
        columns = dict(values)
        if new_status == CANCELED:
            # While a process holds the row the run is not over: the job manager writes the end then.
            columns["ended_at"] = case(
                (job.c.run_process.is_(None), columns.get("ended_at") or clock.now()), else_=null()
            )
        if new_status in ENDED:
            columns.update(dict.fromkeys(KEYS))
        status: str | None = fetched_status
        while status is not None:
            check_transition(status, new_status)
            if new_status == PENDING and status != fetched_status:
                raise Conflict(
                    f"The Job '{job_id}' is {status} by now, and was {fetched_status} when it was read. Read it again, "
                    "and repeat the change."
                )
            if status == SUCCESS and new_status == PENDING:
                self.attempts.keep_first_success(connection, job_id)
            guarded = update(job).where(job.c.id == job_id, job.c.deleted.is_(False), job.c.status == status)
            if connection.execute(guarded.values(columns)).rowcount:
                if new_status in ENDED:
                    self.counters.add_jobs(connection, [job_id], new_status, clock.now())
                return
            status = connection.execute(
                select(job.c.status).where(job.c.id == job_id, job.c.deleted.is_(False))
            ).scalar()
        raise BadRequest(f"The Job '{job_id}' was deleted in the meantime.")

    def candidates(self, connection: Connection, most: int) -> list[Candidate]:
        """Up to `most` due jobs that may start now: see `read_ahead`."""
        return self.read_ahead(connection, most).candidates

    def read_ahead(self, connection: Connection, most: int, least_priority: float | None = None) -> ReadAhead:
        """Up to `most` due jobs in order of priority, then executeTime, then id, as far as their types have room.

        With `priorityAging` the time for which they have been due counts as priority.

        Steps through the distinct priorities on the index, so that neither a backlog nor future-dated jobs of high
        priority cost anything.
        """
        now, aging = clock.now(), self._priority_aging()
        pauses = self.states.pauses(connection)
        if EVERYTHING in pauses:
            return ReadAhead([], PAUSED_SECONDS)
        if not aging and least_priority is None and clock.monotonic() >= self._by_type_until:
            rows = read_without_limits(connection, self._statements, most, now)
            kinds = {row["type"] for row in rows}
            if kinds.isdisjoint(pauses) and not self.limits.concern(kinds):
                return ReadAhead([Candidate(row) for row in rows])
            self._by_type_until = clock.monotonic() + _BY_TYPE_SECONDS
        rooms = self.limits.rooms(connection, now, pauses)
        wanted = Wanted(most, now, aging, least_priority)
        due = self._due_jobs.read(connection, self._statements, rooms, wanted)
        waits = [rooms.look_again_seconds(kind, now) for kind in due.held_up]
        return ReadAhead([Candidate(row) for row in due.rows], min(waits, default=None))

    def next_due_at(self, connection: Connection) -> datetime | None:
        """When the next waiting job becomes due."""
        return moment_or_none(self._statements.next_due_at.scalar(connection, now=clock.now()))

    def start(self, connection: Connection, claims: Sequence[Claim]) -> list[tuple[Run, dict[str, Any]]]:
        """Make these jobs Running; returns the run and the new row of those that were still as they had been read.

        A schedule's job that may not run beside another one is held back, and one over a limit of its type stays as it
        is.
        """
        now = clock.now()
        may_start = self.limits.admit(connection, (each.limited_by for each, _ in claims), now)
        if may_start is not None:
            claims = [claim for claim in claims if claim[0].job_id in may_start]
        scheduled = {each.job_id: start for each, _ in claims if (start := each.scheduled_start) is not None}
        if scheduled:
            held_back = self.rules.held_back(connection, list(scheduled.values()), now)
            claims = [claim for claim in claims if claim[0].job_id not in held_back]
        started = self._started(connection, claims, self._send_starts(DirectBatch(connection), claims, now), now)
        if scheduled:
            runs = [scheduled[run.job_id] for run, _ in started if run.job_id in scheduled]
            self.rules.note_starts(connection, runs, now)
        if may_start is not None:
            self.limits.note_starts(connection, [run.type for run, _ in started], now)
        return started

    def end_and_start(
        self, connection: Connection, outcomes: Sequence[Outcome], claims: Sequence[Claim]
    ) -> tuple[list[Outcome], list[tuple[Run, dict[str, Any]]]]:
        """`finish` and `start`: one exchange with a server, where nothing has to be asked between the two."""
        if self._has_to_ask(claims):
            return self.finish(connection, outcomes), self.start(connection, claims)
        now = clock.now()
        outcomes = self.judge(connection, outcomes)
        with self._database.together(connection) as batch:
            ends = self._send_ends(batch, outcomes, now)
            starts = self._send_starts(batch, claims, now)
        return self._finished(connection, outcomes, ends, now), self._started(connection, claims, starts, now)

    def refuse(self, connection: Connection, unreadable: Sequence[Candidate]) -> dict[str, str]:
        """Fail jobs whose rows nobody can run; returns the messages of those that were failed, by job id."""
        refused = {}
        for candidate in unreadable:
            message = f"The row of the job cannot be read: {candidate.problem}."
            values = {"job_id": candidate.job_id, "new_message": message, "now": clock.now()}
            if self._statements.refuse.run(connection, **values).rowcount:
                refused[candidate.job_id] = message
        if refused:
            self.counters.add_jobs(connection, list(refused), FAILED, clock.now())
            self.rules.note_failures(connection, list(refused), clock.now())
        return refused

    def start_by_hand(self, connection: Connection, run: Run, former_process: str | None) -> bool:
        """Make a job Running whatever it was, if the run is the next one and nobody else took the row meanwhile.

        A person's will obeys no limits and no pause, but counts.
        """
        now = clock.now()
        values = {**self._held(run, now), "run_attempt": run.attempt - 1, "former_process": former_process}
        self.limits.expect_start(connection, run.type)
        if not self._statements.start_by_hand.run(connection, **values).rowcount:
            return False
        self.limits.note_starts(connection, [run.type], now)
        return True

    def judge(self, connection: Connection, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """The outcomes with what the rules of the jobs' types make of them; `finish` judges what is not judged yet."""
        return self.attempts.judge(connection, outcomes)

    def finish(self, connection: Connection, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Write how runs ended and let their rows go; returns the outcomes that came too late.

        A late one is refused: the job was canceled meanwhile, or somebody else closed the run.
        """
        now = clock.now()
        outcomes = self.judge(connection, outcomes)
        return self._finished(connection, outcomes, self._send_ends(DirectBatch(connection), outcomes, now), now)

    def _finished(
        self, connection: Connection, outcomes: Sequence[Outcome], ends: Sequence[_Ends], now: datetime
    ) -> list[Outcome]:
        """What follows from the ends that were sent; returns the outcomes that came too late."""
        refused: list[Outcome] = []
        for group, sent in ends:
            if sent.rowcount < len(group):
                refused.extend(o for o in group if not self._was_finished(connection, o.run, now))
        let_go = [outcome for outcome in refused if self._let_go(connection, outcome, now)]
        self.attempts.record(connection, outcomes, refused, self.node, now)
        self.counters.add_runs(connection, outcomes, refused, let_go, now)
        failed = [outcome.run.job_id for outcome in outcomes if outcome.status == FAILED and outcome not in refused]
        if failed:
            self.rules.note_failures(connection, failed, now)
        return refused

    def take_back(self, connection: Connection, run: Run) -> bool:
        """Undo a start of which its process was never told, so that it counts as none; says whether it still stood."""
        values = {"job_id": run.job_id, "run_attempt": run.attempt, "process": run.process, "now": clock.now()}
        return self._statements.take_back.run(connection, **values).rowcount == 1

    def held_runs(self, connection: Connection) -> list[HeldRun]:
        """The rows that processes of this node hold, whatever their status."""
        return [
            HeldRun(
                Run(
                    *(row.id, row.attempt, row.attempt_limit or row.attempt, row.run_process, row.pid or 0),
                    *(row.type, row.started_at),
                ),
                row.type,
                row.status,
                moment_or_none(row.started_at),
            )
            for row in self._statements.held.run(connection, node=self.node)
        ]

    def interrupted(self, connection: Connection) -> set[tuple[str, int]]:
        """(job id, attempt) of the runs on this node that somebody has canceled."""
        return {(row.id, row.attempt) for row in self._statements.interrupted.run(connection, node=self.node)}

    def has_adrift(self, connection: Connection) -> bool:
        """Whether a row says Running though no process holds it."""
        return self._statements.adrift.run(connection).first() is not None

    def close_adrift(self, connection: Connection) -> list[str]:
        """Close the rows that say Running though no process holds them; returns the jobs' ids."""
        closed = []
        for row in self._statements.adrift.run(connection).all():
            outcome = not_completed(Run(row.id, row.attempt, row.attempt, "", 0), "No process was running it.")
            if self._statements.close_adrift.run(connection, **_ended(outcome, clock.now())).rowcount:
                closed.append(row.id)
        if closed:
            self.counters.add_jobs(connection, closed, FAILED, clock.now())
            self.rules.note_failures(connection, closed, clock.now())
        return closed

    def is_interrupted(self, run: Run) -> bool:
        """Whether this run's end would be refused: it was canceled, or is no longer the current one."""
        with self._database.snapshot() as connection:
            row = self._statements.state_of.run(connection, job_id=run.job_id).first()
        return row is None or row.status != RUNNING or row.attempt != run.attempt

    def report_progress(self, run: Run, progress: str) -> None:
        """Write a run's progress (compact JSON), unless the run is over."""
        with self._database.write() as connection:
            self._statements.report_progress.run(
                connection, job_id=run.job_id, run_attempt=run.attempt, new_progress=progress
            )

    def store_checkpoint(self, run: Run, state: str) -> None:
        """Write a state (compact JSON) for later attempts, unless the run is over."""
        with self._database.write() as connection:
            self._statements.store_checkpoint.run(
                connection, job_id=run.job_id, run_attempt=run.attempt, new_checkpoint=state
            )

    def stored_checkpoint(self, run: Run) -> str | None:
        """The state that was written last."""
        with self._database.read() as connection:
            found = self._statements.stored_checkpoint.fetch(connection, job_id=run.job_id, run_attempt=run.attempt)
        return found[0][0] if found else None

    def _has_to_ask(self, claims: Sequence[Claim]) -> bool:
        """Whether limits of types or schedules decide which of these jobs may start."""
        candidates = [candidate for candidate, _ in claims]
        is_limited = self.limits.concern(candidate.row["type"] for candidate in candidates)
        return is_limited or any(candidate.row["scheduled_job_id"] is not None for candidate in candidates)

    def _send_starts(self, batch: Batch, claims: Sequence[Claim], now: datetime) -> Sent | None:
        if not claims:
            return None
        return self._statements.start.send_many(
            batch,
            [
                {
                    "job_id": run.job_id,
                    "process": run.process,
                    "run_pid": run.pid,
                    "run_attempt": run.attempt - 1,
                    "read_modified_at": candidate.row["modified_at"],
                }
                for candidate, run in claims
            ],
            node=self.node,
            now=now,
        )

    def _started(
        self, connection: Connection, claims: Sequence[Claim], sent: Sent | None, now: datetime
    ) -> list[tuple[Run, dict[str, Any]]]:
        """The runs whose starts matched, with the new rows."""
        if sent is None:
            return []
        have_all, started_at = sent.rowcount == len(claims), clock.to_iso(now)
        return [
            (run, candidate.row_of(run, self.node, started_at))
            for candidate, run in claims
            if have_all or self._has_started(connection, run)
        ]

    def _send_ends(self, batch: Batch, outcomes: Sequence[Outcome], now: datetime) -> list[_Ends]:
        groups: dict[PreparedStatement, list[Outcome]] = {}
        for outcome in outcomes:
            groups.setdefault(self._end(outcome), []).append(outcome)
        return [
            (group, statement.send_many(batch, [_ended(o, now) for o in group], now=now))
            for statement, group in groups.items()
        ]

    def _held(self, run: Run, now: datetime) -> dict[str, Any]:
        return {"job_id": run.job_id, "node": self.node, "process": run.process, "run_pid": run.pid, "now": now}

    def _end(self, outcome: Outcome) -> PreparedStatement:
        if outcome.status == PENDING:
            return self._statements.retry
        if outcome.has_data or (outcome.is_success and outcome.message is not None):
            return self._statements.finish_with_data
        return self._statements.succeed if outcome.is_success else self._statements.fail

    def _has_started(self, connection: Connection, run: Run) -> bool:
        values = {"job_id": run.job_id, "process": run.process, "run_attempt": run.attempt}
        return self._statements.started.run(connection, **values).first() is not None

    def _was_finished(self, connection: Connection, run: Run, now: datetime) -> bool:
        # The moment, to the microsecond, is this round's own mark.
        found = self._statements.written.run(connection, job_id=run.job_id, run_attempt=run.attempt, now=now)
        return found.first() is not None

    def _let_go(self, connection: Connection, outcome: Outcome, now: datetime) -> bool:
        values = {**_ended(outcome, now), "process": outcome.run.process}
        return self._statements.let_go.run(connection, **values).rowcount > 0


def _ended(outcome: Outcome, now: datetime) -> dict[str, Any]:
    return {
        "job_id": outcome.run.job_id,
        "run_attempt": outcome.run.attempt,
        "new_status": outcome.status,
        "new_message": outcome.message,
        "new_payload": outcome.payload,
        "new_result": outcome.result,
        "run_ended_at": outcome.ended_at or now,
        "next_start": outcome.verdict and outcome.verdict.next_start,
        "now": now,
    }
