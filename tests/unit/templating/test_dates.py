"""`date`, `date_modify` and the function `date`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from core.exceptions import Error
from core.templating.date_text import parse_date
from tests.unit.templating.conftest import Render

#: A Monday.
NOW = datetime(2026, 11, 23, 10, 20, 30, 123456, UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-11-23 10:20:30.123456"),
        ("today", "2026-11-23 00:00:00"),
        ("midnight", "2026-11-23 00:00:00"),
        ("tomorrow noon", "2026-11-24 12:00:00"),
        ("yesterday 14:05", "2026-11-22 14:05:00"),
        ("2026-01-31", "2026-01-31 00:00:00"),
        ("2026-1-3 8:05", "2026-01-03 08:05:00"),
        ("2026-01-31T10:20:30.5Z", "2026-01-31 10:20:30.500000"),
        ("2026-01-31 10:20:30+02:00", "2026-01-31 08:20:30"),
        ("2026-07-01 10:00 Europe/Berlin", "2026-07-01 08:00:00"),
        ("2026-01-01 10:00 America/New_York", "2026-01-01 15:00:00"),
        ("2026/01/31", "2026-01-31 00:00:00"),
        ("1/31/2026", "2026-01-31 00:00:00"),
        ("31.1.2026 14:05", "2026-01-31 14:05:00"),
        ("31-01-2026", "2026-01-31 00:00:00"),
        ("20260131", "2026-01-31 00:00:00"),
        ("31 January 2026", "2026-01-31 00:00:00"),
        ("Jan 31st, 2026 5pm", "2026-01-31 17:00:00"),
        ("12 am January 2027", "2027-01-01 00:00:00"),
        ("@86400", "1970-01-02 00:00:00"),
        ("+1 day", "2026-11-24 10:20:30.123456"),
        ("-2days", "2026-11-21 10:20:30.123456"),
        ("+1 week 2 days 4 hours 2 seconds", "2026-12-02 14:20:32.123456"),
        ("3 months ago", "2026-08-23 10:20:30.123456"),
        ("2026-01-31 +1 month", "2026-03-03 00:00:00"),
        ("2024-02-29 +1 year", "2025-03-01 00:00:00"),
        ("next month", "2026-12-23 10:20:30.123456"),
        ("last year", "2025-11-23 10:20:30.123456"),
        ("first day of next month", "2026-12-01 10:20:30.123456"),
        ("last day of last month midnight", "2026-10-31 00:00:00"),
        ("first day of this month 08:00", "2026-11-01 08:00:00"),
        ("monday", "2026-11-23 00:00:00"),
        ("next monday", "2026-11-30 00:00:00"),
        ("last monday", "2026-11-16 00:00:00"),
        ("friday 9:30", "2026-11-27 09:30:00"),
        ("next sat", "2026-11-28 00:00:00"),
        ("+5 weekdays", "2026-11-30 10:20:30.123456"),
        ("-1 weekday", "2026-11-20 10:20:30.123456"),
        ("2026-11-28 +5 weekdays", "2026-12-04 00:00:00"),
        ("2026-03-29 00:30 Europe/Berlin +2 hours", "2026-03-29 01:30:00"),
        ("2026-03-28 12:00 Europe/Berlin +1 day", "2026-03-29 10:00:00"),
    ],
)
def test_texts_that_are_dates(text: str, moment: str) -> None:
    assert parse_date(text, NOW).astimezone(UTC) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["garbage", "last day of february", "2026-13-01", "2026-02-30", "25:00", "+1 dya", "+999999999 years", "x" * 300],
)
def test_texts_that_are_none(render: Render, text: str) -> None:
    with pytest.raises(Error, match="is no date"):
        render("{{ text|date }}", text=text)


@pytest.mark.parametrize(
    ("letters", "text"),
    [
        ("d D j l N S w z", "03 Sat 3 Saturday 6 rd 6 2"),
        ("W F m M n t L", "01 January 01 Jan 1 31 0"),
        ("o Y y", "2026 2026 26"),
        ("a A g G h H i s u v", "pm PM 2 14 02 14 05 09 000123 000"),
        ("e I O P p T Z", "Europe/Berlin 0 +0100 +01:00 +01:00 CET 3600"),
        ("c | r | U", "2026-01-03T14:05:09+01:00 | Sat, 03 Jan 2026 14:05:09 +0100 | 1767445509"),
        (r"jS \o\f F", "3rd of January"),
        ("B", "586"),
    ],
)
def test_the_letters_of_a_format(render: Render, letters: str, text: str) -> None:
    moment = datetime(2026, 1, 3, 13, 5, 9, 123, UTC)

    assert render("{{ moment|date(letters, 'Europe/Berlin') }}", moment=moment, letters=letters) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ moment|date }}", "November 23, 2026 10:20"),
        ("{{ day|date('d.m.Y H:i') }} {{ '2026-11-23'|date('d.m.') }}", "23.11.2026 00:00 23.11."),
        ("{{ 0|date('c') }} {{ '86400'|date('Y-m-d') }} {{ -1.5|date('H:i:s') }}",
         "1970-01-01T00:00:00+00:00 1970-01-02 23:59:58"),
        ("{{ moment|date('H:i', 'Asia/Kolkata') }} {{ moment|date('H:i', '+02:00') }}", "15:50 12:20"),
        ("{{ '2026-11-23 10:00+02:00'|date('H:i P') }} {{ '2026-11-23 10:00+02:00'|date('H:i P', false) }}",
         "08:00 +00:00 10:00 +02:00"),
        ("{{ moment|date_modify('+1 day')|date('Y-m-d') }} {{ moment|date_modify('midnight')|date('H:i') }}",
         "2026-11-24 00:00"),
        ("{{ date('2026-11-23') < date('2026-11-24') }} {{ date(moment) == moment }} {{ date(day) < moment }}",
         "1 1 1"),
        ("{{ date('2026-11-23', 'Europe/Berlin')|date('H:i', false) }}", "01:00"),
        ("{{ null|date('Y') > '2020' }} {{ date()|date('Y') > 2020 }}", "1 1"),
        ("{{ duration|date }} {{ duration|date('%a %h:%I:%S %R') }}", "2 days 2 3:04:05 +"),
        ("{{ (date('2026-11-25') - date('2026-11-23'))|date }}", "2 days"),
        ("{{ moment }} {{ day }} {{ moment + duration }}", "2026-11-23 10:20:30 2026-11-23 2026-11-25 13:24:35"),
        ("{{ moment.year }}", "2026"),
    ],
)  # fmt: skip
def test_dates_in_templates(render: Render, template: str, text: str) -> None:
    duration = timedelta(days=2, hours=3, minutes=4, seconds=5)

    assert render(template, moment=NOW, day=date(2026, 11, 23), duration=duration) == text


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{{ moment|date('Y', 'Europe/Atlantis') }}", "There is no time zone 'Europe/Atlantis'"),
        ("{{ [1]|date }}", "a sequence is no date."),
        ("{{ 1e300|date }}", "is no timestamp"),
        ("{{ moment|date_modify('sideways') }}", "'sideways' is no date"),
        ("{{ moment * 2 }}", "datetime is not a number."),
        ("{{ moment * moment }}", "Moments and durations cannot be used with '*'."),
        ("{{ moment + moment }}", "Moments and durations that do not fit"),
    ],
)
def test_what_is_wrong_is_said(render: Render, template: str, error: str) -> None:
    with pytest.raises(Error, match=re.escape(error)):
        render(template, moment=NOW)
