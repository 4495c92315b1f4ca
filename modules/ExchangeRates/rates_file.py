"""Reads `eurofxref-hist.zip`: the European Central Bank's reference rates, one line a day, one column a currency."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, NamedTuple

from core.exceptions import Error

#: What stands in a cell on a day without a rate: the currency did not exist yet, or not any more.
NO_RATE = frozenset({"", "N/A"})
#: The real file unpacks to 2 MB; more than this is not that file.
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
#: So many bad lines are named; one can guess the rest.
SHOWN_FAULTS = 5


class Rate(NamedTuple):
    """What one euro cost on a day, in units of a currency."""

    day: date
    value: float


class RatesFile:
    """One file of reference rates. Raises Error with file, line and reason where it is not as it should be."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def currencies(self) -> list[str]:
        """The codes of all currencies, in the order of the file."""
        with self._open() as stream:
            return [name for name in self._header(csv.reader(stream)) if name not in {"Date", ""}]

    def rates(self, currency: str) -> list[Rate]:
        """All rates of one currency, the oldest first; days without a rate are left out."""
        with self._open() as stream:
            rows = csv.reader(stream)
            header = self._header(rows)
            if currency not in header:
                raise Error(f"{self.path} has no currency {currency}.")
            rates: dict[date, float] = {}
            faults: list[str] = []
            for row in rows:
                try:
                    rate = parse_row(row, header, currency)
                    if rate and rate.day in rates:
                        raise ValueError(f"{rate.day} stands in the file twice")
                except ValueError as error:
                    faults.append(f"line {rows.line_num}: {error}")
                    continue
                if rate:
                    rates[rate.day] = rate.value
        if faults:
            more = f"; and {len(faults) - SHOWN_FAULTS} more" if len(faults) > SHOWN_FAULTS else ""
            raise Error(f"{self.path}, {'; '.join(faults[:SHOWN_FAULTS])}{more}.")
        return [Rate(day, rates[day]) for day in sorted(rates)]

    def _header(self, rows: Iterator[list[str]]) -> list[str]:
        header = [name.strip() for name in next(rows, [])]
        if "Date" not in header:
            raise Error(f"{self.path} has no column named Date in its first line: it is no file of rates.")
        twice = sorted({name for name in header if name and header.count(name) > 1})
        if twice:
            raise Error(f"{self.path} has more than one column named {', '.join(twice)}.")
        return header

    @contextmanager
    def _open(self) -> Iterator[IO[str]]:
        try:
            with zipfile.ZipFile(self.path) as archive:
                tables = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".csv")]
                if len(tables) != 1:
                    raise Error(f"{self.path} holds {len(tables)} CSV files; there should be one.")
                if tables[0].file_size > MAX_UNPACKED_BYTES:
                    raise Error(
                        f"{self.path} unpacks to {tables[0].file_size} bytes: it is no file of reference rates."
                    )
                with archive.open(tables[0]) as stream:
                    yield io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        except FileNotFoundError as error:
            raise Error(f"There is no file {self.path}.") from error
        except (OSError, zipfile.BadZipFile, UnicodeDecodeError, csv.Error) as error:
            raise Error(f"{self.path} cannot be read: {error}.") from error


def parse_row(row: list[str], header: list[str], currency: str) -> Rate | None:
    """One line's rate of a currency, None where it has none. Raises ValueError with the reason if it cannot be read."""
    if not any(cell.strip() for cell in row):
        return None
    if len(row) != len(header):
        raise ValueError(f"{len(row)} cells where the first line has {len(header)}")
    day_text, text = row[header.index("Date")].strip(), row[header.index(currency)].strip()
    try:
        day = date.fromisoformat(day_text)
    except ValueError:
        raise ValueError(f"{day_text!r} is no date") from None
    return None if text in NO_RATE else Rate(day, parse_value(text, currency))


def parse_value(text: str, currency: str) -> float:
    """A rate as it is written; it is a finite number above zero."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{text!r} is no rate of {currency}")
    return value
