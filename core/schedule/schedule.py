"""When a schedule fires."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice

from core import clock
from core.exceptions import InvalidSchedule
from core.schedule.notes import notes_of
from core.schedule.wall_times import WallTimes, wall_times_of
from core.schedule.words import Say, in_words
from core.schedule.zone_clock import ZoneClock, zone_clock_of
from core.schedule.zones import find_zone, zone_faults
from core.sentence import Sentence, joined

_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Schedule:
    """A cron expression on the clocks of a time zone; raises InvalidSchedule with all that is wrong.

    docs/schedules.md says what becomes of times of day that the clocks skip or show twice. Moments are aware; those
    that come out are in UTC.
    """

    expression: str
    zone: str = "UTC"
    _times: WallTimes = field(init=False, repr=False, compare=False)
    _clock: ZoneClock = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "_times", _judged(self.expression))
        except InvalidSchedule as error:
            raise InvalidSchedule(joined([error.args[0], *zone_faults(self.zone)]), field="scheduling") from error
        object.__setattr__(self, "_clock", zone_clock_of(find_zone(self.zone)))

    def next_after(self, moment: datetime) -> datetime | None:
        """The first fire that is later than the moment; None where none is left before the year 9999."""
        try:
            return self._next_after(_utc(moment))
        except OverflowError:  # the first and last days of Python's calendar
            return None

    def upcoming(self, moment: datetime, count: int) -> list[datetime]:
        """The next so many fires; fewer only at the end of the calendar."""
        return list(islice(self._fires(moment), count))

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """The fires that are later than `after` and not later than `until`, in order."""
        for fire in self._fires(after):
            if fire > until:
                return
            yield fire

    def latest_until(self, after: datetime, until: datetime) -> datetime | None:
        """The last fire that is later than `after` and not later than `until`, however many there are."""
        latest, until = None, _utc(until)
        fire = self.next_after(after)
        while fire is not None and fire <= until:
            latest = fire
            # Halve what is left until nothing fires in its later half; fires are whole seconds apart.
            while until - latest >= _SECOND:
                middle = latest + (until - latest) // 2
                fire = self.next_after(middle)
                if fire is not None and fire <= until:
                    break
                until = middle
            else:
                break
        return latest

    @property
    def words(self) -> str:
        """The expression in English, without the zone: `At 02:00 every day`."""
        return in_words(self._times.expression)

    def words_in(self, say: Say) -> str:
        """As `words`, in the language of `say`, which is asked for phrases: `say("Every {step} minutes", step=5)`."""
        return in_words(self._times.expression, say)

    @property
    def notes(self) -> list[Sentence]:
        """A sentence for each thing that may surprise, such as the next change of the clocks that it meets."""
        return notes_of(self._times, self.zone, self._clock, clock.now().replace(tzinfo=None))

    def _fires(self, moment: datetime) -> Iterator[datetime]:
        fire = self.next_after(moment)
        while fire is not None:
            yield fire
            fire = self.next_after(fire)

    def _next_after(self, moment: datetime) -> datetime | None:
        naive = moment.replace(tzinfo=None)
        for stretch in self._clock.stretches_from(naive):
            # A fixed time that is skipped is made up for at the start; one that was shown before does not count again.
            earliest = stretch.wall_start if self._times.expression.follows_real_time else stretch.reached
            if naive >= stretch.start:
                earliest = max(earliest, _next_minute(naive + stretch.offset))
            wall = self._times.first_from(earliest)
            if wall is None:
                return None
            fire = max(stretch.start, wall - stretch.offset)
            if fire < stretch.end:
                return fire.replace(tzinfo=UTC)
        return None


def _judged(expression: object) -> WallTimes:
    if not isinstance(expression, str):
        raise InvalidSchedule(
            Sentence(
                "Wrong crontab configuration {value}: it is no text; write one such as '0 2 * * *'.",
                value=repr(expression),
            )
        )
    return wall_times_of(expression)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"The moment {moment} has no time zone.")
    return moment.astimezone(UTC)


def _next_minute(wall: datetime) -> datetime:
    return wall.replace(second=0, microsecond=0) + _MINUTE
