"""What other rows in the table cost a drain."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

from benchmarks.drain import drain_once
from benchmarks.options import Options
from benchmarks.report import Figure, Report, Target

#: So many of each, unless the command line says how many.
ROWS = 1_000_000
LEAST = Target(0.8, "x the empty table's rate", is_least=True, of_ratio=True)
KINDS = {
    "backlog": "behind {:,} jobs that have ended",
    "future": "behind {:,} of a higher priority for later",
    "limited": "behind {:,} of a type at its limit",
}


def measure(options: Options) -> Report:
    """Drains an empty table, and tables with each kind of rows, in turns."""
    counts = {kind: getattr(options, kind) or ROWS for kind in KINDS}
    empty: list[float] = []
    behind: dict[str, list[float]] = {kind: [] for kind in KINDS}
    alone = replace(options, backlog=0, future=0, limited=0)
    for _ in range(options.runs):
        empty.append(drain_once(alone).by_watch)
        for kind, rates in behind.items():
            rates.append(drain_once(replace(alone, **{kind: counts[kind]})).by_watch)
    figures = [
        Figure(KINDS[kind].format(counts[kind]), "jobs/s", rates, raw_unit="jobs/s, empty table", target=LEAST).against(
            median(empty)
        )
        for kind, rates in behind.items()
    ]
    note = (
        f"{options.jobs:,} no-op jobs, {options.workers} workers, all blocked at the start; none of the others started."
    )
    return Report("behind", figures, [note], options.db)
