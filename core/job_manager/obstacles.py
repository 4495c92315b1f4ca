"""What keeps a due job waiting that is not its own: the job manager, its workers, the database, other jobs."""

from __future__ import annotations

from core import clock
from core.job_manager.cron_seen import CRONTAB
from core.job_manager.idleness import LATE_SECONDS
from core.job_manager.job_case import Answer, JobCase
from core.job_manager.pause import finding_of_machine, finding_of_type
from core.job_manager.reserved_workers import Slots, points_of, reservations_of
from core.job_queue.pause import EVERYTHING
from core.sentence import Sentence, first_of, joined
from core.terminal.duration import in_words

_MOST_NAMED = 10
_MOST_BEFORE = 200
# Ends and starts of other jobs take milliseconds.
_TURN_SECONDS = 0.5
_CRON = Sentence('"python console.py cron" starts it.')


def no_job_manager(case: JobCase) -> Answer | None:
    """That nobody is there to start it."""
    status = case.status
    if not status.is_running:
        if status.not_kept is not None:
            text = Sentence("No job manager runs on this machine, and {reason}", reason=status.not_kept)
            return Answer("cronNotSeen", text, CRONTAB)
        text = Sentence("No job manager runs on this machine; cron comes every minute.")
        return Answer("noJobManager", text, _CRON)
    holder = status.holder
    if holder is None:
        text = Sentence("The job manager is about to start, or a command keeps it out.")
        return Answer("starting", text, Sentence("Look again soon."))
    if holder.silent_seconds > LATE_SECONDS:
        pid, time = holder.process.pid, in_words(holder.silent_seconds)
        text = Sentence("The job manager (process {pid}) has made no round for {time}.", pid=pid, time=time)
        remedy = Sentence(
            'Was it stopped? "kill -CONT {pid}" wakes it. cron kills it after a minute, and starts a new one.', pid=pid
        )
        return Answer("silentJobManager", text, remedy)
    return None


def _failing(case: JobCase) -> Answer | None:
    holder = case.status.holder
    if holder is None or holder.failing_seconds <= LATE_SECONDS:
        return None
    text = Sentence(
        "The job manager has got nothing done for {time}. {trouble}",
        time=in_words(holder.failing_seconds),
        trouble=holder.trouble,
    )
    return Answer("failing", text, Sentence("It tries again every few seconds, and goes on where it stopped."))


def _paused(case: JobCase) -> Answer | None:
    if case.status.pause is None:
        return None
    found = finding_of_machine(case.status.pause)
    return Answer("paused", found.text, found.remedy)


def _paused_everywhere(case: JobCase) -> Answer | None:
    if case.status.pause_everywhere is None:
        return None
    found = finding_of_type(EVERYTHING, case.status.pause_everywhere)
    return Answer("pausedEverywhere", found.text, found.remedy)


def _held_up(case: JobCase) -> Answer | None:
    rows, key = case.status.rows, case.row["concurrency_key"]
    found = None if rows is None else rows.restraints.of_job(case.type, None if key is None else str(key))
    return None if found is None else Answer(found.reason, found.text, found.remedy)


def _no_worker(case: JobCase) -> Answer | None:
    status = case.status
    if status.free_workers:
        return None
    if not status.here:
        text = Sentence("No worker is ready: they are loading modules, or end before their first job.")
        remedy = Sentence("data/logs/atro.log and data/logs/job-manager.log say why.")
        return Answer("noWorkerReady", text, remedy)
    runs = [
        Sentence(
            "{id} ({type}, for {time})",
            id=each.job_id,
            type=each.type,
            time=in_words((status.now - each.started_at).total_seconds()),
        )
        for each in status.here
        if each.started_at is not None
    ]
    remedy = Sentence("Wait, cancel one of them, or raise maxConcurrentWorkers in data/config.py.")
    text = Sentence("No worker is free. At work: {jobs}.", jobs=first_of(runs, _MOST_NAMED))
    return Answer("noWorkerFree", text, remedy)


def _reserved(case: JobCase) -> Answer | None:
    status, points = case.status, points_of(case.row["priority"])
    slots = Slots(
        *(status.most_workers, reservations_of(case.container.get("config"))),
        [points_of(each.priority) for each in status.here],
    )
    if slots.take(points):
        return None
    text = Sentence(
        "The free workers are reserved for jobs of a priority from {least} on; its own is {priority}.",
        least=f"{slots.least_priority:g}",
        priority=f"{points:g}",
    )
    remedy = Sentence("Wait for the end of another job, or change reservedWorkers in data/config.py.")
    return Answer("reserved", text, remedy)


def _database_busy(case: JobCase) -> Answer | None:
    turn = case.container.get("connection").turn
    if clock.wait_until(turn.try_acquire, _TURN_SECONDS):
        turn.release()
        return None
    text = Sentence("Somebody keeps a transaction open, and no job can start before its end.")
    if not case.status.here:
        return Answer("databaseBusy", text, Sentence("Is it a person in the sqlite3 shell, or a script?"))
    jobs = [
        Sentence("{id} ({type}, process {pid})", id=each.job_id, type=each.type, pid=each.pid)
        for each in case.status.here
    ]
    return Answer("databaseBusy", text, Sentence("Is it one of the running jobs? {jobs}.", jobs=joined(jobs, ", ")))


def _turn(case: JobCase) -> Answer | None:
    with case.container.get("connection").read() as connection:
        first = [each.job_id for each in case.container.get("jobQueue").candidates(connection, _MOST_BEFORE)]
    before = first.index(case.id) if case.id in first else len(first)
    if before < max(1, case.status.free_workers):
        return None
    text = Sentence(
        "{count} jobs are before it: those of higher priority, then those that have been due for longer.", count=before
    )
    if case.id not in first:
        text = Sentence(
            "At least {count} jobs are before it: those of higher priority, then those that have been due for longer.",
            count=before,
        )
    return Answer("turn", text, Sentence("Wait, or add it with a higher priority."))


def _schema_behind(case: JobCase) -> Answer | None:
    warnings = case.container.get("dataManager").warnings
    if not warnings:
        return None
    mend = Sentence('"python console.py check" says all of it; "sql diff --run" and "migrate" mend it.')
    text = Sentence("It is about to start, but: {warnings}", warnings=joined(warnings))
    return Answer("schemaBehind", text, mend)


#: In this order: what is first has to be put right first.
OBSTACLES = (
    *(no_job_manager, _failing, _paused, _paused_everywhere, _held_up),
    *(_no_worker, _reserved, _database_busy, _turn, _schema_behind),
)
