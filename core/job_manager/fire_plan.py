"""What a schedule's fire times come to: which get a job, and which one is waited for."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from functools import lru_cache

from core.job_queue.schedules import OVER, Plan, ScheduleRow
from core.schedule import Schedule

#: A fire time that is further back was missed: nobody made the schedules due meanwhile.
MISSED_SECONDS = 60
#: Of those that were missed `catchUp: all` makes up for no more.
MOST_CAUGHT_UP = 100
_MOMENT = timedelta(microseconds=1)
_WINDOWS = tuple(timedelta(days=days) for days in (1 / 24, 1, 31, 366))


def first_plan(row: ScheduleRow, zone: str, last_fire: datetime | None, now: datetime) -> Plan:
    """The first fire time of a schedule that has none, after the last one for which it had a job.

    Raises InvalidSchedule where its expression or zone cannot be.
    """
    since = min(row.moment("counts_from") or now, now)
    # Old jobs are deleted: where none is left, that of each fire time until the last plan has been.
    done = last_fire or row.moment("planned_at")
    after = since if done is None else max(since, min(done, now))
    fire = _next(row, _schedule(row, zone), after)
    return Plan(row, zone, () if fire is None else (fire,), fire, _end(row, fire))


def next_plan(row: ScheduleRow, zone: str, now: datetime) -> Plan:
    """What follows the fire time that has come; of what was missed meanwhile `catchUp` says what is made up for.

    Computed from that fire time, not from the clock. Raises InvalidSchedule where expression or zone cannot be.
    """
    schedule, former = _schedule(row, zone), row.moment("next_fire_time") or now
    following = _next(row, schedule, max(former, now))
    made = () if following is None else (following,)
    return Plan(row, zone, (*_caught_up(row, schedule, former, now), *made), following, _end(row, following))


def is_missed(row: ScheduleRow, now: datetime) -> bool:
    """Whether the job of the fire time that has come is too late to be wanted."""
    former = row.moment("next_fire_time")
    return row.values["catch_up"] == "none" and former is not None and former < now - _missed()


def _caught_up(row: ScheduleRow, schedule: Schedule, former: datetime, now: datetime) -> list[datetime]:
    """Fire times after `former`, until now, that get a job though they are over."""
    if row.values["catch_up"] == "last":  # the job of the former fire time is the one that makes up for all
        return []
    after = former if row.values["catch_up"] == "all" else max(former, now - _missed())
    until = min(now, row.moment("ends_at") or now)
    for window in _WINDOWS:  # a schedule of each minute that was away for a year has half a million
        fires = deque(schedule.between(max(after, until - window), until), maxlen=MOST_CAUGHT_UP)
        if len(fires) == MOST_CAUGHT_UP or until - window <= after:
            return list(fires)
    return list(deque(schedule.between(after, until), maxlen=MOST_CAUGHT_UP))


def _next(row: ScheduleRow, schedule: Schedule, after: datetime) -> datetime | None:
    starts_at, ends_at = row.moment("starts_at"), row.moment("ends_at")
    fire = schedule.next_after(after if starts_at is None else max(after, starts_at - _MOMENT))
    return None if fire is None or (ends_at is not None and fire > ends_at) else fire


def _end(row: ScheduleRow, fire: datetime | None) -> str | None:
    if fire is not None:
        return None
    ends_at = row.moment("ends_at")
    return f"{OVER} no fire time is left{f' before {ends_at:%Y-%m-%d %H:%M:%S} UTC (endsAt)' if ends_at else ''}."


def _missed() -> timedelta:
    return timedelta(seconds=MISSED_SECONDS)


def _schedule(row: ScheduleRow, zone: str) -> Schedule:
    return schedule_of(str(row.values["scheduling"]), zone)


@lru_cache(maxsize=2048)
def schedule_of(expression: str, zone: str) -> Schedule:
    """A schedule; many have the same expression."""
    return Schedule(expression, zone)
