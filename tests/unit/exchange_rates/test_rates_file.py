"""Reading files of reference rates, good and bad ones."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from core.exceptions import Error
from modules.ExchangeRates.rates_file import Rate, RatesFile

GOOD = """\
Date,USD,CYP,JPY,
2026-10-30,1.1172,N/A,175.68,
2026-10-29,1.1,,175,
1999-01-04,1.1789,0.58231,133.73,
"""


def write(folder: Path, text: str, name: str = "rates.csv") -> RatesFile:
    path = folder / "rates.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, text)
    return RatesFile(path)


def fault(file: RatesFile, currency: str = "USD") -> str:
    with pytest.raises(Error) as caught:
        file.rates(currency)
    return str(caught.value).replace(str(file.path), "rates.zip")


def test_the_currencies_are_the_columns(tmp_path: Path) -> None:
    assert write(tmp_path, GOOD).currencies() == ["USD", "CYP", "JPY"]


def test_rates_come_oldest_first(tmp_path: Path) -> None:
    rates = write(tmp_path, GOOD).rates("USD")

    assert rates == [
        Rate(date(1999, 1, 4), 1.1789),
        Rate(date(2026, 10, 29), 1.1),
        Rate(date(2026, 10, 30), 1.1172),
    ]


def test_days_without_a_rate_are_left_out(tmp_path: Path) -> None:
    assert write(tmp_path, GOOD).rates("CYP") == [Rate(date(1999, 1, 4), 0.58231)]


def test_the_order_of_the_columns_does_not_matter(tmp_path: Path) -> None:
    file = write(tmp_path, "JPY , USD,Date\n133.73, 1.5 ,2020-01-02\n")

    assert file.rates("USD") == [Rate(date(2020, 1, 2), 1.5)]


def test_a_byte_order_mark_windows_line_ends_and_empty_lines_are_read_over(tmp_path: Path) -> None:
    file = write(tmp_path, "\ufeffDate,USD\r\n\r\n2020-01-02,1.5\r\n\r\n")

    assert file.rates("USD") == [Rate(date(2020, 1, 2), 1.5)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2020-01-02,abc", "line 3: 'abc' is no rate of USD"),
        ("2020-01-02,-1", "line 3: '-1' is no rate of USD"),
        ("2020-01-02,0", "line 3: '0' is no rate of USD"),
        ("2020-01-02,nan", "line 3: 'nan' is no rate of USD"),
        ("2020-01-02,inf", "line 3: 'inf' is no rate of USD"),
        ("2020-02-30,1.5", "line 3: '2020-02-30' is no date"),
        ("2020-01-02", "line 3: 1 cells where the first line has 2"),
        ("2020-01-01,1.5", "line 3: 2020-01-01 stands in the file twice"),
    ],
)
def test_a_bad_line_is_named_with_its_reason(tmp_path: Path, row: str, reason: str) -> None:
    file = write(tmp_path, f"Date,USD\n2020-01-01,1.5\n{row}\n")

    assert fault(file) == f"rates.zip, {reason}."


def test_a_bad_cell_of_another_currency_does_not_matter(tmp_path: Path) -> None:
    file = write(tmp_path, "Date,USD,JPY\n2020-01-01,1.5,abc\n")

    assert file.rates("USD") == [Rate(date(2020, 1, 1), 1.5)]


def test_many_bad_lines_are_counted(tmp_path: Path) -> None:
    file = write(tmp_path, "Date,USD\n" + "x,1\n" * 9)

    assert fault(file).endswith("line 6: 'x' is no date; and 4 more.")


def test_an_unknown_currency_is_named(tmp_path: Path) -> None:
    assert fault(write(tmp_path, GOOD), "XYZ") == "rates.zip has no currency XYZ."


def test_a_file_without_dates_is_refused(tmp_path: Path) -> None:
    assert "no column named Date" in fault(write(tmp_path, "USD,JPY\n1,2\n"))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "no column named Date" in fault(write(tmp_path, ""))


def test_a_currency_that_stands_in_the_header_twice_is_refused(tmp_path: Path) -> None:
    assert fault(write(tmp_path, "Date,USD,USD\n")) == "rates.zip has more than one column named USD."


def test_an_archive_without_a_table_is_refused(tmp_path: Path) -> None:
    assert fault(write(tmp_path, "", name="README")) == "rates.zip holds 0 CSV files; there should be one."


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    file = RatesFile(tmp_path / "rates.zip")
    file.path.write_text("<html>")

    assert fault(file) == "rates.zip cannot be read: File is not a zip file."


def test_text_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rates.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("rates.csv", "Date,USD\n\xe4,1\n".encode("latin-1"))

    assert "cannot be read" in fault(RatesFile(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert fault(RatesFile(tmp_path / "rates.zip")) == "There is no file rates.zip."
