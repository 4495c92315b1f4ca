"""Moments and durations by the letters of PHP's `date()`: `d.m.Y H:i`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from core.templating.limits import allow_text

#: What one letter becomes at most.
_LONGEST = 32
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def format_moment(moment: datetime, letters: str) -> str:
    """An aware moment as the letters say; a letter behind a backslash stands for itself. Names are English."""

    allow_text(len(letters) * _LONGEST)

    def fill(match: re.Match[str]) -> str:
        if match[1]:
            return match[1]
        show = LETTERS.get(match[0])
        return match[0] if show is None else str(show(moment))

    return re.sub(r"\\(.)|.", fill, letters, flags=re.DOTALL)


def format_duration(duration: timedelta, letters: str) -> str:
    """A duration by the letters behind `%`: `d` and `a` days, `h` hours, `i` minutes, `s` seconds, `R` its sign."""
    seconds = abs(duration) // timedelta(seconds=1)
    hours, minutes = seconds // 3600 % 24, seconds // 60 % 60
    is_negative = duration < timedelta()
    parts: dict[str, Any] = {
        "%": "%",
        "a": seconds // 86400,
        "d": seconds // 86400,
        "D": f"{seconds // 86400:02}",
        "h": hours,
        "H": f"{hours:02}",
        "i": minutes,
        "I": f"{minutes:02}",
        "s": seconds % 60,
        "S": f"{seconds % 60:02}",
        "f": abs(duration).microseconds,
        "F": f"{abs(duration).microseconds:06}",
        "R": "-" if is_negative else "+",
        "r": "-" if is_negative else "",
        # A duration between two moments is kept in days: it has no months and years.
        "m": 0,
        "M": "00",
        "y": 0,
        "Y": "0000",
    }
    return re.sub(r"%(.)", lambda match: str(parts.get(match[1], match[0])), letters)


def _ordinal(day: int) -> str:
    if day in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _days_of_month(moment: datetime) -> int:
    first = moment.replace(day=1)
    return ((first + timedelta(days=32)).replace(day=1) - first).days


def _is_leap_year(moment: datetime) -> int:
    year = moment.year
    return int(year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


def _offset(moment: datetime, colon: str = "") -> str:
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02}{colon}{minutes:02}"


def _zone(moment: datetime) -> str:
    key = getattr(moment.tzinfo, "key", None)
    return str(key) if key else "UTC" if moment.tzinfo is UTC else _offset(moment, ":")


def _abbreviation(moment: datetime) -> str:
    name = moment.tzname() or ""
    return name if name.isalpha() else _offset(moment, ":")


def _swatch_beats(moment: datetime) -> str:
    time = moment.astimezone(UTC) + timedelta(hours=1)
    return f"{(time.hour * 3600 + time.minute * 60 + time.second) * 10 // 864:03}"


LETTERS: dict[str, Callable[[datetime], Any]] = {
    "d": lambda moment: f"{moment.day:02}",
    "D": lambda moment: _DAYS[moment.weekday()][:3],
    "j": lambda moment: moment.day,
    "l": lambda moment: _DAYS[moment.weekday()],
    "N": lambda moment: moment.isoweekday(),
    "S": lambda moment: _ordinal(moment.day),
    "w": lambda moment: moment.isoweekday() % 7,
    "z": lambda moment: moment.timetuple().tm_yday - 1,
    "W": lambda moment: f"{moment.isocalendar().week:02}",
    "F": lambda moment: MONTHS[moment.month - 1],
    "m": lambda moment: f"{moment.month:02}",
    "M": lambda moment: MONTHS[moment.month - 1][:3],
    "n": lambda moment: moment.month,
    "t": _days_of_month,
    "L": _is_leap_year,
    "o": lambda moment: moment.isocalendar().year,
    "Y": lambda moment: f"{moment.year:04}",
    "y": lambda moment: f"{moment.year % 100:02}",
    "a": lambda moment: "am" if moment.hour < 12 else "pm",
    "A": lambda moment: "AM" if moment.hour < 12 else "PM",
    "B": _swatch_beats,
    "g": lambda moment: moment.hour % 12 or 12,
    "G": lambda moment: moment.hour,
    "h": lambda moment: f"{moment.hour % 12 or 12:02}",
    "H": lambda moment: f"{moment.hour:02}",
    "i": lambda moment: f"{moment.minute:02}",
    "s": lambda moment: f"{moment.second:02}",
    "u": lambda moment: f"{moment.microsecond:06}",
    "v": lambda moment: f"{moment.microsecond // 1000:03}",
    "e": _zone,
    "I": lambda moment: int(bool(moment.dst())),
    "O": _offset,
    "P": lambda moment: _offset(moment, ":"),
    "p": lambda moment: "Z" if not moment.utcoffset() else _offset(moment, ":"),
    "T": _abbreviation,
    "Z": lambda moment: int((moment.utcoffset() or timedelta()).total_seconds()),
    "c": lambda moment: format_moment(moment, "Y-m-d\\TH:i:sP"),
    "r": lambda moment: format_moment(moment, "D, d M Y H:i:s O"),
    "U": lambda moment: int(moment.timestamp() // 1),
}
