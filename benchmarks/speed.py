"""`python -m benchmarks all`: one table of what is to be reached."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks import behind, drain, enqueue, idle, isolation, latency, panel, rows, sleepers
from benchmarks.databases import DATABASES, TITLES
from benchmarks.options import Options
from benchmarks.peers import standings
from benchmarks.report import Figure, Report, document, number, print_table, said
from tests.databases import SQLITE, answering_server

#: For `rows`, where the command line says nothing.
MANY_ROWS = 10_000_000


@dataclass(frozen=True)
class Task:
    """One benchmark on one kind of database; None: it sees to that itself."""

    name: str
    db: str | None
    measure: Callable[[Options], Report]

    @property
    def title(self) -> str:
        """What its rows begin with."""
        return f"{self.name}, {TITLES[DATABASES[self.db]]}" if self.db else self.name


@dataclass(frozen=True)
class Result:
    """What came of it; `fault` says why there is no report."""

    task: Task
    report: Report | None
    fault: str = ""


def tasks(find_python: standings.FindPython) -> list[Task]:
    """In this order. `find_python` answers the Python of the peers."""
    return [
        *(Task("drain", db, drain.measure) for db in DATABASES),
        Task("peers", None, lambda options: peers(options, find_python)),
        *(Task("latency", db, latency.measure) for db in ("sqlite", "postgres")),
        Task("sleepers", "sqlite", sleepers.measure),
        Task("enqueue", "sqlite", enqueue.measure),
        *(Task("drain", db, behind.measure) for db in ("sqlite", "postgres")),
        *(Task("rows", db, rows.measure) for db in DATABASES),
        Task("isolation", "sqlite", isolation.measure),
        Task("idle", "sqlite", idle.measure),
        *(Task("panel", db, panel_in_pairs) for db in ("sqlite", "postgres")),
    ]


def peers(options: Options, find_python: standings.FindPython) -> Report:
    """Ours and the other job systems, once: the ratios that are to be reached."""
    found = standings.measure(replace(options, runs=1), find_python)
    standings.print_standings(found, options)
    return Report("peers", standings.figures(found), [each.fault for each in found if each.fault])


def panel_in_pairs(options: Options) -> Report:
    """As many as it has by itself, at least; one in the short form."""
    return panel.measure(replace(options, runs=max(options.runs, panel.PAIRS)) if options.runs > 1 else options)


def quick(options: Options) -> Options:
    """A short form, to see that everything works: the figures say little."""
    small = replace(options, jobs=2_000, runs=1, seconds=5, rows=200_000)
    return replace(small, backlog=50_000, future=50_000, limited=50_000)


def run(todo: Sequence[Task], options: Options) -> list[Result]:
    """All of them, one after another; what cannot be measured says why."""
    results = []
    for task in todo:
        print(f"{task.title}...", flush=True)
        results.append(_result(task, replace(options, db=task.db or options.db)))
    return results


def _result(task: Task, options: Options) -> Result:
    kind = DATABASES[options.db]
    if kind != SQLITE and answering_server(kind) is None:
        return Result(task, None, f"NOT MEASURED: no {TITLES[kind]} answers")
    try:
        return Result(task, task.measure(options))
    except (RuntimeError, TimeoutError) as error:
        return Result(task, None, f"NO FIGURE: {error}")


def print_results(results: Sequence[Result]) -> None:
    """A line for each figure that has to reach something, and for each task without one."""
    lines = [["", "figure", "to reach", "beside", "reached"]]
    for result in results:
        if result.report is None:
            lines.append([result.task.title, result.fault])
            continue
        lines += [_line(result.task, each) for each in result.report.figures if each.is_reached is not None]
        if result.task.name == "peers":
            lines += [["peers", fault] for fault in result.report.notes]
    print()
    print_table(lines)


def _line(task: Task, figure: Figure) -> list[str]:
    ratio = "" if figure.ratio is None else f" ({figure.ratio:.2f} x)"
    beside = "" if figure.raw_limit is None else f"{number(figure.raw_limit)} {figure.raw_unit}"
    name = f"{task.title}: {figure.name.strip()}"
    return [name, f"{number(figure.median)} {figure.unit}{ratio}", str(figure.target), beside, said(figure.is_reached)]


def print_as_json(results: Sequence[Result], options: Options) -> None:
    """One line."""
    documents = [
        {"task": each.task.title, "fault": each.fault, **(document(each.report, options) if each.report else {})}
        for each in results
    ]
    print(json.dumps({"benchmark": "all", "reports": documents}))
