"""Every statement that changes the status of a job, or who holds it. They stand here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Label,
    Table,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import NamedColumn

from core.job_queue.states import CANCELED, FAILED, PENDING, RUNNING, SUCCESS
from core.orm.column_types import MomentAsRead
from core.orm.names import index_name
from core.orm.prepared_statement import PreparedStatement

# What a worker does not need, or gets in another form.
_NOT_SENT = ("payload", "attempt", "attempt_limit", "crashes", "checkpoint", "result", "unique_key")
#: A job has its keys as long as it is not over.
KEYS = ("concurrency_key", "unique_key")
# A claim reads whole rows ahead; a payload over this many characters is read by the worker itself.
PAYLOAD_SENT_ALONG = 65_536


@dataclass(frozen=True, slots=True)
class Statements:
    """The job manager's statements, compiled for one dialect."""

    highest_priority: PreparedStatement
    next_priority: PreparedStatement
    due: PreparedStatement
    due_columns: tuple[str, ...]
    next_due_at: PreparedStatement
    start: PreparedStatement
    refuse: PreparedStatement
    start_by_hand: PreparedStatement
    started: PreparedStatement
    succeed: PreparedStatement
    fail: PreparedStatement
    finish_with_data: PreparedStatement
    retry: PreparedStatement
    let_go: PreparedStatement
    take_back: PreparedStatement
    held: PreparedStatement
    adrift: PreparedStatement
    close_adrift: PreparedStatement
    interrupted: PreparedStatement
    written: PreparedStatement
    state_of: PreparedStatement
    report_progress: PreparedStatement
    store_checkpoint: PreparedStatement
    stored_checkpoint: PreparedStatement

    @classmethod
    def compile(cls, job: Table, dialect: Dialect) -> Statements:
        """Compile all of them for the table of the jobs."""
        c = job.c
        pending = is_pending(job)
        # Otherwise SQLite takes the index of (status, execute_time), and sorts all that are waiting.
        is_common = func.likelihood(pending, literal_column("0.99")) if dialect.name == "sqlite" else pending
        is_running = c.status == _text(RUNNING)
        # Guards of one row: by `=` PostgreSQL would read all rows of the status, as long as it has no statistics.
        still_running = c.status.is_not_distinct_from(_text(RUNNING))
        is_free = c.run_process.is_(None)
        is_there = c.deleted.is_(False)
        waiting = is_waiting(job)
        still_waiting = and_(c.status.is_not_distinct_from(_text(PENDING)), is_there, is_free, c.type.is_not(None))
        by_priority = select(c.priority).order_by(c.priority.desc()).limit(literal_column("1"))
        # MariaDB may otherwise take the index of the types, and sort all that are waiting.
        by_priority = by_priority.with_hint(job, f"FORCE INDEX ({index_name(job.name, 'claim')})", "mariadb")
        this_row = c.id == bindparam("job_id")
        attempt = _attempt(job)
        this_run = and_(this_row, attempt == bindparam("run_attempt"))
        released = {
            "run_node": null(),
            "run_process": null(),
            "modified_at": bindparam("now", type_=c.modified_at.type),
        }
        held = {
            "run_node": bindparam("node"),
            "run_process": bindparam("process"),
            "pid": bindparam("run_pid"),
            "started_at": bindparam("now", type_=c.started_at.type),
            "modified_at": bindparam("now", type_=c.modified_at.type),
            "ended_at": null(),
            "message": null(),
            "progress": null(),
            "result": null(),
            "status": _text(RUNNING),
            "attempt": attempt + literal_column("1"),
        }
        ended = {
            **released,
            "status": bindparam("new_status"),
            "message": bindparam("new_message"),
            "ended_at": bindparam("run_ended_at", type_=c.ended_at.type),
            **dict.fromkeys(KEYS, null()),
        }

        def prepare(statement: object) -> PreparedStatement:
            return PreparedStatement(statement, dialect)  # type: ignore[arg-type]  # select and update share no precise base

        return cls(
            # Not max(): all databases stop at the first row of the index, and none of them has infinity for a start.
            highest_priority=prepare(by_priority.where(is_common, c.priority.is_not(None))),
            next_priority=prepare(by_priority.where(is_common, c.priority < bindparam("ceiling"))),
            due=prepare(
                select(*columns_to_send(job))
                .where(waiting, c.priority == bindparam("at_priority"), c.execute_time <= bindparam("now"))
                .order_by(c.execute_time, c.id)
                .limit(bindparam("most"))
            ),
            due_columns=tuple(str(column.name) for column in columns_to_send(job)),
            next_due_at=prepare(
                select(c.execute_time)
                .where(pending, is_there, c.execute_time > bindparam("now"))
                .order_by(c.execute_time)
                .limit(literal_column("1"))
            ),
            # Guarded by all that was read, so that a row which somebody has changed since is read again first.
            start=prepare(
                update(job)
                .where(
                    this_run,
                    still_waiting,
                    c.modified_at.is_not_distinct_from(bindparam("read_modified_at", type_=MomentAsRead())),
                )
                .values(held)
            ),
            refuse=prepare(
                update(job)
                .where(this_row, still_waiting)
                .values(
                    {
                        "status": _text(FAILED),
                        "message": bindparam("new_message"),
                        "ended_at": bindparam("now", type_=c.ended_at.type),
                        "modified_at": bindparam("now", type_=c.modified_at.type),
                        **dict.fromkeys(KEYS, null()),
                    }
                )
            ),
            # By hand means once: a failure is shown to the person, and not tried again behind her back.
            start_by_hand=prepare(
                update(job)
                .where(
                    this_run,
                    is_there,
                    c.run_process.is_not_distinct_from(bindparam("former_process", type_=c.run_process.type)),
                )
                .values({**held, "attempt_limit": attempt + literal_column("1")})
            ),
            started=prepare(
                select(c.id).where(
                    this_row, still_running, c.run_process == bindparam("process"), attempt == bindparam("run_attempt")
                )
            ),
            # What was done is not to be gone on with.
            succeed=prepare(
                update(job)
                .where(this_run, still_running)
                .values({**ended, "status": _text(SUCCESS), "message": null(), "checkpoint": null()})
            ),
            fail=prepare(update(job).where(this_run, still_running).values(ended)),
            finish_with_data=prepare(
                update(job)
                .where(this_run, still_running)
                .values(
                    {
                        **ended,
                        "payload": func.coalesce(bindparam("new_payload", type_=c.payload.type), c.payload),
                        "result": bindparam("new_result", type_=c.result.type),
                        "checkpoint": case((bindparam("new_status") == _text(SUCCESS), null()), else_=c.checkpoint),
                    }
                )
            ),
            retry=prepare(
                update(job)
                .where(this_run, still_running)
                .values(
                    {
                        **released,
                        "status": _text(PENDING),
                        # Without a pause it keeps its place in the queue.
                        "execute_time": func.coalesce(
                            bindparam("next_start", type_=c.execute_time.type), c.execute_time
                        ),
                        "pid": null(),
                        "started_at": null(),
                        "ended_at": null(),
                        "message": null(),
                    }
                )
            ),
            # The run was canceled, or canceled and retried, before it ended: its end counts no more, its hold goes.
            let_go=prepare(
                update(job)
                .where(this_run, c.run_process == bindparam("process"))
                .values(
                    {
                        **released,
                        "ended_at": case(
                            (c.status == _text(CANCELED), bindparam("run_ended_at", type_=c.ended_at.type)),
                            else_=c.ended_at,
                        ),
                    }
                )
            ),
            take_back=prepare(
                update(job)
                .where(this_run, still_running, c.run_process == bindparam("process"))
                .values(
                    {
                        **released,
                        "status": _text(PENDING),
                        "attempt_limit": _attempt_limit(job) + literal_column("1"),
                        "pid": null(),
                        "started_at": null(),
                    }
                )
            ),
            held=prepare(
                select(c.id, c.type, c.status, c.pid, c.started_at, attempt, _attempt_limit(job), c.run_process).where(
                    c.run_process.is_not(None), c.run_node == bindparam("node")
                )
            ),
            adrift=prepare(select(c.id, attempt).where(is_running, is_free, is_there)),
            close_adrift=prepare(update(job).where(this_run, still_running, is_free).values(ended)),
            interrupted=prepare(
                select(c.id, attempt).where(
                    c.run_process.is_not(None), c.run_node == bindparam("node"), c.status != _text(RUNNING)
                )
            ),
            written=prepare(
                select(c.id).where(this_run, c.modified_at == bindparam("now", type_=c.modified_at.type), is_free)
            ),
            state_of=prepare(select(c.status, attempt).where(this_row)),
            report_progress=prepare(
                update(job).where(this_run, still_running).values({"progress": bindparam("new_progress")})
            ),
            store_checkpoint=prepare(
                update(job).where(this_run, still_running).values({"checkpoint": bindparam("new_checkpoint")})
            ),
            stored_checkpoint=prepare(select(c.checkpoint).where(this_run)),
        )


def is_pending(job: Table) -> ColumnElement[bool]:
    """Literal, not bound: only then does the planner see that a partial index of the waiting rows fits."""
    return job.c.status == _text(PENDING)


def is_waiting(job: Table) -> ColumnElement[bool]:
    """It waits, and nothing of the row itself keeps it from being started."""
    return and_(is_pending(job), job.c.deleted.is_(False), job.c.run_process.is_(None), job.c.type.is_not(None))


def _text(status: str) -> ColumnElement[str]:
    return literal_column(f"'{status}'")


# SQLite's columns hold whatever bare SQL puts there: what is no whole number counts as 0. Numbers that never change are
# literal: a bound one is bound for each row.
def _attempt(job: Table) -> Label[int]:
    return cast(func.coalesce(job.c.attempt, literal_column("0")), Integer).label("attempt")


def _attempt_limit(job: Table) -> Label[int]:
    return cast(job.c.attempt_limit, Integer).label("attempt_limit")


def columns_to_send(job: Table) -> list[NamedColumn[Any]]:
    """What a claim reads of a job."""
    payload = job.c.payload
    is_long = func.length(payload) > PAYLOAD_SENT_ALONG
    others = [column for column in job.c if column.name not in _NOT_SENT]
    return [
        *others,
        _attempt(job),
        _attempt_limit(job),
        case((is_long, null()), else_=payload).label("payload"),
        func.coalesce(is_long, False).label("payload_left_out"),
    ]
