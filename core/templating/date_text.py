"""Dates and times as people and PHP write them: `2026-11-23`, `tomorrow noon`, `first day of next month`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from core.exceptions import Error
from core.templating.date_format import MONTHS

_FRIDAY = 4
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS = {
    "microsecond": timedelta(microseconds=1),
    "millisecond": timedelta(milliseconds=1),
    "msec": timedelta(milliseconds=1),
    "ms": timedelta(milliseconds=1),
    "second": timedelta(seconds=1),
    "sec": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "fortnight": timedelta(weeks=2),
}
_MONTHS_OF = {"month": 1, "mon": 1, "year": 12}
_STEPS = {"last": -1, "previous": -1, "this": 0, "next": 1}
_MONTH_NUMBERS = {name.lower(): number for number, name in enumerate(MONTHS, start=1)}
_MONTH_NUMBERS |= {name[:3]: number for name, number in _MONTH_NUMBERS.items()} | {"sept": 9}

_LONGEST = 200
_MONTH = "|".join(sorted(_MONTH_NUMBERS, key=len, reverse=True))
_DAY = "|".join(name for day in _DAYS for name in (day, day[:3]))
_UNIT = "|".join(sorted([*_UNITS, *_MONTHS_OF, "weekday"], key=len, reverse=True))


def parse_zone(name: str) -> tzinfo:
    """`Europe/Berlin`, `UTC`, `Z` or `+02:00`; Error for what is none."""
    if offset := re.fullmatch(r"([+-])(\d\d):?(\d\d)?", name):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes < 24 * 60:
            return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    if name.upper() in ("Z", "UTC", "GMT"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Error(f"There is no time zone '{name}'; Europe/Berlin, UTC and +02:00 are some.") from error


def parse_date(text: str, now: datetime) -> datetime:
    """The moment that a text says, in the zone of `now` unless it names one; Error for what says none."""
    reading = _Reading(now)
    rest = text.strip().lower()
    try:
        while rest and len(text) <= _LONGEST:
            rest = reading.read(rest)
        if not rest:
            return reading.moment()
    except (ValueError, OverflowError) as error:
        raise Error(f"'{text[:_LONGEST]}' is no date: {error}.") from error
    raise Error(f"'{text[:_LONGEST]}' is no date; 2026-11-23 10:20, 'tomorrow' and '+1 month' are some.")


def modify(moment: datetime, text: str) -> datetime:
    """The moment after a change such as `+1 day`, `next month` or `midnight`; Error for what is none."""
    return parse_date(text, moment)


class _Reading:
    """What has been read of a text so far: parts that are said, and steps to be made from there."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._moment = now
        self._has_date = self._has_time = False
        self._steps: list[Callable[[datetime], datetime]] = []

    def read(self, rest: str) -> str:
        """Take the first part of a text in small letters, and answer what is left; ValueError for what is unknown."""
        for pattern, take in PARTS:
            if match := pattern.match(rest):
                take(self, match)
                return rest[match.end() :].lstrip(" ,")
        raise ValueError(f"'{rest}' is not understood")

    def moment(self) -> datetime:
        """The moment that is said; of a date without a time its first one."""
        moment = self._moment
        if self._has_date and not self._has_time:
            moment = _midnight(moment)
        for step in self._steps:
            moment = step(moment)
        return moment

    def timestamp(self, match: re.Match[str]) -> None:
        self._moment = datetime.fromtimestamp(float(match["stamp"]), UTC)
        self._has_date = self._has_time = True

    def date(self, match: re.Match[str]) -> None:
        parts = match.groupdict()
        month = parts.get("month") or self._moment.month
        self._moment = self._moment.replace(
            year=int(parts.get("year") or self._moment.year),
            month=_MONTH_NUMBERS.get(str(month)) or int(month),
            day=int(parts.get("day") or 1),
        )
        self._has_date = True

    def time(self, match: re.Match[str]) -> None:
        parts = match.groupdict()
        hour = int(parts["hour"])
        if half := parts.get("half"):
            hour = hour % 12 + (12 if half[0] == "p" else 0)
        self._moment = self._moment.replace(
            hour=hour,
            minute=int(parts.get("minute") or 0),
            second=int(parts.get("second") or 0),
            microsecond=int((parts.get("fraction") or "0").ljust(6, "0")[:6]),
        )
        self._has_time = True

    def zone(self, match: re.Match[str]) -> None:
        name = match["zone"]
        self._moment = self._moment.replace(tzinfo=parse_zone("/".join(map(_zone_case, name.split("/")))))

    def word(self, match: re.Match[str]) -> None:
        word = match["word"]
        if word == "now":
            return
        days = {"tomorrow": 1, "yesterday": -1}.get(word, 0)
        self._moment = _midnight(self._moment) + timedelta(days=days)
        if word == "noon":
            self._moment = self._moment.replace(hour=12)
        self._has_time = True

    def amount(self, match: re.Match[str]) -> None:
        number = int(match["number"].replace(" ", ""))
        self._add(match["unit"], -number if match["ago"] else number)

    def step(self, match: re.Match[str]) -> None:
        self._add(match["unit"], _STEPS[match["step"]])

    def edge(self, match: re.Match[str]) -> None:
        """`first day of next month`: the month counts from its first day, so that it never runs over into another."""
        months = _STEPS.get(match["step"] or "", 0) * _MONTHS_OF.get(match["unit"] or "", 0)
        is_last = match["edge"] == "last"

        def to_edge(moment: datetime) -> datetime:
            first = _add_months(moment.replace(day=1), months)
            return _add_months(first, 1) - timedelta(days=1) if is_last else first

        self._steps.append(to_edge)

    def weekday(self, match: re.Match[str]) -> None:
        wanted = next(index for index, day in enumerate(_DAYS) if day.startswith(match["day"][:3]))
        step = match["step"]

        def to_day(moment: datetime) -> datetime:
            ahead = (wanted - moment.weekday()) % 7
            if step in ("last", "previous"):
                ahead -= 7
            if step == "next":
                ahead = ahead or 7
            return moment + timedelta(days=ahead)

        if not self._has_time:
            self._moment, self._has_time = _midnight(self._moment), True
        self._steps.append(to_day)

    def _add(self, unit: str, number: int) -> None:
        if unit == "weekday":
            self._steps.append(lambda moment: _add_weekdays(moment, number))
        elif unit in _MONTHS_OF:
            self._steps.append(lambda moment: _add_months(moment, number * _MONTHS_OF[unit]))
        else:
            self._steps.append(lambda moment: _add_time(moment, number * _UNITS[unit]))


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _add_months(moment: datetime, months: int) -> datetime:
    """A day that the month does not have runs over into the next one: a month after 31 January is 3 March."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=1) + timedelta(days=moment.day - 1)


def _add_weekdays(moment: datetime, days: int) -> datetime:
    """Days from Monday to Friday."""
    one_day = timedelta(days=1 if days > 0 else -1)
    while days and moment.weekday() > _FRIDAY:  # on Saturday the next weekday is that which follows Friday
        moment -= one_day
    weeks, left = divmod(abs(days), 5)
    moment += one_day * 7 * weeks
    while left:
        moment += one_day
        left -= moment.weekday() <= _FRIDAY
    return moment


def _add_time(moment: datetime, time: timedelta) -> datetime:
    """An hour later is an hour later, also where the clocks are changed meanwhile; a day later has the same time."""
    if time % timedelta(days=1):
        return (moment.astimezone(UTC) + time).astimezone(moment.tzinfo)
    return moment + time


def _zone_case(part: str) -> str:
    """`New_York` of `new_york`: the names of zones are written so."""
    return "_".join(word.capitalize() for word in part.split("_"))


def _part(pattern: str, take: Callable[[_Reading, re.Match[str]], None]) -> tuple[re.Pattern[str], Any]:
    return re.compile(pattern), take


_END = r"(?![a-z0-9])"
_SECONDS = r"(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)" + _SECONDS + r"(?: ?(?P<half>[ap]\.?m\.?)(?![a-z]))?"

#: In the order in which they are tried.
PARTS = [
    _part(r"@(?P<stamp>-?\d{1,12}(\.\d+)?)", _Reading.timestamp),
    _part(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)(?:t(?=\d))?", _Reading.date),
    _part(r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?!\d)", _Reading.date),
    _part(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})(?:/(?P<year>\d{4}))?(?!\d)", _Reading.date),
    _part(r"(?P<day>\d{1,2})[.-](?P<month>\d{1,2})[.-](?P<year>\d{4})(?!\d)", _Reading.date),
    _part(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:t(?=\d)|(?!\d))", _Reading.date),
    _part(_TIME, _Reading.time),
    _part(r"(?P<hour>\d{1,2}) ?(?P<half>[ap]\.?m\.?)" + _END, _Reading.time),
    _part(
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ .-]*(?P<month>{_MONTH})\.?(?:[ ,.-]+(?P<year>\d{{4}}))?" + _END,
        _Reading.date,
    ),
    _part(
        rf"(?P<month>{_MONTH})\.?[ -]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:[ ,-]+(?P<year>\d{{4}}))?" + _END,
        _Reading.date,
    ),
    _part(rf"(?P<month>{_MONTH})[ .-]+(?P<year>\d{{4}})" + _END, _Reading.date),
    _part(rf"(?P<edge>first|last) day of(?: (?P<step>{'|'.join(_STEPS)}) (?P<unit>month|year))?" + _END, _Reading.edge),
    _part(rf"(?P<number>[+-]? ?\d{{1,9}}) ?(?P<unit>{_UNIT})s?(?P<ago> ago)?" + _END, _Reading.amount),
    _part(rf"(?P<step>{'|'.join(_STEPS)}) (?P<unit>{_UNIT})s?" + _END, _Reading.step),
    _part(rf"(?:(?P<step>{'|'.join(_STEPS)}) )?(?P<day>{_DAY})" + _END, _Reading.weekday),
    _part(r"(?P<word>now|today|midnight|noon|tomorrow|yesterday)" + _END, _Reading.word),
    _part(r"(?P<zone>z|utc|gmt|[a-z]+/[a-z_]+(?:/[a-z_]+)?|[+-]\d\d:?\d\d|[+-]\d\d)" + _END, _Reading.zone),
]
