"""Jobs whose rows say that a process runs them, though it is gone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from core import clock
from core.job_manager.job_output import append_to_job_log
from core.job_manager.leftover_children import end_group_of
from core.job_queue.process_identity import ProcessIdentity, boot_id
from core.job_queue.queue import HeldRun, JobQueue
from core.job_queue.run import Outcome, not_completed
from core.job_queue.states import PENDING
from core.log import logger
from core.orm.database import Database

_TURN_SECONDS = 0.3


def death_of(held: HeldRun) -> str | None:
    """Why the process that holds a row cannot be running it any more; None while it lives."""
    try:
        identity = ProcessIdentity.parse(held.run.process)
    except ValueError:
        return "The row names no process that could be running it."
    if identity.is_alive():
        return None
    if identity.boot_id != boot_id():
        return "The machine was restarted meanwhile."
    return "Its process is gone; how it ended is not known, since no job manager was watching."


def close_dead_jobs(database: Database, queue: JobQueue, root: Path) -> None:
    """End the runs of this machine whose processes are gone: Failed, or Pending again where attempts are left."""
    with database.read() as connection:
        outcomes = [not_completed(held.run, death) for held in queue.held_runs(connection) if (death := death_of(held))]
        has_adrift = queue.has_adrift(connection)
    if not outcomes and not has_adrift:
        return
    # `cron` is not to wait while a job keeps a transaction open; the daemon that it starts looks every second.
    if not clock.wait_until(database.turn.try_acquire, _TURN_SECONDS):
        return
    for outcome in outcomes:
        end_group_of(outcome.run.process, root)
    with database.write(turn_held=True) as connection:
        outcomes = queue.judge(connection, outcomes)
        refused = queue.finish(connection, outcomes)
        adrift = queue.close_adrift(connection)
    for outcome in outcomes:
        if outcome not in refused:
            _tell(root, outcome)
    _say_closed(adrift)


def close_adrift_jobs(database: Database, queue: JobQueue) -> None:
    """End the jobs whose rows say Running without a process: somebody else than a job manager wrote that."""
    # Where somebody else writes, the next look is early enough.
    if database.turn.try_acquire():
        with database.write(turn_held=True) as connection:
            adrift = queue.close_adrift(connection)
        _say_closed(adrift)


def _say_closed(adrift: Iterable[str]) -> None:
    for job_id in adrift:
        logger.error("Job failed: The Job '%s' was Running, but no process was running it.", job_id)


def _tell(root: Path, outcome: Outcome) -> None:
    if outcome.status == PENDING:
        logger.warning("Job %s is tried again%s: %s", outcome.run.job_id, outcome.when_again, outcome.message)
    else:
        logger.error("Job failed: %s", outcome.message)
    append_to_job_log(root, outcome.run.job_id, f"{outcome.message}\n")
