"""`python -m benchmarks drain --jobs 20000 --workers 10`; `python -m benchmarks --help` lists the rest."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks import (
    behind,
    boot,
    drain,
    enqueue,
    fill,
    idle,
    isolation,
    latency,
    orm,
    panel,
    prune,
    rows,
    schedules,
    sleepers,
    speed,
)
from benchmarks.databases import DATABASES
from benchmarks.options import Options
from benchmarks.peers.environment import python_of_peers
from benchmarks.peers.standings import measure as measure_peers
from benchmarks.peers.standings import print_standings, standings_document
from benchmarks.report import print_documents, print_machine, print_report

BENCHMARKS = {
    "drain": [drain.measure],
    "behind": [behind.measure],
    "latency": [latency.measure],
    "enqueue": [enqueue.measure],
    "boot": [boot.measure],
    "idle": [idle.measure],
    "isolation": [isolation.measure],
    "sleepers": [sleepers.measure],
    "panel": [panel.measure],
    "rows": [rows.measure],
    "prune": [prune.measure],
    "orm": orm.measures(),
    "schedules": schedules.measures(),
}
#: What asks for the database; the others have one of each kind, or SQLite.
ON_ONE_DATABASE = ("drain", "behind", "latency", "enqueue", "sleepers", "panel", "rows", "prune")
#: So many, unless the command line says how many; short runs beside others have to be more.
RUNS = 3
ROWS = 1_000_000
RUNS_OF = {"orm": 5, "panel": panel.PAIRS, "prune": 1}

CHAOS = "`python -m benchmarks chaos` kills everything at random, and holds each job against what it wrote itself."

#: Beside the real database, so on its disk, and out of version control.
DATA = Path(__file__).parents[1] / "data"


def main() -> None:
    """Runs the benchmarks that the command line asks for, one after another."""
    if sys.argv[1:2] == ["chaos"]:  # measures nothing, and has options of its own
        from benchmarks.chaos.run import main as run_chaos  # starts servers as the tests do, and loads what they load

        sys.exit(run_chaos(sys.argv[2:]))
    words = parser().parse_args()
    if words.benchmark == "fill":
        run_fill(words)
        return
    folder = words.folder or DATA
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=folder) as place:
        options = options_of(words, Path(place))
        print_machine(options)
        if words.benchmark == "all":
            run_all(options, words)
            return
        if words.benchmark == "peers":
            run_peers(options, words.json)
            return
        reports = []
        for measure in BENCHMARKS[words.benchmark]:
            report = measure(options)
            print_report(report)
            reports.append(report)
    if words.json:
        print_documents(reports, options)


def options_of(words: argparse.Namespace, folder: Path) -> Options:
    """What the command line asks for."""
    return Options(
        *(
            words.jobs,
            words.workers,
            words.runs or RUNS_OF.get(words.benchmark, RUNS),
            words.seconds,
            words.synchronous,
            folder,
        ),
        *(
            words.db,
            words.backlog,
            words.future,
            words.limited,
            words.rows or (speed.MANY_ROWS if words.benchmark == "all" else ROWS),
        ),
    )


def run_all(options: Options, words: argparse.Namespace) -> None:
    """Measures what is to be reached, and prints one table."""
    options = speed.quick(options) if words.quick else options
    results = speed.run(speed.tasks(lambda: python_of_peers(DATA)), options)
    speed.print_results(results)
    if words.json:
        speed.print_as_json(results, options)


def run_fill(words: argparse.Namespace) -> None:
    """Makes an installation with many jobs that stays, or takes one away."""
    if words.folder is None:
        raise SystemExit("fill makes an installation that stays: name its folder with --folder.")
    folder = words.folder.resolve()
    if words.remove:
        fill.remove(folder)
        return
    fill.make(folder, options_of(words, folder), words.finished, words.pending)


def run_peers(options: Options, as_json: bool) -> None:
    """Drains all systems in turns, and prints the table."""
    standings = measure_peers(options, lambda: python_of_peers(DATA))
    print_standings(standings, options)
    if as_json:
        print(json.dumps(standings_document(standings, options)))


def parser() -> argparse.ArgumentParser:
    """What the command line may say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, epilog=CHAOS)
    parser.add_argument("benchmark", choices=[*BENCHMARKS, "peers", "fill", "all"])
    parser.add_argument("--jobs", type=int, default=20_000, help="jobs to drain, or to enqueue in bulk")
    parser.add_argument("--workers", type=int, default=10, help="maxConcurrentWorkers (4 to 50)")
    parser.add_argument("--runs", type=int, help="the figures are the medians of so many runs; 3, orm 5")
    parser.add_argument("--seconds", type=float, default=20, help="how long `idle`, `schedules` and `prune` look on")
    parser.add_argument("--synchronous", choices=["FULL", "NORMAL"], default="FULL", help="SQLite's durability")
    parser.add_argument("--db", choices=DATABASES, default="sqlite", help=f"for {', '.join(ON_ONE_DATABASE)}")
    parser.add_argument("--backlog", type=int, default=0, help="drain, behind: so many jobs that have ended beside")
    parser.add_argument("--future", type=int, default=0, help="drain: so many of a higher priority for later")
    parser.add_argument("--limited", type=int, default=0, help="drain: so many of a type that is at its limit")
    parser.add_argument("--rows", type=int, help=f"rows, prune: so many jobs; {ROWS:,}, all {speed.MANY_ROWS:,}")
    parser.add_argument("--quick", action="store_true", help="all: a short form, to see that everything works")
    parser.add_argument("--finished", type=int, default=10_000_000, help="fill: so many jobs that have ended")
    parser.add_argument("--pending", type=int, default=1_000_000, help="fill: so many that wait, half of them due")
    parser.add_argument("--remove", action="store_true", help="fill: take the installation in --folder away")
    parser.add_argument("--folder", type=Path, help="where the installations are made; data/ of the repository")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON document")
    return parser


if __name__ == "__main__":
    main()
