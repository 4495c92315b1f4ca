"""What the job manager does at the moment, by one look, and what in it should worry a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core import __version__, clock
from core.container import Container
from core.exceptions import AtroError, MetadataError
from core.job_manager.cron_seen import CRONTAB, cron_seen_at, why_not_kept
from core.job_manager.daemon_lock import DaemonLock, Holder
from core.job_manager.finding import Finding
from core.job_manager.heartbeat import says_our_name
from core.job_manager.held_up import HeldUp, Restraints
from core.job_manager.idleness import LATE_SECONDS
from core.job_manager.machines import Machine, look_at_machines, worries_about
from core.job_manager.pause import read_pause
from core.job_manager.stopped_schedules import finding_of as finding_of_stopped
from core.job_queue.backlog import MOST_COUNTED, Backlog, HeldRow, NextFire, StoppedSchedule, Waiting, total
from core.job_queue.counters import Count
from core.job_queue.nodes import Nodes
from core.job_queue.pause import Pause
from core.job_queue.process_identity import is_living
from core.orm.database import DATABASE_ERRORS
from core.sentence import Sentence, verbatim
from core.terminal.duration import in_words

_NEXT_SCHEDULES = 5
_MOST_STOPPED = 100
# Loading modules and forking takes a moment.
_STARTING_SECONDS = 30.0
# A due job starts within milliseconds where a worker is free.
_WAITING_SECONDS = 300.0


@dataclass(frozen=True)
class Rows:
    """What the database says."""

    due: Sequence[Waiting] = ()
    later: int = 0
    held: Sequence[HeldRow] = ()
    next_fires: Sequence[NextFire] = ()
    last_hour: Sequence[Count] = ()
    restraints: Restraints = field(default_factory=Restraints)
    machines: Sequence[Machine] = ()
    stopped: Sequence[StoppedSchedule] = ()


@dataclass(frozen=True)
class Status:
    """One look. `rows` is None where no rows can be read, and `trouble` says why."""

    now: datetime
    root: Path
    node: str
    most_workers: int
    is_running: bool
    holder: Holder | None
    pause: Pause | None
    cron_seen_at: datetime | None
    not_kept: Sentence | None
    rows: Rows | None
    trouble: Finding | None = None
    idle: Finding | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Whether a job manager is at work here: what a dead process has left it closes within two seconds."""
        holder = self.holder
        return holder is not None and max(holder.silent_seconds, holder.failing_seconds) <= LATE_SECONDS

    @property
    def since(self) -> datetime | None:
        """When the job manager was started."""
        if self.holder is None:
            return None
        return self.now - timedelta(seconds=self.holder.loaded_seconds)

    @property
    def here(self) -> list[HeldRow]:
        """The rows that processes of this machine hold."""
        return [each for each in self.held if each.node == self.node]

    @property
    def elsewhere(self) -> list[HeldRow]:
        """Those that processes of other machines hold."""
        return [each for each in self.held if each.node != self.node]

    @property
    def pause_everywhere(self) -> Pause | None:
        """What pauses the job managers of all machines."""
        return self.rows.restraints.everywhere if self.rows else None

    @property
    def held_up(self) -> list[HeldUp]:
        """The types that cannot start jobs now."""
        return [*self.rows.restraints.of_types()] if self.rows else []

    @property
    def machines(self) -> Sequence[Machine]:
        """The machines that share the database; none on SQLite."""
        return self.rows.machines if self.rows else ()

    def silent_machine(self, node: str) -> Machine | None:
        """The machine of this name, where its job manager was seen once and is not any more."""
        return next((each for each in self.machines if each.name == node and each.said and each.is_silent), None)

    @property
    def free_workers(self) -> int:
        """How many jobs could start now, as far as workers go."""
        ready = 0 if self.holder is None else self.holder.workers
        most = self.most_workers if ready is None else min(ready, self.most_workers)
        return max(0, most - len(self.here))

    def to_dict(self) -> dict[str, Any]:
        """For JSON; times in ISO 8601, durations in seconds."""
        holder = self.holder
        return {
            "jobManager": {
                "running": self.is_running,
                "pid": holder and holder.process.pid,
                "since": _iso(self.since),
                "secondsSinceLastRound": holder and round(holder.silent_seconds, 1),
                "secondsWithoutSuccess": holder and round(holder.failing_seconds, 1),
                "version": holder and holder.version,
                "startedByCron": holder and holder.is_from_cron,
            },
            "paused": self.pause and self.pause.to_dict(),
            "pausedEverywhere": self.pause_everywhere and self.pause_everywhere.to_dict(),
            "cronSeenAt": _iso(self.cron_seen_at),
            "heldUp": [each.to_dict() for each in self.held_up],
            "workers": {
                "most": self.most_workers,
                "ready": holder and holder.workers,
                "free": self.free_workers,
                "running": [_run(each) for each in self.here],
            },
            "machines": [each.to_dict() for each in self.machines],
            "elsewhere": [{"node": each.node, **_run(each)} for each in self.elsewhere],
            "backlog": None if self.rows is None else _backlog(self.rows),
            "lastHour": None if self.rows is None else [_count(each) for each in self.rows.last_hour],
            "nextSchedules": [_fire(each) for each in self.rows.next_fires] if self.rows else [],
            "warnings": [str(each) for each in self.findings],
        }

    @property
    def held(self) -> Sequence[HeldRow]:
        """The rows that processes of all machines hold."""
        return self.rows.held if self.rows else ()


def look(container: Container, root: Path, idle: Finding | None) -> Status:
    """What is the case now; `idle` says why no job starts, where none does."""
    lock = DaemonLock(root)
    holder = lock.holder()
    rows, trouble = _read_rows(container)
    status = Status(
        now=clock.now(),
        root=root,
        node=container.get("jobQueue").node if rows else "",
        most_workers=container.get("config").max_concurrent_workers,
        is_running=holder is not None or lock.is_held(),
        holder=holder,
        pause=read_pause(root),
        cron_seen_at=cron_seen_at(root),
        not_kept=why_not_kept(root, holder),
        rows=rows,
        trouble=trouble,
        idle=idle,
    )
    status.findings.extend(_findings(status))
    return status


def _read_rows(container: Container) -> tuple[Rows | None, Finding | None]:
    now = clock.now()
    try:
        database, is_alone = container.get("connection"), container.get("config").is_on_sqlite
        backlog, queue = Backlog(database, container.get("schema")), container.get("jobQueue")
        with database.read() as connection:
            held = backlog.held(connection)
            rows = Rows(
                due=backlog.due(connection, now),
                later=backlog.later(connection, now),
                held=held,
                next_fires=backlog.next_fires(connection, _NEXT_SCHEDULES),
                stopped=backlog.stopped(connection, _MOST_STOPPED),
                last_hour=queue.counters.last_hour(connection, now),
                restraints=Restraints(
                    *(queue.types.limited, queue.states.pauses(connection)),
                    *(queue.limits.rooms(connection, now), held),
                ),
                machines=() if is_alone else look_at_machines(database, Nodes(database, container.get("schema"))),
            )
        return rows, None
    except DATABASE_ERRORS as error:
        return None, _trouble("database", Sentence("The database cannot be read: {error}", error=_ended(error)))
    except AtroError as error:  # broken settings or metadata: the rest is to be seen
        return None, _trouble("metadata" if isinstance(error, MetadataError) else "settings", verbatim(_ended(error)))


def _trouble(topic: str, text: Sentence) -> Finding:
    return Finding(topic, text, Sentence('"python console.py check" says more.'), is_error=True)


def _ended(error: Exception) -> str:
    text = str(error)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _findings(status: Status) -> Iterator[Finding]:
    topic, holder = "job manager", status.holder
    if status.trouble is not None:
        yield status.trouble
    if status.idle is not None and not (status.pause and status.is_well):
        yield status.idle
    if status.not_kept is not None:
        yield Finding("cron", status.not_kept, CRONTAB, is_error=True)
    if holder is not None and holder.version not in (None, __version__):
        text = Sentence(
            "The job manager is version {version}, the files are {own}.", version=holder.version, own=__version__
        )
        yield Finding(topic, text, Sentence('"python console.py kill daemons" and cron start it anew.'))
    if holder is not None and holder.root and Path(holder.root) != status.root:
        text = Sentence(
            "The job manager runs the code in {folder}, and this is {own}.", folder=holder.root, own=status.root
        )
        remedy = Sentence(
            'Was a link changed just now? It follows within seconds. Else "python console.py kill daemons" and cron.'
        )
        yield Finding(topic, text, remedy)
    if holder is not None and holder.outdated:
        remedy = Sentence(
            "It goes on with what it has loaded, and tries again after a minute, or when the files change."
        )
        yield Finding(topic, verbatim(holder.outdated), remedy, is_error=True)
    if holder is not None and holder.workers == 0 and holder.loaded_seconds > _STARTING_SECONDS:
        text = Sentence("The job manager has no worker that is ready.")
        yield Finding(topic, text, Sentence("data/logs/atro.log says why."), is_error=True)
    if holder is not None and holder.namesake:
        remedy = Sentence("docs/databases.md tells more, under Several machines.")
        yield Finding(topic, says_our_name(holder.namesake, status.node), remedy, is_error=True)
    yield from worries_about(status.machines, status.node)
    for row in status.here:
        if not status.is_well and not is_living(row.process):
            text = Sentence(
                "The job {id} ({type}) is {status}, but its process {pid} is gone.",
                id=row.job_id,
                type=row.type,
                status=row.status,
                pid=row.pid,
            )
            yield Finding("jobs", text, Sentence('"python console.py cron" closes it.'), is_error=True)
    if status.rows is not None and status.rows.stopped:
        yield finding_of_stopped(status.rows.stopped)
    oldest_at = _oldest_at(status)
    if status.idle is None and status.free_workers and oldest_at is not None:
        seconds = (status.now - oldest_at).total_seconds()
        if seconds > _WAITING_SECONDS:
            text = Sentence("A job has been due for {time} though a worker is free.", time=in_words(seconds))
            remedy = Sentence('"python console.py job list --status=Pending" has its id, "job why <id>" the reason.')
            yield Finding("jobs", text, remedy)


def _oldest_at(status: Status) -> datetime | None:
    """Of the jobs that nothing but the job manager keeps waiting, as far as that is known by their types."""
    if status.rows is None or status.pause_everywhere is not None:
        return None
    limited = status.rows.restraints.rooms.by_type
    moments = [each.oldest_at for each in status.rows.due if each.oldest_at is not None and each.type not in limited]
    return min(moments, default=None)


def _backlog(rows: Rows) -> dict[str, Any]:
    count = total(rows.due)
    return {
        "due": min(count, MOST_COUNTED),
        "later": min(rows.later, MOST_COUNTED),
        "isDueCapped": count > MOST_COUNTED,
        "isLaterCapped": rows.later > MOST_COUNTED,
        "types": [{"type": each.type, "due": each.count, "oldestDueAt": _iso(each.oldest_at)} for each in rows.due],
    }


def _run(row: HeldRow) -> dict[str, Any]:
    return {
        "pid": row.pid,
        "jobId": row.job_id,
        "type": row.type,
        "status": row.status,
        "since": _iso(row.started_at),
    }


def _count(count: Count) -> dict[str, Any]:
    return {"type": count.type, "status": count.status, "count": count.count, "seconds": round(count.seconds, 3)}


def _fire(fire: NextFire) -> dict[str, Any]:
    return {"id": fire.schedule_id, "name": fire.name, "type": fire.type, "nextFireTime": _iso(fire.fire_time)}


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else clock.to_iso(moment)
