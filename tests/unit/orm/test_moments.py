"""Moments as the drivers give them, in whatever form somebody has written them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pymysql.constants import FIELD_TYPE
from pymysql.converters import convert_datetime
from sqlalchemy.dialects import sqlite

from core.orm.backends import mariadb
from core.orm.column_types import Moment

MOMENT = datetime(2026, 11, 23, 10, 20, 30, 123456, UTC)
read: Any = Moment().result_processor(sqlite.dialect(), None)


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-11-23 10:20:30.123456", MOMENT),
        ("2026-11-23T10:20:30.123456", MOMENT),
        ("2026-11-23 10:20:30.123456+00:00", MOMENT),
        ("2026-11-23 10:20:30+002000", datetime(2026, 11, 23, 10, 0, 30, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        (datetime(2026, 11, 23, 10, 20, 30, 123456), MOMENT),
        (MOMENT.astimezone(timezone(timedelta(hours=5))), MOMENT),
        (None, None),
    ],
)
def test_a_moment_is_read_in_utc(given: Any, moment: datetime | None) -> None:
    found = read(given)

    assert found == moment
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize("given", ["no moment at all", "2026-11-23 10:20:99.123456", 17])
def test_what_is_no_moment_is_read_as_it_is(given: Any) -> None:
    assert read(given) == given


@pytest.mark.parametrize(
    "text",
    ["2026-11-23 10:20:30", "2026-11-23 10:20:30.1", "2026-11-23 10:20:30.123456", "0000-00-00 00:00:00", "2026-00-00"],
)
def test_on_mariadb_a_moment_is_what_the_driver_makes_of_it(text: str) -> None:
    assert mariadb._conversions()[FIELD_TYPE.DATETIME](text) == convert_datetime(text)
