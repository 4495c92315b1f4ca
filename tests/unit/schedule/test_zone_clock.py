"""How far clocks are from UTC, and what they have shown before."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from core.schedule.wall_times import wall_times_of
from core.schedule.zone_clock import Stretch, ZoneClock

HOUR = timedelta(hours=1)


class BackOnNewYearsEve(tzinfo):
    """Two hours before UTC until half an hour before the year ends there, one hour from then on."""

    CHANGE = datetime(2026, 12, 31, 23, 30)

    def fromutc(self, moment: datetime) -> datetime:
        is_later = moment.replace(tzinfo=None) >= self.CHANGE
        return (moment + (HOUR if is_later else 2 * HOUR)).replace(fold=int(is_later))

    def utcoffset(self, moment: datetime | None) -> timedelta:
        return HOUR if moment and moment.fold else 2 * HOUR

    def dst(self, moment: datetime | None) -> timedelta:
        return timedelta()

    def tzname(self, moment: datetime | None) -> str:
        return "new year"


def stretches(zone: tzinfo, start: datetime, count: int) -> list[Stretch]:
    return list(islice(ZoneClock(zone).stretches_from(start), count))


def test_stretches_follow_each_other_without_a_gap() -> None:
    found = stretches(ZoneInfo("Europe/Berlin"), datetime(2026, 3, 1), 20)

    assert found[0].start <= datetime(2026, 3, 1) < found[0].end
    assert all(earlier.end == later.start for earlier, later in pairwise(found))
    assert [each.start for each in found[1:3]] == [datetime(2026, 3, 29, 1), datetime(2026, 10, 25, 1)]
    assert [each.offset for each in found[:3]] == [HOUR, 2 * HOUR, HOUR]


def test_what_clocks_leave_out_and_what_they_repeat() -> None:
    before, spring, autumn, new_year = stretches(ZoneInfo("Europe/Berlin"), datetime(2026, 3, 1), 4)

    assert (before.is_gap, before.is_repeat, new_year.is_gap, new_year.is_repeat) == (False,) * 4
    assert (spring.is_gap, spring.reached, spring.wall_start.hour) == (True, datetime(2026, 3, 29, 2), 3)
    assert (autumn.is_repeat, autumn.reached, autumn.wall_start.hour) == (True, datetime(2026, 10, 25, 3), 2)


def test_what_was_shown_before_is_known_in_the_next_year() -> None:
    """Years are looked at one by one."""
    zone = BackOnNewYearsEve()
    repeated, new_year = stretches(zone, zone.CHANGE, 2)

    assert (repeated.reached, new_year.reached) == (datetime(2027, 1, 1, 1, 30),) * 2
    assert stretches(zone, datetime(2027, 1, 1), 1) == [new_year]
    assert wall_times_of("15 1 * * *").first_from(new_year.reached) == datetime(2027, 1, 2, 1, 15)
