"""What a benchmark found: a table for people, one document for scripts."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from benchmarks.options import Options


@dataclass(frozen=True)
class Target:
    """What a figure has to be, its median or (`of_ratio`) its ratio: at most the bound, or (`is_least`) at least."""

    bound: float
    unit: str
    is_least: bool = False
    of_ratio: bool = False

    def __str__(self) -> str:
        return f"{'>=' if self.is_least else '<='} {number(self.bound)} {self.unit}"


@dataclass(frozen=True)
class Figure:
    """One measured thing: the value of each run, and what it is held against.

    `ratio` is the median in units of the raw limit, as the benchmark defines them; None where there is none.
    """

    name: str
    unit: str
    runs: list[float]
    raw_limit: float | None = None
    raw_unit: str = "raw commits/s"
    ratio: float | None = None
    target: Target | str = ""

    @property
    def is_reached(self) -> bool | None:
        """Whether it is as its target says; None where that is not for a program to say."""
        if not isinstance(self.target, Target):
            return None
        value = self.ratio if self.target.of_ratio else self.median
        if value is None:
            return None
        return value >= self.target.bound if self.target.is_least else value <= self.target.bound

    @property
    def median(self) -> float:
        """The middle of the runs."""
        return median(self.runs)

    def against(self, raw_limit: float) -> Figure:
        """The same, with the ratio of its median to the raw limit."""
        return replace(self, raw_limit=raw_limit, ratio=self.median / raw_limit)


@dataclass(frozen=True)
class Report:
    """The figures of one benchmark; the first is the one that it is about. `notes` are sentences for people."""

    benchmark: str
    figures: list[Figure]
    notes: list[str] = field(default_factory=list)
    db: str = "sqlite"


def document(report: Report, options: Options) -> dict[str, Any]:
    """The report as one JSON document: the first figure's values, and all others under `more`."""
    first, others = report.figures[:1], report.figures[1:]
    return {
        "benchmark": report.benchmark,
        "db": report.db,
        "synchronous": options.synchronous,
        "jobs": options.jobs,
        "workers": options.workers,
        **(_figure(first[0]) if first else {}),
        "more": [{"name": figure.name, **_figure(figure)} for figure in others],
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "median": round(figure.median, 4),
        "unit": figure.unit,
        "runs": [round(value, 4) for value in figure.runs],
        "raw_limit": figure.raw_limit and round(figure.raw_limit, 4),
        "ratio": figure.ratio and round(figure.ratio, 3),
        "target": str(figure.target),
        "reached": figure.is_reached,
    }


def print_machine(options: Options) -> None:
    """Says where it is measured: figures of different machines are not to be compared."""
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {versions}, synchronous={options.synchronous}")
    print(f"installations in {options.folder}\n")


def print_report(report: Report) -> None:
    """The report as a table."""
    header = ["", "median", "unit", "runs", "raw limit", "ratio", "target", "reached"]
    print(report.benchmark)
    print_table([header, *(_row(figure) for figure in report.figures)])
    for note in report.notes:
        print(f"  {note}")
    print()


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Columns one below the other; what is shorter than the first row is a name, and a sentence that may be long."""
    whole = [row for row in rows if len(row) == len(rows[0])]
    widths = [max(len(row[column]) for row in whole) for column in range(len(rows[0]))]
    widths[0] = max(len(row[0]) for row in rows)
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())


def _row(figure: Figure) -> list[str]:
    return [
        figure.name,
        number(figure.median),
        figure.unit,
        " ".join(number(value) for value in figure.runs),
        "" if figure.raw_limit is None else f"{number(figure.raw_limit)} {figure.raw_unit}",
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        str(figure.target),
        said(figure.is_reached),
    ]


def said(is_reached: bool | None) -> str:
    """A word of a table."""
    return "" if is_reached is None else "yes" if is_reached else "NO"


def number(value: float) -> str:
    """Three or more digits that mean something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def print_documents(reports: list[Report], options: Options) -> None:
    """One line of JSON: the document of the only report, or all of them in one."""
    documents = [document(report, options) for report in reports]
    print(json.dumps(documents[0] if len(documents) == 1 else {"benchmark": "all", "reports": documents}))
