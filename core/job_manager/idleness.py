"""Why no job starts on this machine, as far as no single job is asked about: nobody runs jobs, or they are paused."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from core import clock
from core.container import Container
from core.job_manager.cron_seen import cron_seen_at
from core.job_manager.daemon_lock import DaemonLock
from core.job_manager.finding import Finding
from core.job_manager.pause import finding_of_machine, finding_of_type, read_pause
from core.job_queue.pause import EVERYTHING
from core.sentence import Sentence

#: A job manager that is well makes a round a second; who looks may be slow himself.
LATE_SECONDS = 5.0
_STARTING = timedelta(seconds=3)


def trouble_here(root: Path) -> Finding | None:
    """What keeps this machine's job manager from starting any job; None where nothing does."""
    topic, lock = "job manager", DaemonLock(root)
    if not lock.is_held():
        remedy = Sentence('"python console.py cron" starts it.')
        return Finding(topic, Sentence("No job manager is running."), remedy, is_error=True)
    holder = lock.holder()
    if holder is not None and holder.silent_seconds > LATE_SECONDS:
        seconds = f"{holder.silent_seconds:.0f} s"
        pid = holder.process.pid
        text = Sentence("The job manager (process {pid}) has made no round for {time}.", pid=pid, time=seconds)
        return Finding(topic, text, Sentence("Was it stopped? cron kills it after a minute."), is_error=True)
    if holder is not None and holder.failing_seconds > LATE_SECONDS:
        text = Sentence(
            "The job manager has got nothing done for {time}. {trouble}",
            time=f"{holder.failing_seconds:.0f} s",
            trouble=holder.trouble,
        )
        return Finding(topic, text, Sentence("It tries again every few seconds."), is_error=True)
    pause = read_pause(root)
    return None if pause is None else finding_of_machine(pause)


def pauses_by_type(container: Container, job_type: str | None) -> list[Finding]:
    """The pauses that are in the database: of everything, and of this type; without a type, of all types."""
    with container.get("connection").read() as connection:
        pauses = container.get("jobQueue").states.pauses(connection)
    wanted = pauses.keys() if job_type is None else {EVERYTHING, job_type}
    return [finding_of_type(*each) for each in sorted(pauses.items()) if each[0] in wanted]


def wait_for_start(root: Path) -> None:
    """Give the job manager that `cron` has started just now the moment that it takes to come up."""
    seen_at = cron_seen_at(root)
    if seen_at is not None and (left := (seen_at + _STARTING - clock.now()).total_seconds()) > 0:
        clock.wait_until(DaemonLock(root).is_held, left)
