"""Every value comes through whole, or is named with its row and the reason."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.databases import MARIADB, POSTGRESQL, SQLITE
from tests.integration.database_copy.conftest import PAIRS, SQLITE_FIRST, Copying, article

WHOLE: dict[str, list[Any]] = {
    "name": ["", "x" * 20, "Ünïcödé 😀 漢字", " blanks ", 'It\'s "100%" \\ `q` %s', "\t\r\n", "é" * 20],
    "text": ["", "line\nline\r\n", "😀" * 5000, "\x01\x7f\x85\ufeff\uffff", "\\N \\. \\\\"],
    "count": [0, 1, -1, 2**31 - 1, -(2**31)],
    "price": [0.0, 0.1, 1 / 3, -1e308, 5e-324, 2.2250738585072014e-308, 1e22, 2.0**53 + 2, -1.2345678901234567e-100],
    "active": [True, False],
    "sold_on": [date(1, 1, 1), date(9999, 12, 31), date(2026, 2, 28)],
    "sold_at": [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, 0, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 123456, tzinfo=UTC),
    ],
    "more": ["{}", '{"a": 1.0,  "ä": "\\u0000", "b": [1, null]}', "not JSON at all"],
}
ROWS = [
    article(number, **{column: value})
    for number, (column, value) in enumerate((column, value) for column, values in WHOLE.items() for value in values)
]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_every_value_comes_through_whole(copying: Copying, source: str, target: str) -> None:
    copying.start(source, target)
    copying.source.insert(*ROWS)

    report = copying.copy()

    expected = [tuple(row.get(column.name) for column in copying.source.articles.columns) for row in ROWS]
    assert report.is_whole
    assert copying.source.rows() == copying.target.rows() == expected


@pytest.mark.parametrize("target", [SQLITE, POSTGRESQL, pytest.param(MARIADB, marks=pytest.mark.proof)])
def test_floats_keep_every_bit(copying: Copying, target: str) -> None:
    copying.start(SQLITE, target)
    copying.source.insert(*(article(number, price=price) for number, price in enumerate(WHOLE["price"])))

    copying.copy()

    bits = [struct.pack("d", price) for (price,) in copying.target.rows("price")]
    assert bits == [struct.pack("d", price) for price in WHOLE["price"]]


#: What bare SQL can put into a SQLite file: the assignment, and what is said of it.
UNFIT = {
    "name = 'a' || char(0) || 'b'": ("name", "holds a NUL character"),
    f"name = '{'x' * 21}'": ("name", "holds 21 characters, and has room for 20"),
    "name = x'ff00'": ("name", "holds b'\\xff\\x00', which is no text"),
    "name = CAST(x'61ff62' AS TEXT)": ("name", "holds bytes that are no UTF-8"),
    "text = CAST(x'eda080' AS TEXT)": ("text", "holds bytes that are no UTF-8"),
    "count = 'many'": ("count", "holds 'many', which is no whole number"),
    "count = 1.5": ("count", "holds 1.5, which is no whole number"),
    "count = 2147483648": ("count", "holds 2147483648, and has room for -2147483648 to 2147483647"),
    "price = 9e999": ("price", "holds inf, which is no finite number"),
    "price = 'cheap'": ("price", "holds 'cheap', which is no finite number"),
    "active = 2": ("active", "holds 2, which is neither true nor false"),
    "active = 'yes'": ("active", "holds 'yes', which is neither true nor false"),
    "sold_on = 'soon'": ("sold_on", "holds 'soon', which is no date"),
    "sold_on = 20261123": ("sold_on", "holds 20261123, which is no date"),
    "sold_at = 'soon'": ("sold_at", "holds 'soon', which is no moment"),
    "sold_at = '2026-13-01 00:00:00'": ("sold_at", "holds '2026-13-01 00:00:00', which is no moment"),
}


@pytest.mark.parametrize("assignment", UNFIT)
def test_what_does_not_fit_is_named_and_nothing_else_is_lost(copying: Copying, assignment: str) -> None:
    copying.start()
    copying.source.insert(article(1), article(2), article(3))
    copying.source.execute(f"UPDATE article SET {assignment} WHERE id = '000002'")

    report = copying.copy()

    column, reason = UNFIT[assignment]
    assert [(each.table, each.key, each.column, each.reason) for each in report.unfit] == [
        ("article", "000002", column, reason)
    ]
    assert not report.is_whole
    assert [result.missing for result in report.results if result.table == "article"] == [1]
    assert copying.target.rows("id") == [("000001",), ("000003",)]


@pytest.mark.parametrize(
    ("source", "assignment", "said"),
    [
        (POSTGRESQL, "sold_at = 'infinity'", "sold_at holds 'infinity', which is no moment"),
        (POSTGRESQL, "sold_at = '10000-01-01 UTC'", "sold_at holds '10000-01-01 00:00:00+00', which is no moment"),
        (POSTGRESQL, "sold_on = '0044-03-15 BC'", "sold_on holds '0044-03-15 BC', which is no date"),
        (POSTGRESQL, "price = 'NaN'", "price holds nan, which is no finite number"),
        (MARIADB, "sold_at = '0000-00-00'", "sold_at holds '0000-00-00 00:00:00.000000', which is no moment"),
        (MARIADB, "sold_on = '0000-00-00'", "sold_on holds '0000-00-00', which is no date"),
        (MARIADB, "active = 2", "active holds 2, which is neither true nor false"),
    ],
)
def test_what_servers_hold_and_we_have_not_is_named(copying: Copying, source: str, assignment: str, said: str) -> None:
    copying.start(source, SQLITE)
    copying.source.insert(article(1), article(2), article(3))
    allow = "SET SESSION sql_mode = ''" if source == MARIADB else "SELECT 1"
    copying.source.execute(allow, f"UPDATE article SET {assignment} WHERE id = '000002'")

    assert [str(each) for each in copying.copy().unfit] == [f"article '000002': {said}"]
    assert copying.target.rows("id") == [("000001",), ("000003",)]


def test_all_faults_of_a_row_are_named(copying: Copying) -> None:
    copying.start()
    copying.source.insert(article(1))
    copying.source.execute("UPDATE article SET count = 'a', price = 'b'")

    assert [str(each) for each in copying.copy().unfit] == [
        "article '000001': count holds 'a', which is no whole number",
        "article '000001': price holds 'b', which is no finite number",
    ]


@pytest.mark.parametrize("key", ["CAST(x'61ff' AS TEXT)", "CAST(x'ff' AS TEXT)", "x'61ff'", "x''"])
@pytest.mark.parametrize("target", SQLITE_FIRST)
def test_a_key_that_is_no_text_keeps_no_other_row_back(copying: Copying, key: str, target: str) -> None:
    copying.start(SQLITE, target)
    copying.source.insert(article(1), article(2), article(3, id="zzz"))
    copying.source.execute(f"UPDATE article SET id = {key} WHERE id = '000002'")

    report = copying.copy()

    assert len(report.unfit) == 1
    assert copying.target.rows("id") == [("000001",), ("zzz",)]


def test_a_required_value_that_is_missing_is_named(copying: Copying) -> None:
    copying.start()
    copying.source.execute(
        "DROP TABLE article",
        "CREATE TABLE article (id VARCHAR(36) PRIMARY KEY, active BOOLEAN, deleted BOOLEAN DEFAULT 0)",
        "INSERT INTO article (id) VALUES ('1')",
    )
    copying.source.make_tables()

    assert [str(each) for each in copying.copy().unfit] == ["article '1': active has no value (NULL), and needs one"]


@pytest.mark.parametrize("target", [POSTGRESQL, MARIADB])
def test_what_the_server_alone_refuses_is_named_with_its_reason(copying: Copying, target: str) -> None:
    # Given an index that the source could not be given, as two rows have the same name
    copying.start(SQLITE, target)
    copying.source.insert(article(1, name="twice"), article(2, name="once"), article(3, name="twice"))
    copying.target.make_tables()
    copying.target.execute("CREATE UNIQUE INDEX article_name ON article (name)")

    report = copying.copy()

    assert [(each.table, each.key, each.column) for each in report.unfit] == [("article", "000003", None)]
    assert "article_name" in report.unfit[0].reason
    assert copying.target.rows("name") == [("twice",), ("once",)]


def test_a_row_that_is_longer_than_mariadb_takes_is_named(copying: Copying) -> None:
    copying.start(SQLITE, MARIADB)
    with copying.target.database.read() as connection:
        most = int(connection.exec_driver_sql("SELECT @@max_allowed_packet").scalar_one())
    copying.source.insert(article(1, text="x" * most), article(2, text="y" * (most - 10_000)), article(3))

    report = copying.copy()

    assert [each.key for each in report.unfit] == ["000001"]
    assert "max_allowed_packet" in report.unfit[0].reason
    assert copying.target.rows("id") == [("000002",), ("000003",)]


@pytest.mark.parametrize("target", [SQLITE, POSTGRESQL, pytest.param(MARIADB, marks=pytest.mark.proof)])
def test_moments_as_bare_sql_writes_them_are_the_same_moments(copying: Copying, target: str) -> None:
    copying.start(SQLITE, target)
    copying.source.insert(article(1), article(2))
    copying.source.execute(
        "UPDATE article SET sold_at = '2026-11-23 10:20:30' WHERE id = '000001'",
        "UPDATE article SET sold_at = '2026-11-23T11:20:30.5+01:00' WHERE id = '000002'",
    )

    assert copying.copy().is_whole
    moments = [moment for (moment,) in copying.target.rows("sold_at")]
    assert moments == [datetime(2026, 11, 23, 10, 20, 30, part, tzinfo=UTC) for part in (0, 500_000)]


def test_many_rows_that_do_not_fit_end_the_copy(copying: Copying) -> None:
    copying.start()
    copying.source.insert(*(article(number) for number in range(3000)))
    copying.source.execute("UPDATE article SET count = 'a'")

    report = copying.copy()

    assert report.results == []
    assert not report.is_whole
    assert 1000 < len(report.unfit) < 3000
