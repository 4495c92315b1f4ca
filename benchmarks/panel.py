"""What ten tabs of the panel that somebody looks at cost the job manager."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from statistics import median

from benchmarks.drain import drain_once
from benchmarks.options import Options
from benchmarks.report import Figure, Report, Target
from benchmarks.tabs import Tabs
from core.testing import Installation
from tests.acceptance.web.serving import PASSWORD, serving

#: What is open; each tab is a session of its own.
PAGES = ("/",) * 4 + ("/Job",) * 4 + ("/workers", "/Job?status=Running")
#: So short runs, beside others, have to be more than three.
PAIRS = 5
LEAST = Target(0.9, "x without", is_least=True, of_ratio=True)


def measure(options: Options) -> Report:
    """Drains with the tabs and without them, in turns; the ratio is the median of those of the pairs."""
    pairs: list[tuple[float, float]] = []
    asked: list[str] = []
    for number in range(options.runs):
        # Who is first is not always the same: what the machine does beside comes and goes.
        for with_tabs in (number % 2 == 0, number % 2 != 0):
            if with_tabs:
                beside, tabs = _drain_beside_tabs(options)
                asked.append(f"{tabs.refreshes} parts refreshed, {tabs.events} events")
            else:
                alone = drain_once(options).by_watch
        pairs.append((beside, alone))
    figure = Figure(
        *(f"drain beside {len(PAGES)} tabs", "jobs/s", [beside for beside, _ in pairs]),
        raw_unit="jobs/s without",
        target=LEAST,
    )
    without = median(alone for _, alone in pairs)
    ratio = median(beside / alone for beside, alone in pairs)
    notes = [
        f"{options.jobs:,} no-op jobs, {options.workers} workers; with tabs and without in turns. "
        f"Ratios of the pairs: {', '.join(f'{beside / alone:.2f}' for beside, alone in pairs)}.",
        f"The tabs: {'; '.join(asked)}.",
    ]
    return Report("panel", [replace(figure, raw_limit=without, ratio=ratio)], notes, options.db)


def _drain_beside_tabs(options: Options) -> tuple[float, Tabs]:
    opened: list[Tabs] = []

    @contextmanager
    def tabs_of(installation: Installation) -> Iterator[None]:
        installation.console("user", "add", "anna", "--admin", input=f"{PASSWORD}\n")
        with serving(installation) as (address, _), Tabs(address, "anna", PASSWORD, PAGES) as tabs:
            opened.append(tabs)
            yield

    rate = drain_once(options, tabs_of).by_watch
    if not opened[0].events:
        raise RuntimeError("The tabs were told nothing.")
    return rate, opened[0]
