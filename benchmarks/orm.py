"""The data layer beside SQLAlchemy's ORM and Core, which do the same work on the same tables in the same run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Self

from sqlalchemy import Engine

from benchmarks.databases import TITLES, database
from benchmarks.options import Options
from benchmarks.orm_articles import ARTICLE, module_files, records
from benchmarks.orm_tables import empty, fill, make_engine, written
from benchmarks.orm_task import Scale, Task
from benchmarks.report import Figure, Report
from core.testing import Installation
from tests.databases import KINDS

REPOSITORY = Path(__file__).parents[1]
LISTS = 3


@dataclass(frozen=True)
class Way:
    """How a contender does a piece of work; `target` is what its ratio to ours has to reach."""

    contender: str
    piece: str
    called: str
    target: str = ""


@dataclass(frozen=True)
class Comparison:
    """What is done in turns; behind each of our ways stand those of SQLAlchemy that it is compared with."""

    samples: int
    unit: str
    ways: list[Way]


#: The samples of each way.
Round = dict[Way, list[float]]


def comparisons(scale: Scale) -> list[Comparison]:
    """What is measured, in this order."""
    limit = f"{min(scale.bulk, scale.middle):,}"
    return [
        Comparison(
            scale.samples,
            "µs",
            [
                Way("ours", "save", "save_entity"),
                Way("orm", "save", "ORM: session.add, commit", ">= 1.00"),
                Way("core", "save", "Core: insert, commit"),
            ],
        ),
        Comparison(
            1,
            "µs/row",
            [
                Way("ours", "save_all", f"save_entities, {scale.bulk:,}"),
                Way("orm", "save_all", "ORM: session.add_all, commit", ">= 2.00"),
                Way("orm", "insert_rows", "ORM: execute(insert(Article), rows)"),
                Way("core", "save_all", "Core: execute(insert(table), rows)"),
            ],
        ),
        Comparison(
            LISTS,
            "µs/row",
            [
                Way("ours", "find", f"find, {limit} rows"),
                Way("orm", "find", "ORM: scalars(select(Article)).all()", ">= 2.00"),
                Way("core", "find", "Core: execute(select(table)).all()"),
            ],
        ),
        Comparison(
            LISTS,
            "µs/row",
            [
                Way("ours", "find_and_read", f"find, {limit} rows, each value looked at"),
                Way("orm", "find_and_read", "ORM: scalars(select(Article)).all()"),
                Way("core", "find_and_read", "Core: execute(select(table)).all()"),
            ],
        ),
        Comparison(
            scale.samples,
            "µs",
            [
                Way("ours", "get", f"get_entity by id, of {scale.middle:,}"),
                Way("orm", "get", "ORM: session.get", ">= 1.00"),
                Way("core", "get", "Core: select"),
            ],
        ),
        Comparison(scale.samples, "µs", [way for size in scale.sizes for way in by_code(size)]),
    ]


def by_code(size: int) -> list[Way]:
    """Finding one record by an indexed field, in a table of this size."""
    piece = f"find_by_code_{size}"
    return [
        Way("ours", piece, f"find_one by an indexed field, of {size:,}"),
        Way("orm", piece, "ORM: scalars(select(Article)).first()", ">= 1.00"),
        Way("core", piece, "Core: select"),
    ]


def measures() -> list[Callable[[Options], Report]]:
    """One for each kind of database."""
    return [lambda options, kind=kind: measure(options, kind, Scale()) for kind in KINDS]


def measure(options: Options, kind: str, scale: Scale) -> Report:
    """All pieces of work on one kind of database; a report without figures where none answers."""
    title = f"orm on {TITLES[kind]}"
    with database(kind, options.folder) as url:
        if url is None:
            return Report(title, [], [f"Not measured, as no {TITLES[kind]} answers; README.md says how one is named."])
        return Report(title, figures(list(run(options, url, scale)), scale), NOTES, kind)


NOTES = [
    "Less is better. A ratio says how many times as long as ours that way takes: the median over all rounds.",
    "Making the objects is counted in. Each single save is a transaction, durable when it returns.",
]


def figures(rounds: list[Round], scale: Scale) -> list[Figure]:
    """The lines of the table."""
    lines = []
    for comparison in comparisons(scale):
        for way in comparison.ways:
            runs = [median(each[way]) for each in rounds]
            if way.contender == "ours":
                ours = way
                lines.append(Figure(way.called, comparison.unit, runs))
                continue
            ratio = median(times_as_long(each[way], each[ours]) for each in rounds)
            lines.append(Figure(f"  {way.called}", comparison.unit, runs, ratio=ratio, target=way.target))
    return [*lines, growth(rounds, scale)]


def times_as_long(theirs: list[float], ours: list[float]) -> float:
    """The median of the ratios of samples that were taken one after the other."""
    return median(their / our for their, our in zip(theirs, ours, strict=True))


def growth(rounds: list[Round], scale: Scale) -> Figure:
    """Our find_one in the largest table, in units of that in the smallest."""
    small, large = min(scale.sizes), max(scale.sizes)
    few, many = by_code(small)[0], by_code(large)[0]
    runs = [times_as_long(each[many], each[few]) for each in rounds]
    return Figure(f"find_one: {large:,} rows against {small:,}", "times", runs, target="flat: about 1")


def run(options: Options, url: str, scale: Scale) -> Iterator[Round]:
    """The rounds, in new tables of an installation."""
    with installation(options, url, scale) as place, connected(url, options.synchronous) as engine:
        fill(engine, scale)
        for turn in range(options.runs):
            yield run_once(Task(str(place.root), url, options.synchronous, scale), turn)
            check_written(engine, scale)
            empty(engine)


def run_once(task: Task, turn: int) -> Round:
    """One round: each contender in a new process. They take turns, so that what slows one slows the others as well.

    Who begins changes as well: the first of several bulk saves is slower, as the database makes room.
    """
    with ExitStack() as stack:
        processes = {name: stack.enter_context(ContenderProcess(name, task)) for name in ("ours", "orm", "core")}
        found: Round = {}
        for comparison in comparisons(task.scale):
            for number in range(1 + comparison.samples):
                for way in rotated(comparison.ways, turn + number):
                    found.setdefault(way, []).append(processes[way.contender].do(way.piece, number))
    # In the first one everything is done for the first time.
    return {way: samples[1:] for way, samples in found.items()}


def rotated(ways: list[Way], by: int) -> list[Way]:
    """The same in turns, another one first."""
    first = by % len(ways)
    return [*ways[first:], *ways[:first]]


class ContenderProcess:
    """A process that does what it is told; it is gone when the block ends."""

    def __init__(self, name: str, task: Task) -> None:
        self._name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.orm_run", name, task.to_json()],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, piece: str, number: int) -> float:
        """The microseconds of one sample."""
        print(piece, number, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The contender {self._name} ended at {piece}; its error stands above.")
        return float(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # the end of its input is the end of the process


def check_written(engine: Engine, scale: Scale) -> None:
    """Everybody has stored what was asked for, and nobody anything else."""
    quantities = [record["quantity"] for record in records(scale.bulk)]
    saves, bulk_saves = comparisons(scale)[:2]
    meant = len(saves.ways) * [each for k in range(1 + saves.samples) for each in scale.sample(quantities, k)]
    meant += len(bulk_saves.ways) * [*scale.bulk_sample(quantities, 0), *scale.bulk_sample(quantities, 1)]
    if written(engine) != (len(meant), sum(meant)):
        raise RuntimeError(f"{written(engine)} records and their sum were written, not {(len(meant), sum(meant))}.")


@contextmanager
def installation(options: Options, url: str, scale: Scale) -> Iterator[Installation]:
    """One with the entities of the benchmark, in empty tables."""
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=options.folder) as folder:
        place = Installation(Path(folder))
        place.add_module("Shop", module_files(scale))
        place.write_config(database={"url": url, "synchronous": options.synchronous})
        with place.application() as application:
            application.container.get("entityManager").get_repository(ARTICLE).count()  # the first use makes the tables
        yield place


@contextmanager
def connected(url: str, synchronous: str) -> Iterator[Engine]:
    """An engine for what is done around the measuring."""
    engine = make_engine(url, synchronous)
    try:
        yield engine
    finally:
        engine.dispose()
