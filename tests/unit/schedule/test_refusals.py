"""What is refused, with field, reason and what to write instead."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.exceptions import InvalidSchedule
from core.schedule import Schedule


def refusal(expression: object, zone: object = "UTC") -> str:
    with pytest.raises(InvalidSchedule) as told:
        Schedule(expression, zone)  # type: ignore[arg-type]  # anything may come from a form
    return str(told.value)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "it is empty; write five fields: minute hour day-of-month month day-of-week, such as 0 2 * * *."),
        ("  ", "it is empty; write five fields: minute hour day-of-month month day-of-week, such as 0 2 * * *."),
        ("5", "it has 1 field; write five: minute hour day-of-month month day-of-week."),
        ("0 2 * *", "it has 4 fields; write five: minute hour day-of-month month day-of-week."),
        (
            "* * * * * *",
            "it has 6 fields; there are no seconds and no years, only minute hour day-of-month month day-of-week.",
        ),
        (
            "0 0 2 * * * 2027",
            "it has 7 fields; there are no seconds and no years, only minute hour day-of-month month day-of-week.",
        ),
        (
            "@reboot",
            "@reboot is not known; there are @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly.",
        ),
        (
            "@dayly",
            "@dayly is not known; there are @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly."
            " Did you mean '@daily'?",
        ),
        ("0 0 31 2 *", "day-of-month '31' never comes in month '2'; write L for the last day, or name other months."),
        (
            "0 0 30 FEB ?",
            "day-of-month '30' never comes in month 'FEB'; write L for the last day, or name other months.",
        ),
        (
            "0 0 31 4,6,9,11 *",
            "day-of-month '31' never comes in month '4,6,9,11'; write L for the last day, or name other months.",
        ),
    ],
)
def test_an_expression(expression: str, reason: str) -> None:
    assert refusal(expression) == f"Wrong crontab configuration '{expression}': {reason}"


@pytest.mark.parametrize(
    ("position", "text", "reason"),
    [
        (0, "60", "minute '60': 60 is out of range; it goes from 0 to 59."),
        (0, "5-99", "minute '5-99': 99 is out of range; it goes from 0 to 59."),
        (0, "1,99", "minute '99': 99 is out of range; it goes from 0 to 59."),
        (1, "24", "hour '24': 24 is out of range; it goes from 0 to 23."),
        (2, "0", "day-of-month '0': 0 is out of range; it goes from 1 to 31."),
        (2, "32W", "day-of-month '32W': 32 is out of range; it goes from 1 to 31."),
        (3, "0", "month '0': 0 is out of range; it goes from 1 to 12, or JAN to DEC."),
        (4, "8", "day-of-week '8': 8 is out of range; it goes from 0 to 7, or SUN to SAT."),
        (4, "8L", "day-of-week '8L': 8 is out of range; it goes from 0 to 7, or SUN to SAT."),
        (0, "a", "minute 'a': A is not known; it goes from 0 to 59."),
        (3, "June", "month 'June': JUNE is not known; it goes from 1 to 12, or JAN to DEC. Did you mean 'JUN'?"),
        (
            4,
            "wednesday",
            "day-of-week 'wednesday': WEDNESDAY is not known; it goes from 0 to 7, or SUN to SAT. Did you mean 'WED'?",
        ),
        (0, "*/0", "minute '*/0': the step is 0; write 1 or more."),
        (0, "1-9/0", "minute '1-9/0': the step is 0; write 1 or more."),
        (1, "5-3", "hour '5-3': the range goes backwards; write 5-23,0-3."),
        (1, "23-0", "hour '23-0': the range goes backwards; write 23,0."),
        (1, "22-4/2", "hour '22-4/2': the range goes backwards."),
        (4, "5-1", "day-of-week '5-1': the range goes backwards; write 5-7,1."),
        (4, "7-2", "day-of-week '7-2': the range goes backwards; write 7,1-2."),
        (4, "SAT-MON", "day-of-week 'SAT-MON': the range goes backwards; write SAT-SUN,MON."),
        (3, "NOV-FEB", "month 'NOV-FEB': the range goes backwards; write NOV-DEC,JAN-FEB."),
        (0, "5-5", "minute '5-5': the range has one value only; write 5, or * for all."),
        (4, "SUN-SUN", "day-of-week 'SUN-SUN': the range has one value only; write SUN, or * for all."),
        (4, "7-0", "day-of-week '7-0': the range has one value only; write 7, or * for all."),
        (
            2,
            "*/40",
            "day-of-month '*/40': */40 means the multiples of 40, and there is none from 1 to 31; "
            "write a smaller step, or 1/40 to begin with 1.",
        ),
        (0, "1,,2", "minute '1,,2': a comma has nothing before or behind it; leave it out."),
        (0, "1,", "minute '1,': a comma has nothing before or behind it; leave it out."),
        (0, "?", "minute '?': ? stands for * in day-of-month and day-of-week only; write *."),
        (2, "?,5", "day-of-month '?': ? stands alone; leave it or the others out."),
        (0, "H", "minute 'H': values by hash or by chance are not supported; write a number, such as 0."),
        (1, "H(0-7)/2", "hour 'H(0-7)/2': values by hash or by chance are not supported; write a number, such as 0."),
        (2, "R", "day-of-month 'R': values by hash or by chance are not supported; write a number, such as 1."),
        (
            2,
            "L-3",
            "day-of-month 'L-3': days counted from the end are not supported; write L for the last day, or a number.",
        ),
        (2, "W15", "day-of-month 'W15': the letter comes last; write 15W."),
        (4, "L", "day-of-week 'L': it does not say which day; write 5L for the last Friday."),
        (4, "L5", "day-of-week 'L5': the letter comes last; write 5L."),
        (4, "15W", "day-of-week '15W': W belongs to day-of-month, such as 15W or LW."),
        (4, "1#6", "day-of-week '1#6': there are at most five of a weekday in a month; write 1#1 to 1#5."),
        (4, "1#0", "day-of-week '1#0': there are at most five of a weekday in a month; write 1#1 to 1#5."),
        (4, "8#1", "day-of-week '8#1': 8 is out of range; it goes from 0 to 7, or SUN to SAT."),
        *(
            (
                position,
                text,
                f"{name} '{text}': this cannot be read; "
                "write *, a number, a range (a-b), a step (*/n), or several with commas.",
            )
            for position, name, text in [
                *((0, "minute", text) for text in ("-5", "*-5", "1.5", "5/", "*/", "1-2-3", "1/2/3", "٣", "*5", "L#")),
                *((1, "hour", text) for text in ("1#2", "=1")),
            ]
        ),
    ],
)
def test_a_field(position: int, text: str, reason: str) -> None:
    fields = ["*"] * 5
    fields[position] = text
    expression = " ".join(fields)

    assert refusal(expression) == f"Wrong crontab configuration '{expression}': {reason}"


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert refusal("60 5-3 L-3,32 JUNE L", "Berlin") == (
        "Wrong crontab configuration '60 5-3 L-3,32 JUNE L': minute '60': 60 is out of range; it goes from 0 to 59. "
        "hour '5-3': the range goes backwards; write 5-23,0-3. "
        "day-of-month 'L-3': days counted from the end are not supported; write L for the last day, or a number. "
        "day-of-month '32': 32 is out of range; it goes from 1 to 31. "
        "month 'JUNE': JUNE is not known; it goes from 1 to 12, or JAN to DEC. Did you mean 'JUN'? "
        "day-of-week 'L': it does not say which day; write 5L for the last Friday. "
        "The time zone 'Berlin' is not known. Did you mean Europe/Berlin?"
    )


def test_what_is_no_text() -> None:
    assert refusal(5) == "Wrong crontab configuration 5: it is no text; write one such as '0 2 * * *'."
    assert refusal(None) == "Wrong crontab configuration None: it is no text; write one such as '0 2 * * *'."


def test_what_is_far_too_long_is_not_read_nor_shown() -> None:
    assert refusal("0," * 5000) == (
        "Wrong crontab configuration '0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,...': "
        "it has 10000 characters; 1000 are the most."
    )


@pytest.mark.parametrize(
    ("zone", "near"),
    [
        ("Berlin", "Did you mean Europe/Berlin?"),
        ("europe/berlin", "Did you mean Europe/Berlin"),
        ("Europe/Berln", "Did you mean Europe/Berlin"),
        ("New York", "Did you mean America/New_York?"),
        ("Mars/Phobos", "Europe/Berlin and UTC are some."),
        ("", "Europe/Berlin and UTC are some."),
        ("../UTC", "Europe/Berlin and UTC are some."),
        ("localtime", "Europe/Berlin and UTC are some."),
        ("right/Europe/Berlin", "Did you mean Europe/Berlin?"),
        (None, "Europe/Berlin and UTC are some."),
        (1, "Europe/Berlin and UTC are some."),
    ],
)
def test_a_zone(zone: object, near: str) -> None:
    assert refusal("0 2 * * *", zone).startswith(f"The time zone '{zone}' is not known. {near}")


PARTS = (
    "*",
    "0",
    "1",
    "5",
    "7",
    "12",
    "31",
    "99",
    "/",
    "/2",
    "-",
    ",",
    "?",
    "L",
    "W",
    "LW",
    "#",
    "#2",
    "FEB",
    "mon",
    "R",
    "@",
)
fields = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("".join)
ordinary = st.sampled_from(["*", "0", "1-5", "*/2", "?"])


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(st.lists(fields | ordinary, min_size=5, max_size=5).map(" ".join) | st.text(max_size=20))
def test_whatever_is_written_has_a_next_time_or_a_refusal(expression: str) -> None:
    try:
        schedule = Schedule(expression)
    except InvalidSchedule as told:
        assert str(told).startswith(f"Wrong crontab configuration '{expression}': ")
        return

    assert schedule.next_after(datetime(2026, 1, 1, tzinfo=UTC))
    assert schedule.words and all(note.endswith(".") for note in schedule.notes)
