"""Twig's `date` and `date_modify`; moments without a zone are UTC, and what is shown is, unless a zone is named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from core import clock
from core.exceptions import Error
from core.templating.date_format import format_duration, format_moment
from core.templating.date_text import modify, parse_date, parse_zone
from core.templating.php_values import is_numeric, shown, to_number, to_text

_FORMAT = "F j, Y H:i"
_DURATION_FORMAT = "%d days"


def format_date(value: Any, format: Any = None, timezone: Any = None) -> str:  # noqa: A002 - Twig's name for it
    """A moment by the letters of PHP's `date()`, a duration by those of its intervals."""
    if isinstance(value, timedelta):
        return format_duration(value, _DURATION_FORMAT if format is None else to_text(format))
    return format_moment(to_moment(value, timezone), _FORMAT if format is None else to_text(format))


def modify_date(value: Any, modifier: Any) -> datetime:
    """The moment after a change such as `+1 day`."""
    return modify(to_moment(value, False), to_text(modifier))


def to_moment(date: Any = None, timezone: Any = None) -> datetime:
    """An aware moment of a date, a text, a timestamp or null, which is now.

    In UTC, or another time zone; false leaves it in its own. Raises Error for what says no moment.
    """
    moment = _moment(date)
    zone = _zone(timezone)
    try:
        return moment if zone is None else moment.astimezone(zone)
    except OverflowError as error:
        raise Error(f"{shown(date)} is no date: {error}.") from error


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if value is None:
        return clock.now()
    if isinstance(value, int | float) or (isinstance(value, str) and is_numeric(value)):
        try:
            return datetime.fromtimestamp(to_number(value), UTC)
        except (OverflowError, ValueError, OSError) as error:
            raise Error(f"{shown(value)} is no timestamp: {error}.") from error
    if isinstance(value, str):
        return parse_date(value, clock.now())
    raise Error(f"{shown(value)} is no date.")


def _zone(timezone: Any) -> tzinfo | None:
    if timezone is False:
        return None
    if timezone is None:
        return UTC
    return timezone if isinstance(timezone, tzinfo) else parse_zone(to_text(timezone))
